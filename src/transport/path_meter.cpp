#include "transport/path_meter.h"

#include "transport/hop/record.h"

namespace conclave::transport {
namespace {

constexpr std::uint32_t time_mask = 0xFF'FFFF;

std::uint32_t in_units(Duration time) { return static_cast<std::uint32_t>(static_cast<std::uint64_t>(time.count()) >> 6U) & time_mask; }

bool is_less(std::uint32_t transit, std::uint32_t than) { return ((than - transit) & time_mask) - 1 < time_mask / 2; }

}  // namespace

void PathMeter::note(const MediaHeader& header, std::size_t payload_size, Time now) {
  ++arrivals_.packets;
  arrivals_.bytes += static_cast<std::uint32_t>(payload_size);
  arrivals_.lost = header.hop_lost;
  const std::uint32_t transit = (hop::send_time(now) - header.send_time) & time_mask;
  if (!least_transit_ || is_less(transit, *least_transit_)) least_transit_ = transit;
  arrivals_.last_send_time = header.send_time & time_mask;
  last_arrival_ = now;
  if (next_report_ == never) next_report_ = now + report_interval;
}

std::optional<PathReport> PathMeter::report(Time now) {
  next_report_ = never;
  if (!least_transit_) return std::nullopt;
  arrivals_.least_transit = *least_transit_;
  arrivals_.held = in_units(now - last_arrival_);
  least_transit_.reset();
  return arrivals_;
}

}  // namespace conclave::transport
