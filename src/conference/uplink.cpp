#include "conference/uplink.h"

#include <algorithm>

#include "transport/path_estimator.h"

namespace conclave::conference {
namespace {

// Where a retransmission is there sooner than parity would be, pictures need none.
constexpr Duration short_round_trip = std::chrono::milliseconds(60);
constexpr double least_rate = 64'000;
constexpr double share_of_what_arrives = 0.5;
constexpr double smoothing = 0.1;

}  // namespace

void Uplink::note(const transport::PathReport& report, Time now) {
  losses_.note(report, now);
  rate_ += smoothing * (arriving(report, now) - rate_);
  transport::fec::Terms terms;
  terms.loss = losses_.share();
  terms.sound_twice = losses_.very_lossy();
  terms.pictures = losses_.lossy() && round_trip_ >= short_round_trip;
  if (losses_.lossy()) terms.rate = std::max(least_rate, share_of_what_arrives * rate_);
  protection_.set_terms(terms, now);
}

double Uplink::arriving(const transport::PathReport& report, Time now) {
  const transport::PathReport before = last_.value_or(report);
  const double seconds = std::max(std::chrono::duration<double>(now - last_at_).count(), 0.001);
  last_ = report;
  last_at_ = now;
  const std::uint32_t packets = report.packets - before.packets;
  const std::uint32_t bytes = report.bytes - before.bytes;
  return 8 * (static_cast<double>(bytes) + static_cast<double>(packets) * transport::path_overhead) / seconds;
}

void Uplink::send(MediaPacket packet, bool sound, Time now, ConferenceOutputs& out) {
  std::vector<MediaPacket> beside = protection_.sent(packet, sound, now);
  out.emplace_back(SendMedia{std::move(packet)});
  for (MediaPacket& each : beside) out.emplace_back(SendMedia{std::move(each)});
}

void Uplink::expire(Time now, ConferenceOutputs& out) {
  for (MediaPacket& each : protection_.due(now)) out.emplace_back(SendMedia{std::move(each)});
}

}  // namespace conclave::conference
