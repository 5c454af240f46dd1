// What a knock costs who knocks: nothing in peace, and more the more come at once.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "relay/limits.h"

namespace conclave::relay {

/// The same for every room, open or not: a price of its own would say that a room exists.
class WorkPrice {
 public:
  /// Somebody says Hello: the bits that its knock has to show.
  [[nodiscard]] std::uint8_t visit(Time now, const Limits& limits) {
    constexpr double half_life = 5;  // s
    level_ *= std::exp2(-std::chrono::duration<double>(now - last_).count() / half_life);
    last_ = now;
    level_ += 1;
    if (level_ <= limits.free_visits) return 0;
    const double bits = first_bits + 2 * std::log2(level_ / std::max(1.0, limits.free_visits));
    return static_cast<std::uint8_t>(std::min<double>(limits.work_bits, bits));
  }

 private:
  static constexpr double first_bits = 8;
  double level_ = 0;  ///< visits, each worth half after a while
  Time last_{};
};

}  // namespace conclave::relay
