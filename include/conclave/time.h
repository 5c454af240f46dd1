// Time is an argument: nothing below `runtime` reads a clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace conclave {

using Duration = std::chrono::microseconds;

/// The monotonic time line of one process or one simulation. It has no `now()` on purpose.
struct Timeline {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  static constexpr bool is_steady = true;
};

/// A point on the time line, in microseconds since an arbitrary start.
using Time = std::chrono::time_point<Timeline, Duration>;

/// "Never": the deadline of somebody who waits for nothing.
inline constexpr Time never = Time::max();

/// Seconds since 1970-01-01 00:00 UTC, as in lifetimes of key packages. Wall time, handed in by the caller.
struct UnixSeconds {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(UnixSeconds, UnixSeconds) = default;
};

}  // namespace conclave
