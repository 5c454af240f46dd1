#include "media/loss_tracker.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace conclave::media {

namespace {
constexpr std::uint32_t sequence_mask = 0xFF'FFFF;
constexpr std::int64_t send_time_unit = 64;  // us
constexpr Duration shortest_retry = std::chrono::milliseconds(20);
constexpr std::int64_t largest_transit_step = 10'000'000;  // us: beyond, a clock was set or a header is nonsense

std::uint32_t clamp_us(Duration duration) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(duration.count(), 0, 0xFFFF'FFFF));
}
}  // namespace

void LossTracker::push(const MediaHeader& header, Time now, std::optional<std::uint64_t> hop_losses) {
  allowed_ = std::min(allowed_ + missing_per_packet, max_missing);
  if (!started_) return start(header, now, hop_losses);
  const auto sequence = sequences_.peek(header.stream_sequence);
  if (std::abs(sequence - highest_) > max_gap) {
    if (header.retransmission) return;
    return start(header, now, hop_losses);
  }
  if (sequence <= highest_) return fill(sequence, header.retransmission);
  sequences_.unwrap(header.stream_sequence);
  const bool lost_here = !hop_losses || hop_losses != std::exchange(hop_losses_, hop_losses);
  advance_to(sequence, now, lost_here);
  if (header.retransmission) {
    ++counters_.lost;
    ++counters_.recovered;
    return;
  }
  ++counters_.received;
  note_arrival(header, now);
}

void LossTracker::start(const MediaHeader& header, Time now, std::optional<std::uint64_t> hop_losses) {
  started_ = true;
  hop_losses_ = hop_losses;
  sequences_ = {};
  highest_ = sequences_.unwrap(header.stream_sequence);
  counters_.abandoned += missing_.size();
  missing_.clear();
  ++counters_.received;
  last_arrival_ = now;
  last_send_time_ = header.send_time;
}

void LossTracker::advance_to(std::int64_t sequence, Time now, bool lost_here) {
  const auto lost = static_cast<std::size_t>(sequence - highest_ - 1);
  const std::size_t remembered = std::min(lost, allowed_);  // the newest
  allowed_ -= remembered;
  counters_.lost += lost;
  counters_.abandoned += lost - remembered;
  for (auto each = sequence - static_cast<std::int64_t>(remembered); each < sequence; ++each) {
    missing_.emplace_hint(missing_.end(), each, Missing{now, now + reorder_tolerance, lost_here ? 0 : max_tries});
  }
  if (remembered > 0) next_try_ = missing_.size() == remembered ? now + reorder_tolerance : std::min(next_try_, now + reorder_tolerance);
  while (missing_.size() > max_missing) {
    ++counters_.abandoned;
    missing_.erase(missing_.begin());
  }
  highest_ = sequence;
}

void LossTracker::fill(std::int64_t sequence, bool retransmission) {
  if (missing_.erase(sequence) == 0) return;  // a duplicate, or given up and now too late
  if (retransmission) {
    ++counters_.recovered;
    return;
  }
  --counters_.lost;
  ++counters_.received;
}

/// RFC 3550 section 6.4.1: J += (|D| - J) / 16.
void LossTracker::note_arrival(const MediaHeader& header, Time now) {
  const auto sent = distance<24>(last_send_time_, header.send_time) * send_time_unit;
  const auto difference = std::abs((now - last_arrival_).count() - sent);
  if (difference < largest_transit_step) jitter_ += difference - (jitter_ + 8) / 16;
  last_arrival_ = now;
  last_send_time_ = header.send_time;
}

std::vector<std::uint32_t> LossTracker::due_nacks(Time now, Duration round_trip, Duration budget) {
  std::vector<std::uint32_t> due;
  if (now < next_deadline()) return due;
  next_try_ = never;
  const auto retry = std::max(round_trip + 4 * jitter(), shortest_retry);
  for (auto entry = missing_.begin(); entry != missing_.end();) {
    auto& [sequence, missing] = *entry;
    const bool waiting = missing.next_try > now;
    const bool hopeless = now + round_trip > missing.noticed + budget;
    if (!waiting && (missing.tries >= max_tries || hopeless)) {
      // Tried out. It stays known as missing for one more budget, so that its arrival still counts as recovered.
      if (now > missing.noticed + 2 * budget + round_trip) {
        ++counters_.abandoned;
        entry = missing_.erase(entry);
        continue;
      }
      missing.tries = max_tries;
      missing.next_try = missing.noticed + 2 * budget + round_trip + Duration(1);
    } else if (!waiting && due.size() < max_nack) {
      ++missing.tries;
      missing.next_try = now + retry;
      due.push_back(static_cast<std::uint32_t>(sequence) & sequence_mask);
    }
    next_try_ = std::min(next_try_, missing.next_try);
    ++entry;
  }
  counters_.nacks += due.size();
  return due;
}

StreamReport LossTracker::report(Time now) {
  StreamReport report;
  report.highest_sequence = static_cast<std::uint32_t>(highest_) & sequence_mask;
  report.received = static_cast<std::uint32_t>(counters_.received - reported_.received);
  report.lost = static_cast<std::uint32_t>(counters_.lost > reported_.lost ? counters_.lost - reported_.lost : 0);
  report.jitter = clamp_us(jitter());
  report.last_send_time = last_send_time_;
  report.delay_since_last = clamp_us(now - last_arrival_);
  reported_ = counters_;
  return report;
}

Duration LossTracker::jitter() const { return Duration(jitter_ / 16); }

}  // namespace conclave::media
