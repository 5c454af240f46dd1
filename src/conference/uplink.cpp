#include "conference/uplink.h"

#include <algorithm>
#include <utility>

namespace conclave::conference {
namespace {

using namespace std::chrono_literals;

// Of protection. Where a retransmission is there sooner than parity would be, pictures need none.
constexpr Duration short_round_trip = 60ms;
constexpr double least_rate = 64'000;
constexpr double share_of_what_arrives = 0.5;
constexpr double share_of_budget = 0.25;

constexpr double payload_share = 0.88;     // of what pictures take with all headers
constexpr double paced_at = 1.0;           // of the budget
constexpr double behind_queue = 0.7;
constexpr Duration long_queue = 50ms;      // sound waits behind it
constexpr Duration ahead = 5ms;
constexpr Duration catch_up = 20ms;        // of what was not used
constexpr Duration most_waiting = 200ms;
constexpr double more = 1.25;
constexpr double headers = 1.3;            // of all that is wanted, at most
constexpr Duration first_patience = 2s;
constexpr Duration most_patience = 32s;
constexpr Duration trial = 3s;
constexpr Duration measured_over = 500ms;

std::size_t size_of(const MediaPacket& packet) { return packet.payload.size() + transport::path_overhead; }

}  // namespace

void Uplink::note(const transport::PathReport& report, Time now) {
  losses_.note(report, now);
  const bool was_narrow = estimator_.budget().has_value();
  const transport::PathSignal signal = estimator_.note(report, now);
  if (!was_narrow) clear_since_ = now;
  try_more(signal, now);
  if (now - measured_ >= measured_over) {
    sound_rate_ = 8 * static_cast<double>(sound_bytes_) / std::chrono::duration<double>(now - measured_).count();
    sound_bytes_ = 0;
    measured_ = now;
  }
  protection_.set_terms(protection(), now);
}

/// More than what is sent is never known to fit: it has to be tried.
void Uplink::try_more(transport::PathSignal signal, Time now) {
  if (signal == transport::PathSignal::overused) {
    if (tried_ && now - *tried_ <= trial) patience_ = std::min(2 * patience_, most_patience);
    tried_.reset();
    clear_since_ = now;
  }
  if (!estimator_.budget() || signal != transport::PathSignal::clear) return;
  if (tried_ && now - *tried_ > trial) {
    tried_.reset();
    patience_ = first_patience;
  }
  if (tried_ || now - clear_since_ < patience_) return;
  if (*estimator_.budget() >= more * (headers * wanted_ + sound_rate_)) {
    estimator_.lift();
    return;
  }
  tried_ = clear_since_ = now;
  estimator_.raise(more * *estimator_.budget());
}

std::optional<double> Uplink::for_pictures() const {
  if (!estimator_.budget()) return std::nullopt;
  return payload_share * std::max(0.0, *estimator_.budget() - sound_rate_ - protection_.cost());
}

transport::fec::Terms Uplink::protection() const {
  transport::fec::Terms terms;
  terms.loss = losses_.share();
  terms.sound_twice = losses_.very_lossy();
  const Duration round_trip = estimator_.round_trip() > Duration::zero() ? estimator_.round_trip() : round_trip_;
  terms.pictures = losses_.lossy() && round_trip >= short_round_trip;
  terms.base_layers_alone = estimator_.budget().has_value();
  if (!losses_.lossy()) return terms;
  if (!estimator_.budget()) terms.rate = std::max(least_rate, share_of_what_arrives * estimator_.received_rate());
  else if (estimator_.queueing() < long_queue) terms.rate = std::min(share_of_budget * *estimator_.budget(), std::max(0.0, *estimator_.budget() - sound_rate_));
  return terms;
}

double Uplink::pace() const { return (estimator_.queueing() > long_queue ? behind_queue : paced_at) * *estimator_.budget(); }

Duration Uplink::time_for(std::size_t bytes) const { return Duration(static_cast<std::int64_t>(8e6 * static_cast<double>(bytes) / pace())); }

bool Uplink::congested() const { return estimator_.budget() && time_for(waiting_bytes_) > most_waiting; }

void Uplink::charge(const MediaPacket& packet, Time now) {
  if (estimator_.budget()) free_ = std::max(free_, now - catch_up) + time_for(size_of(packet));
}

void Uplink::send(MediaPacket packet, bool sound, Time now, ConferenceOutputs& out) {
  if (sound) {
    sound_bytes_ += size_of(packet);
    return emit(std::move(packet), true, now, out);
  }
  waiting_bytes_ += size_of(packet);
  waiting_.push_back(std::move(packet));
  flush(now, out);
}

void Uplink::resend(MediaPacket packet, Time now, ConferenceOutputs& out) {
  charge(packet, now);
  out.emplace_back(SendMedia{std::move(packet)});
}

void Uplink::emit(MediaPacket packet, bool sound, Time now, ConferenceOutputs& out) {
  std::vector<MediaPacket> beside = protection_.sent(packet, sound, now);
  resend(std::move(packet), now, out);
  for (MediaPacket& each : beside) resend(std::move(each), now, out);
}

void Uplink::flush(Time now, ConferenceOutputs& out) {
  while (!waiting_.empty() && (!estimator_.budget() || free_ - ahead <= now)) {
    MediaPacket packet = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= size_of(packet);
    emit(std::move(packet), false, now, out);
  }
}

void Uplink::expire(Time now, ConferenceOutputs& out) {
  flush(now, out);
  for (MediaPacket& each : protection_.due(now)) resend(std::move(each), now, out);
}

Time Uplink::next_deadline() const {
  const Time next = waiting_.empty() ? never : estimator_.budget() ? free_ - ahead : Time{};
  return std::min(next, protection_.next_deadline());
}

}  // namespace conclave::conference
