#include "transport/fec/protection.h"

#include <algorithm>
#include <cmath>

#include "transport/path_estimator.h"

namespace conclave::transport::fec {
namespace {

constexpr double left_to_chance = 0.02;                          // of all blocks
constexpr double most_credit = 0.5;                              // seconds of the rate
constexpr double kept_for_sound = 0.4;                           // of that, by parity
constexpr Duration measured_over = std::chrono::milliseconds(500);
constexpr Duration stale_sound = std::chrono::milliseconds(100);  // of no use any more

/// That more than `allowed` of `packets` are lost.
double chance_of_more(std::size_t allowed, std::size_t packets, double loss) {
  double term = std::pow(1 - loss, static_cast<double>(packets));  // of none
  double within = term;
  for (std::size_t lost = 1; lost <= allowed; ++lost) {
    term *= loss / (1 - loss) * static_cast<double>(packets - lost + 1) / static_cast<double>(lost);
    within += term;
  }
  return 1 - within;
}

}  // namespace

std::size_t rows_for(std::size_t packets, double loss) {
  const double likely = std::clamp(loss, 0.001, 0.5);
  const std::size_t most = std::clamp<std::size_t>((packets + 1) / 2, 1, max_rows);
  std::size_t rows = 1;
  while (rows < most && chance_of_more(rows, packets + rows, likely) > left_to_chance) ++rows;
  return rows;
}

void Protection::set_terms(const Terms& terms, Time now) {
  refill(now);
  terms_ = terms;
  credit_ = std::min(credit_, most_credit * terms.rate);
  if (now - measured_ < measured_over) return;
  cost_ = spent_ / std::chrono::duration<double>(now - measured_).count();
  spent_ = 0;
  measured_ = now;
}

void Protection::refill(Time now) {
  if (refilled_ == Time{}) refilled_ = measured_ = now - measured_over;
  credit_ = std::min(most_credit * terms_.rate, credit_ + terms_.rate * std::chrono::duration<double>(now - refilled_).count());
  refilled_ = now;
}

/// Nothing, where less than `leaving` of the credit would be left.
bool Protection::spend(const MediaPacket& packet, double leaving) {
  const double bits = 8 * static_cast<double>(packet.payload.size() + path_overhead);
  if (credit_ < bits + leaving) return false;
  credit_ -= bits;
  spent_ += bits;
  return true;
}

std::vector<MediaPacket> Protection::sent(const MediaPacket& packet, bool sound, Time now) {
  std::vector<MediaPacket> out;
  if (packet.header.fec || packet.header.retransmission) return out;
  refill(now);
  Stream& stream = streams_[packet.header.frame.stream_id];
  if (sound) repeat(stream, packet, now, out);
  else cover(stream, packet, now, out);
  return out;
}

void Protection::repeat(Stream& stream, const MediaPacket& packet, Time now, std::vector<MediaPacket>& out) {
  if (terms_.sound_twice && stream.last_sound && now - stream.last_sound_at <= stale_sound && spend(*stream.last_sound, 0)) {
    out.push_back(std::move(*stream.last_sound));
    out.back().header.retransmission = true;
  }
  stream.last_sound = packet;
  stream.last_sound_at = now;
}

void Protection::cover(Stream& stream, const MediaPacket& packet, Time now, std::vector<MediaPacket>& out) {
  if (!terms_.pictures || (terms_.base_layers_alone && packet.header.frame.temporal_layer > 0)) return;
  if (!stream.block.add(packet, now) && !stream.block.empty()) {
    close(stream.block, out);
    (void)stream.block.add(packet, now);
  }
  if (stream.block.size() >= most_packets || (!stream.block.empty() && now - stream.block.opened() >= longest)) close(stream.block, out);
}

void Protection::close(Block& block, std::vector<MediaPacket>& out) {
  for (MediaPacket& parity : block.close(rows_for(block.size(), terms_.loss))) {
    if (spend(parity, kept_for_sound * most_credit * terms_.rate)) out.push_back(std::move(parity));
  }
}

std::vector<MediaPacket> Protection::due(Time now) {
  std::vector<MediaPacket> out;
  if (now < next_deadline()) return out;
  refill(now);
  for (auto& [id, stream] : streams_) {
    if (!stream.block.empty() && now - stream.block.opened() >= longest) close(stream.block, out);
  }
  return out;
}

Time Protection::next_deadline() const {
  Time next = never;
  for (const auto& [id, stream] : streams_) {
    if (!stream.block.empty()) next = std::min(next, stream.block.opened() + longest);
  }
  return next;
}

}  // namespace conclave::transport::fec
