// A pace with bursts.
#pragma once

#include <algorithm>

#include "conclave/time.h"
#include "relay/limits.h"

namespace conclave::relay {

/// Grants `Pace::per_second` on average and `Pace::burst` at once. Starts full.
class TokenBucket {
 public:
  explicit TokenBucket(Pace pace) : pace_(pace), tokens_(pace.burst) {}

  /// Takes `amount`, or nothing and false.
  [[nodiscard]] bool take(Time now, double amount = 1) {
    if (now > filled_) {
      const double seconds = std::chrono::duration<double>(now - filled_).count();
      tokens_ = std::min(pace_.burst, tokens_ + seconds * pace_.per_second);
      filled_ = now;
    }
    if (tokens_ < amount) return false;
    tokens_ -= amount;
    return true;
  }

 private:
  Pace pace_;
  double tokens_;
  Time filled_{};
};

}  // namespace conclave::relay
