#include "media/playout_clock.h"

#include <algorithm>

namespace conclave::media {

void PlayoutClock::observe(Time capture, Time arrival) {
  const auto transit = arrival.time_since_epoch() - capture.time_since_epoch();
  if (!least_[0]) window_start_ = arrival;
  if (arrival - window_start_ >= window) {
    least_ = {std::nullopt, least_[0]};
    window_start_ = arrival;
  }
  least_[0] = least_[0] ? std::min(*least_[0], transit) : transit;
  delay_.observe(transit - *fastest_transit(), arrival);
}

Time PlayoutClock::playout_time(Time capture) const {
  const auto transit = fastest_transit();
  return transit ? capture + *transit + delay_.value() : never;
}

std::optional<Duration> PlayoutClock::fastest_transit() const {
  if (!least_[0]) return std::nullopt;
  return least_[1] ? std::min(*least_[0], *least_[1]) : *least_[0];
}

}  // namespace conclave::media
