// When to play what a sender captured: one clock for its sound and its picture, so that both stay in step.
#pragma once

#include <array>
#include <optional>

#include "conclave/time.h"

namespace conclave::media {

/// How long after the fastest packet a frame is played. This one is fixed; an adaptive one takes its place here, fed by
/// the same calls.
class PlayoutDelay {
 public:
  explicit PlayoutDelay(Duration fixed) : fixed_(fixed) {}

  /// A frame took `excess` longer than the fastest one of late.
  void observe(Duration excess, Time arrival) {
    (void)excess;
    (void)arrival;
  }
  [[nodiscard]] Duration value() const { return fixed_; }

 private:
  Duration fixed_;
};

/// Maps the capture clock of one sender to ours: a frame is played at its capture time + the least (arrival − capture)
/// of the last half minute + the playout delay. The half minute lets it follow clocks that drift and paths that change.
class PlayoutClock {
 public:
  static constexpr Duration window = std::chrono::seconds(15);  ///< two of them are looked at

  explicit PlayoutClock(PlayoutDelay delay) : delay_(delay) {}

  /// Notes an authenticated frame of this sender, sound or picture.
  void observe(Time capture, Time arrival);

  /// When to play what was captured at `capture`; `never` before the first `observe`.
  [[nodiscard]] Time playout_time(Time capture) const;

  /// The least (arrival − capture) of late: the one-way delay where both ends share a clock.
  [[nodiscard]] std::optional<Duration> fastest_transit() const;
  [[nodiscard]] Duration delay() const { return delay_.value(); }

 private:
  PlayoutDelay delay_;
  std::array<std::optional<Duration>, 2> least_;  ///< of this window and of the one before
  Time window_start_{};
};

}  // namespace conclave::media
