#include "relay/stream.h"

#include <algorithm>
#include <utility>

namespace conclave::relay {

Stream::Stream(const Limits& limits, ConnectionId publisher, std::uint64_t peer, transport::PublishedStream info)
    : limits_(limits), publisher_(publisher), peer_(peer), info_(info), ring_(limits.ring_packets, limits.ring_bytes), gaps_(limits) {}

bool Stream::describe(const transport::PublishedStream& info) {
  const bool changed = info_.temporal_layers != info.temporal_layers || info_.priority != info.priority;
  info_ = info;
  return changed;
}

void Stream::subscribe(ConnectionId connection, std::uint8_t max_temporal_layer, Turn& turn) {
  const auto [found, fresh] = subscribers_.try_emplace(connection);
  Subscriber& subscriber = found->second;
  if (fresh) subscriber.max_temporal_layer = max_temporal_layer;
  else change_lane(subscriber, max_temporal_layer);
  receivers_.fill(nullptr);
  if (subscriber.begun) return;
  somebody_waits_ = true;
  request_keyframe(turn);
}

/// Its numbers go on where they were.
void Stream::change_lane(Subscriber& subscriber, std::uint8_t max_temporal_layer) {
  const std::uint64_t before = lanes_[subscriber.max_temporal_layer % layer_count].next_number() + subscriber.offset;
  subscriber.max_temporal_layer = max_temporal_layer;
  subscriber.since = lanes_[max_temporal_layer % layer_count].next_number();
  subscriber.offset = static_cast<std::uint32_t>(before - subscriber.since) & 0xffffff;
}

void Stream::begin_waiting() {
  if (!std::exchange(somebody_waits_, false)) return;
  for (auto& [connection, subscriber] : subscribers_) {
    if (!subscriber.begun) receivers_.fill(nullptr);
    subscriber.begun = true;
  }
}

void Stream::unsubscribe(ConnectionId connection) {
  if (subscribers_.erase(connection) > 0) receivers_.fill(nullptr);
}

const Subscriber* Stream::subscriber(ConnectionId connection) const {
  const auto found = subscribers_.find(connection);
  return found == subscribers_.end() ? nullptr : &found->second;
}

void Stream::receive(MediaPacket packet, Turn& turn) {
  const std::uint64_t sequence = unwrapper_.unwrap(packet.header.stream_sequence);
  const FrameInfo frame = packet.header.frame;
  switch (ring_.insert(sequence, packet)) {
    case RingInsert::duplicate: ++turn.counters.media_duplicate; return;
    case RingInsert::late: ++turn.counters.media_late; return;
    case RingInsert::stored: break;
  }
  gaps_.arrived(sequence, turn.now);
  if (frame.keyframe) keyframe_wanted_ = false;
  if (frame.keyframe && packet.header.start) begin_waiting();
  forward(sequence, packet, turn);
}

/// Into each lane that carries the packet, under the lane's number for it.
void Stream::forward(std::uint64_t sequence, const MediaPacket& packet, Turn& turn) {
  std::size_t reached = 0;
  for (std::uint8_t layer = 0; layer < layer_count; ++layer) {
    Lane& lane = lanes_[layer];
    const bool carried = packet.header.frame.temporal_layer <= layer;
    if (!carried) lane.skip(sequence);
    lane.pass(sequence);
    const Receivers& receivers = receivers_of(layer);
    if (!carried || receivers->empty()) continue;
    reached += receivers->size();
    MediaPacket copy = packet;
    copy.header.stream_sequence = static_cast<std::uint32_t>(lane.number(sequence) & 0xffffff);
    turn.out.forward(receivers, std::move(copy));
  }
  turn.counters.media_forwarded += reached;
  turn.counters.media_layer_dropped += subscribers_.size() - reached;
}

const Receivers& Stream::receivers_of(std::uint8_t lane) {
  Receivers& receivers = receivers_[lane];
  if (receivers) return receivers;
  auto made = std::make_shared<std::vector<Receiver>>();
  for (const auto& [connection, subscriber] : subscribers_) {
    if (subscriber.begun && lane == subscriber.max_temporal_layer % layer_count) made->push_back({connection, subscriber.offset});
  }
  receivers = std::move(made);
  return receivers;
}

void Stream::retransmit(ConnectionId connection, const std::vector<std::uint32_t>& sequences, TokenBucket& allowance,
                        Turn& turn) {
  const auto found = subscribers_.find(connection);
  if (found == subscribers_.end()) return;
  for (const std::uint32_t sequence : sequences) {
    const MediaPacket* packet = find(found->second, sequence);
    if (packet == nullptr || packet->header.frame.temporal_layer > found->second.max_temporal_layer) {
      ++turn.counters.nacks_unanswered;
    } else if (!allowance.take(turn.now)) {
      ++turn.counters.nacks_over_limit;
    } else {
      resend(connection, sequence, *packet, turn);
    }
  }
}

/// The packet that `subscriber` knows by this number; null when there is none any more, or it went under another one.
const MediaPacket* Stream::find(const Subscriber& subscriber, std::uint32_t sequence) const {
  constexpr std::uint64_t numbers = std::uint64_t{1} << 24;
  if (!unwrapper_.started()) return nullptr;
  const Lane& lane = lanes_[subscriber.max_temporal_layer % layer_count];
  const std::uint64_t back = (lane.next_number() + subscriber.offset - sequence) % numbers;
  if (back == 0 || back > limits_.ring_packets || back > lane.next_number() - subscriber.since) return nullptr;
  return ring_.find(lane.sequence(lane.next_number() - back));
}

void Stream::resend(ConnectionId connection, std::uint32_t sequence, const MediaPacket& packet, Turn& turn) {
  ++turn.counters.retransmissions;
  MediaPacket again = packet;
  again.header.retransmission = true;
  again.header.stream_sequence = sequence;
  turn.out.forward(std::make_shared<const std::vector<Receiver>>(1, Receiver{connection, 0}), std::move(again));
}

void Stream::request_keyframe(Turn& turn) {
  ++turn.counters.keyframes_requested;
  keyframe_wanted_ = true;
  if (!keyframe_requested_ || turn.now >= *keyframe_requested_ + limits_.keyframe_interval) send_keyframe_request(turn);
}

void Stream::send_keyframe_request(Turn& turn) {
  keyframe_wanted_ = false;
  keyframe_requested_ = turn.now;
  ++turn.counters.keyframes_forwarded;
  turn.out.feedback(publisher_, {transport::KeyframeRequest{info_.stream_id}});
}

void Stream::note(ConnectionId connection, const transport::ReceiverReport& report, Time now) {
  const auto found = subscribers_.find(connection);
  if (found == subscribers_.end()) return;
  found->second.report = report;
  found->second.reported = now;
}

Time Stream::next_deadline() const {
  const Time keyframe = keyframe_wanted_ ? *keyframe_requested_ + limits_.keyframe_interval : never;
  return std::min(gaps_.next_deadline(), keyframe);
}

void Stream::tick(Turn& turn) {
  if (keyframe_wanted_ && turn.now >= *keyframe_requested_ + limits_.keyframe_interval) send_keyframe_request(turn);
  const std::vector<std::uint64_t> missing = gaps_.due(turn.now);
  if (missing.empty()) return;
  transport::Nack nack{info_.stream_id, {}};
  for (const std::uint64_t sequence : missing) nack.sequences.push_back(static_cast<std::uint32_t>(sequence & 0xffffff));
  turn.counters.uplink_nacks += missing.size();
  turn.out.feedback(publisher_, {std::move(nack)});
}

}  // namespace conclave::relay
