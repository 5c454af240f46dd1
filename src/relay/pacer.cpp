#include "relay/pacer.h"

#include <algorithm>

#include "relay/path_estimator.h"

namespace conclave::relay {
namespace {

constexpr Duration catch_up = std::chrono::milliseconds(20);   // of what was not used
constexpr Duration most_debt = std::chrono::milliseconds(400);  // by what goes past it

std::size_t size_of(const MediaPacket& packet) { return packet.payload.size() + path_overhead; }

}  // namespace

Duration Pacer::time_for(std::size_t bytes) const { return Duration(static_cast<std::int64_t>(8e6 * static_cast<double>(bytes) / rate_)); }

void Pacer::charge(std::size_t bytes, Time now) {
  free_ = std::min(std::max(free_, now) + time_for(bytes + path_overhead), now + most_debt);
}

bool Pacer::push(MediaPacket packet, std::uint64_t own_number) {
  if (queue_.size() >= most_packets) return false;
  bytes_ += size_of(packet);
  queue_.push_back({std::move(packet), own_number});
  return true;
}

std::optional<MediaPacket> Pacer::pop(Time now) {
  if (queue_.empty() || free_ - ahead > now) return std::nullopt;
  MediaPacket packet = std::move(queue_.front().packet);
  queue_.pop_front();
  bytes_ -= size_of(packet);
  free_ = std::max(free_, now - catch_up) + time_for(size_of(packet));
  return packet;
}

std::optional<PacedDrop> Pacer::give_up() {
  if (queue_.empty() || time_for(bytes_) <= longest_wait) return std::nullopt;
  const auto spare = std::ranges::find_if(queue_, [](const PacedPacket& each) { return each.packet.header.frame.discardable; });
  if (spare != queue_.end()) return drop_one(spare);
  auto oldest = std::ranges::find_if(queue_, [](const PacedPacket& each) { return !each.packet.header.frame.keyframe; });
  if (oldest == queue_.end()) oldest = queue_.begin();
  const std::uint16_t stream = oldest->packet.header.frame.stream_id;
  const std::size_t before = queue_.size();
  const std::uint64_t first = *forget(stream);
  return PacedDrop{stream, first, true, before - queue_.size()};
}

PacedDrop Pacer::drop_one(std::deque<PacedPacket>::iterator packet) {
  const PacedDrop drop{packet->packet.header.frame.stream_id, packet->own_number};
  bytes_ -= size_of(packet->packet);
  const auto behind = queue_.erase(packet);
  for (auto later = behind; later != queue_.end(); ++later) {
    if (later->packet.header.frame.stream_id != drop.stream_id || later->own_number < drop.own_number) continue;
    --later->own_number;
    later->packet.header.stream_sequence = static_cast<std::uint32_t>(later->own_number & 0xffffff);
  }
  return drop;
}

std::optional<std::uint64_t> Pacer::forget(std::uint16_t stream_id) {
  std::optional<std::uint64_t> first;
  std::erase_if(queue_, [&](const PacedPacket& each) {
    if (each.packet.header.frame.stream_id != stream_id) return false;
    bytes_ -= size_of(each.packet);
    first = std::min(first.value_or(each.own_number), each.own_number);
    return true;
  });
  return first;
}

}  // namespace conclave::relay
