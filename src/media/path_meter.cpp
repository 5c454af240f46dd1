#include "media/path_meter.h"

#include "media/sequence.h"

namespace conclave::media {
namespace {

constexpr std::uint32_t mask = 0xFF'FFFF;

std::uint32_t in_units(Duration time) { return static_cast<std::uint32_t>(static_cast<std::uint64_t>(time.count()) >> 6U) & mask; }

}  // namespace

void PathMeter::note(const MediaHeader& header, std::size_t payload_size, Time now) {
  ++arrivals_.packets;
  arrivals_.bytes += static_cast<std::uint32_t>(payload_size);
  arrivals_.lost = header.hop_lost;
  const std::uint32_t transit = (in_units(now.time_since_epoch()) - header.send_time) & mask;
  if (!least_transit_ || distance<24>(*least_transit_, transit) < 0) least_transit_ = transit;
  arrivals_.last_send_time = header.send_time & mask;
  last_arrival_ = now;
  if (next_report_ == never) next_report_ = now + report_interval;
}

std::optional<PathArrivals> PathMeter::report(Time now) {
  next_report_ = never;
  if (!least_transit_) return std::nullopt;
  arrivals_.least_transit = *least_transit_;
  arrivals_.held = in_units(now - last_arrival_);
  least_transit_.reset();
  return arrivals_;
}

}  // namespace conclave::media
