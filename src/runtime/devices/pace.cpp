#include "runtime/devices/pace.h"

namespace conclave::runtime {

Time CaptureStart::fix(Time now) {
  Duration::rep start = 0;
  const auto wanted = now.time_since_epoch().count();
  return start_.compare_exchange_strong(start, wanted) ? now : Time(Duration(start));
}

Time CaptureStart::due(Duration offset, Time now) {
  const Time start = fix(now);
  const Duration late = now - (start + offset);
  if (late < tolerated_delay) return start + offset;
  auto expected = start.time_since_epoch().count();
  start_.compare_exchange_strong(expected, expected + late.count());
  return Time(Duration(start_.load())) + offset;
}

}  // namespace conclave::runtime
