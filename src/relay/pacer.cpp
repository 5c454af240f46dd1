#include "relay/pacer.h"

#include <algorithm>

#include "transport/path_estimator.h"

namespace conclave::relay {
namespace {

constexpr Duration catch_up = std::chrono::milliseconds(20);   // of what was not used
constexpr Duration most_debt = std::chrono::milliseconds(400);  // by what goes past it

std::size_t size_of(const MediaPacket& packet) { return packet.payload.size() + transport::path_overhead; }

}  // namespace

Duration Pacer::time_for(std::size_t bytes) const { return Duration(static_cast<std::int64_t>(8e6 * static_cast<double>(bytes) / rate_)); }

void Pacer::charge(std::size_t bytes, Time now) {
  free_ = std::min(std::max(free_, now) + time_for(bytes + transport::path_overhead), now + most_debt);
}

void Pacer::pass(const MediaPacket& packet, std::uint64_t own_number, Time now) {
  charge(packet.payload.size(), now);
  went(packet, own_number);
}

void Pacer::went(const MediaPacket& packet, std::uint64_t own_number) {
  std::uint64_t& passed = streams_[packet.header.frame.stream_id].passed;
  passed = std::max(passed, own_number + 1);
}

Pushed Pacer::push(MediaPacket packet, std::uint64_t own_number) {
  const FrameInfo& frame = packet.header.frame;
  StreamState& stream = streams_[frame.stream_id];
  if (stream.abandoned == frame) return Pushed::given_up;
  if (queue_.size() >= most_packets) return Pushed::full;
  const bool in_order = stream.waiting == 0 || own_number > stream.newest;
  const auto later = [&](const PacedPacket& each) { return each.packet.header.frame.stream_id == frame.stream_id && each.own_number > own_number; };
  const auto place = in_order ? queue_.end() : std::ranges::find_if(queue_, later);
  if (in_order) stream.newest = own_number;
  if (frame.keyframe && packet.header.start) stream.keyframe = std::max(stream.keyframe, own_number + 1);
  ++stream.waiting;
  bytes_ += size_of(packet);
  queue_.insert(place, {std::move(packet), own_number});
  return Pushed::waits;
}

void Pacer::no_longer_waits(const MediaPacket& packet) {
  bytes_ -= size_of(packet);
  --streams_[packet.header.frame.stream_id].waiting;
}

bool Pacer::holds(std::uint16_t stream_id) const {
  const auto found = streams_.find(stream_id);
  return found != streams_.end() && found->second.waiting > 0;
}

std::optional<MediaPacket> Pacer::pop(Time now) {
  if (queue_.empty() || free_ - ahead > now) return std::nullopt;
  const std::uint64_t own_number = queue_.front().own_number;
  MediaPacket packet = std::move(queue_.front().packet);
  queue_.pop_front();
  no_longer_waits(packet);
  went(packet, own_number);
  free_ = std::max(free_, now - catch_up) + time_for(size_of(packet));
  return packet;
}

std::optional<PacedDrop> Pacer::give_up() {
  if (queue_.empty() || time_for(bytes_) <= longest_wait) return std::nullopt;
  const auto first = std::ranges::find_if(queue_, [&](const PacedPacket& each) { return spare(each); });
  if (first != queue_.end()) return drop_frame(FrameInfo(first->packet.header.frame));
  auto oldest = std::ranges::find_if(queue_, [](const PacedPacket& each) { return !each.packet.header.frame.keyframe; });
  if (oldest == queue_.end()) oldest = queue_.begin();
  const std::uint16_t stream = oldest->packet.header.frame.stream_id;
  const std::size_t before = queue_.size();
  const std::uint64_t lowest = *forget(stream);
  return PacedDrop{stream, lowest, {}, true, before - queue_.size()};
}

/// It begins a frame that no other needs, or none but those before a keyframe that waits, and nothing of which was sent, nor anything behind it.
bool Pacer::spare(const PacedPacket& first) const {
  const MediaHeader& header = first.packet.header;
  const StreamState& stream = streams_.at(header.frame.stream_id);
  return header.start && first.own_number >= stream.passed && (header.frame.discardable || first.own_number + 1 < stream.keyframe);
}

/// The whole of it: a receiver that finds no gap between its first packet and its last takes what is left for the frame.
PacedDrop Pacer::drop_frame(const FrameInfo& frame) {
  PacedDrop drop{frame.stream_id, 0, {}, false, 0};
  const auto of_frame = [&](const PacedPacket& each) { return each.packet.header.frame == frame; };
  for (auto next = std::ranges::find_if(queue_, of_frame); next != queue_.end(); next = std::ranges::find_if(queue_, of_frame)) {
    drop.left_out.push_back(drop_one(next));
  }
  drop.packets = drop.left_out.size();
  streams_[frame.stream_id].abandoned = frame;
  return drop;
}

/// Its number; those behind it in its stream move up by one.
std::uint64_t Pacer::drop_one(std::deque<PacedPacket>::iterator packet) {
  const std::uint64_t own_number = packet->own_number;
  const std::uint16_t stream_id = packet->packet.header.frame.stream_id;
  no_longer_waits(packet->packet);
  StreamState& stream = streams_[stream_id];
  --stream.newest;
  if (stream.keyframe == own_number + 1) stream.keyframe = 0;
  else if (stream.keyframe > own_number) --stream.keyframe;
  for (auto later = queue_.erase(packet); later != queue_.end(); ++later) {
    if (later->packet.header.frame.stream_id != stream_id) continue;
    --later->own_number;
    later->packet.header.stream_sequence = static_cast<std::uint32_t>(later->own_number & 0xffffff);
  }
  return own_number;
}

std::optional<std::uint64_t> Pacer::forget(std::uint16_t stream_id) {
  if (!holds(stream_id)) return std::nullopt;
  std::optional<std::uint64_t> first;
  std::erase_if(queue_, [&](const PacedPacket& each) {
    if (each.packet.header.frame.stream_id != stream_id) return false;
    no_longer_waits(each.packet);
    first = std::min(first.value_or(each.own_number), each.own_number);
    return true;
  });
  streams_[stream_id].keyframe = 0;
  return std::max(*first, streams_[stream_id].passed);
}

void Pacer::retire(std::uint16_t stream_id) {
  (void)forget(stream_id);
  streams_.erase(stream_id);
}

}  // namespace conclave::relay
