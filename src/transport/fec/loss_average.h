// How much a path loses, and whether that goes on.
#pragma once

#include <cstdint>
#include <optional>

#include "conclave/time.h"
#include "transport/feedback.h"

namespace conclave::transport::fec {

/// Of the last seconds, from what the receiving end reports; older losses weigh less.
class LossAverage {
 public:
  void note(const PathReport& report, Time now);
  /// Of what was sent, 0 to 1.
  [[nodiscard]] double share() const { return sent_ > 0 ? lost_ / sent_ : 0; }
  /// Some two in a hundred or more are lost, and have been for a while.
  [[nodiscard]] bool lossy() const { return lossy_; }
  /// So many that sound is worth being said twice.
  [[nodiscard]] bool very_lossy() const { return very_lossy_; }

 private:
  std::optional<PathReport> last_;
  Time noted_{};
  double sent_ = 0;
  double lost_ = 0;
  std::optional<Time> since_;
  bool lossy_ = false;
  bool very_lossy_ = false;
};

}  // namespace conclave::transport::fec
