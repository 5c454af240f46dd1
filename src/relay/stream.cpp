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
  Subscriber& subscriber = subscribers_[connection];
  subscriber.max_temporal_layer = max_temporal_layer;
  receivers_.fill(nullptr);
  if (subscriber.begun) return;
  somebody_waits_ = true;
  request_keyframe(turn);
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
  const Receivers& receivers = receivers_of(frame.temporal_layer);
  turn.counters.media_forwarded += receivers->size();
  turn.counters.media_layer_dropped += subscribers_.size() - receivers->size();
  if (!receivers->empty()) turn.out.forward(receivers, std::move(packet));
}

const Receivers& Stream::receivers_of(std::uint8_t temporal_layer) {
  Receivers& receivers = receivers_[temporal_layer % layer_count];
  if (receivers) return receivers;
  auto made = std::make_shared<std::vector<ConnectionId>>();
  for (const auto& [connection, subscriber] : subscribers_) {
    if (subscriber.begun && temporal_layer <= subscriber.max_temporal_layer) made->push_back(connection);
  }
  receivers = std::move(made);
  return receivers;
}

void Stream::retransmit(ConnectionId connection, const std::vector<std::uint32_t>& sequences, TokenBucket& allowance,
                        Turn& turn) {
  const auto found = subscribers_.find(connection);
  if (found == subscribers_.end()) return;
  for (const std::uint32_t sequence : sequences) {
    const MediaPacket* packet = unwrapper_.started() ? ring_.find(unwrapper_.peek(sequence)) : nullptr;
    if (packet == nullptr || packet->header.frame.temporal_layer > found->second.max_temporal_layer) {
      ++turn.counters.nacks_unanswered;
    } else if (!allowance.take(turn.now)) {
      ++turn.counters.nacks_over_limit;
    } else {
      resend(connection, *packet, turn);
    }
  }
}

void Stream::resend(ConnectionId connection, const MediaPacket& packet, Turn& turn) {
  ++turn.counters.retransmissions;
  MediaPacket again = packet;
  again.header.retransmission = true;
  turn.out.forward(std::make_shared<const std::vector<ConnectionId>>(1, connection), std::move(again));
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
