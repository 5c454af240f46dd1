#include "delay_meter.h"

#include <cmath>

#include "conclave/devices.h"

namespace conclave::call {

using Basis = DelaySummary::Basis;

void DelayMeter::show(MemberId, const VideoFrame& picture, Time now) {
  if (const auto captured = time_in_picture(picture)) return add(now - *captured, Basis::picture);
  add(now - picture.capture_time, Basis::frame);
}

void DelayMeter::add(Duration delay, Basis basis) {
  const auto bucket = std::chrono::duration_cast<std::chrono::milliseconds>(delay).count();
  if (delay < Duration::zero() || bucket >= static_cast<std::int64_t>(buckets)) return;
  const std::lock_guard lock(mutex_);
  if (basis_ == Basis::picture && basis == Basis::frame)
    return;  // a picture that could not be read, among others that can
  if (basis_ == Basis::frame && basis == Basis::picture) {
    histogram_.fill(0);
    samples_ = 0;
  }
  basis_ = basis;
  ++samples_;
  ++histogram_[static_cast<std::size_t>(bucket)];
  newest_ = delay;
}

DelaySummary DelayMeter::summary() const {
  const std::lock_guard lock(mutex_);
  return {basis_, samples_, quantile(0.50), quantile(0.95)};
}

std::optional<Duration> DelayMeter::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

Duration DelayMeter::quantile(double share) const {
  const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(samples_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
    seen += histogram_[bucket];
    if (seen >= rank && seen > 0) return std::chrono::milliseconds(bucket);
  }
  return Duration::zero();
}

}  // namespace conclave::call
