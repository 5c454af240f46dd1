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
  std::erase_if(sounds_, [&](const auto& each) { return now - each.second.at > stale_sound; });
}

void Protection::refill(Time now) {
  if (refilled_ == Time{}) refilled_ = measured_ = now - measured_over;
  credit_ = std::min(most_credit * terms_.rate, credit_ + terms_.rate * std::chrono::duration<double>(now - refilled_).count());
  refilled_ = now;
}

/// How many of `packets` the credit is enough for, with `leaving` of it left.
std::size_t Protection::spend(std::size_t payload, std::size_t packets, double leaving) {
  const double bits = 8 * static_cast<double>(payload + path_overhead);
  std::size_t paid = 0;
  for (; paid < packets && credit_ >= bits + leaving; ++paid) credit_ -= bits;
  spent_ += static_cast<double>(paid) * bits;
  return paid;
}

std::vector<MediaPacket> Protection::sent(const MediaPacket& packet, bool sound, Time now) {
  std::vector<MediaPacket> out;
  if (packet.header.fec || packet.header.retransmission) return out;
  refill(now);
  if (sound) repeat(packet, now, out);
  else cover(packet, now, out);
  return out;
}

void Protection::repeat(const MediaPacket& packet, Time now, std::vector<MediaPacket>& out) {
  if (!terms_.sound_twice) return;
  const auto [last, fresh] = sounds_.try_emplace(packet.header.frame.stream_id);
  Sound& sound = last->second;
  if (!fresh && now - sound.at <= stale_sound && spend(sound.packet.payload.size(), 1, 0) == 1) {
    out.push_back(std::move(sound.packet));
    out.back().header.retransmission = true;
  }
  sound = {packet, now};
}

void Protection::cover(const MediaPacket& packet, Time now, std::vector<MediaPacket>& out) {
  if (!terms_.pictures || (terms_.base_layers_alone && packet.header.frame.temporal_layer > 0)) return;
  const std::uint16_t stream_id = packet.header.frame.stream_id;
  auto open = blocks_.find(stream_id);
  if (open != blocks_.end() && !open->second.add(packet, now)) {
    close(open, out);
    open = blocks_.end();
  }
  if (open == blocks_.end()) {
    Block block;
    if (!block.add(packet, now)) return;
    open = blocks_.emplace(stream_id, std::move(block)).first;
    openings_.emplace(now, stream_id);
  }
  if (open->second.size() >= most_packets || now - open->second.opened() >= longest) close(open, out);
}

/// No row is made that is not paid for.
void Protection::close(Blocks::iterator open, std::vector<MediaPacket>& out) {
  Block& block = open->second;
  const std::size_t rows = spend(block.parity_size(), rows_for(block.size(), terms_.loss), kept_for_sound * most_credit * terms_.rate);
  if (rows > 0) {
    for (MediaPacket& parity : block.close(rows)) out.push_back(std::move(parity));
  }
  openings_.erase({open->second.opened(), open->first});
  blocks_.erase(open);
}

std::vector<MediaPacket> Protection::due(Time now) {
  std::vector<MediaPacket> out;
  if (now < next_deadline()) return out;
  refill(now);
  while (now >= next_deadline()) close(blocks_.find(openings_.begin()->second), out);
  return out;
}

void Protection::forget(std::uint16_t stream_id) {
  sounds_.erase(stream_id);
  const auto open = blocks_.find(stream_id);
  if (open == blocks_.end()) return;
  openings_.erase({open->second.opened(), stream_id});
  blocks_.erase(open);
}

}  // namespace conclave::transport::fec
