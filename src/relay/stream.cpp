#include "relay/stream.h"

#include <algorithm>
#include <utility>

#include "transport/path_estimator.h"

namespace conclave::relay {
namespace {

constexpr int request_repeats = 6;
constexpr Duration heavy_for = std::chrono::seconds(2);

std::uint32_t low_bits(std::uint64_t number) { return static_cast<std::uint32_t>(number & 0xffffff); }

}  // namespace

Stream::Stream(const Limits& limits, ConnectionId publisher, std::uint64_t peer, transport::PublishedStream info)
    : limits_(limits), publisher_(publisher), peer_(peer), info_(info), ring_(limits.ring_packets, limits.ring_bytes), gaps_(limits),
      told_wanted_((1U << info.spatial_layers) - 1) {}

void Stream::receive(MediaPacket packet, TokenBucket& sound, Turn& turn) {
  std::vector<MediaPacket> made = recovery_.push(packet);
  if (!packet.header.fec) take(std::move(packet), sound, turn);
  turn.counters.uplink_repaired += made.size();
  for (MediaPacket& each : made) take(std::move(each), sound, turn);
}

void Stream::take(MediaPacket packet, TokenBucket& sound, Turn& turn) {
  const std::uint64_t sequence = unwrapper_.unwrap(packet.header.stream_sequence);
  const FrameInfo frame = packet.header.frame;
  switch (ring_.insert(sequence, packet)) {
    case RingInsert::duplicate: ++turn.counters.media_duplicate; return;
    case RingInsert::late: ++turn.counters.media_late; return;
    case RingInsert::stored: break;
  }
  gaps_.arrived(sequence, turn.now);
  FrameInfo counted = frame;
  counted.keyframe = frame.keyframe && !claims_sound();  // every frame of sound is one
  rates_.note(counted, packet.payload.size(), turn.now);
  if (claims_sound() && !sound.take(turn.now, 8 * static_cast<double>(packet.payload.size() + transport::path_overhead))) heavy_until_ = turn.now + heavy_for;
  if (frame.keyframe) keyframes_wanted_ &= ~(1U << frame.spatial_layer);
  if (unsettled_ && packet.header.start && sequence >= passed_) settle_at(frame, turn);
  forward(sequence, packet, turn);
}

/// Into each lane that carries the packet, under the lane's number for it.
void Stream::forward(std::uint64_t sequence, const MediaPacket& packet, Turn& turn) {
  const bool late = sequence < passed_;
  passed_ = std::max(passed_, sequence + 1);
  std::size_t reached = 0;
  std::vector<Refusal> refused;
  for (auto& [choice, tier] : tiers_) {
    const bool carried = choice.carries(packet.header.frame);
    if (!carried) tier.lane.skip(sequence);
    tier.lane.pass(sequence);
    if (!carried) continue;
    if (!tier.receivers) bring_up_to_date(choice, tier);
    const std::uint64_t number = tier.lane.number(sequence);
    const Receivers receivers = late && number < tier.alike_from ? receivers_then(choice, tier, number) : tier.receivers;
    reached += receivers->size();
    if (!receivers->empty()) {
      MediaPacket copy = packet;
      copy.header.stream_sequence = low_bits(number);
      turn.out.forward(receivers, std::move(copy));
    }
    for (const auto& [connection, subscriber] : tier.apart) {
      const auto own = late ? subscriber->numbering.number_of(choice, number) : std::optional(number + subscriber->numbering.offset());
      if (!own) continue;
      ++reached;
      const Pushed pushed = hand_over(*subscriber, *own, packet, late, turn);
      if (pushed != Pushed::waits) refused.push_back({connection, *own, pushed});
    }
  }
  turn.counters.media_forwarded += reached;
  turn.counters.media_layer_dropped += subscribers_.size() - reached;
  for (const Refusal& refusal : refused) refuse(refusal, late, turn);
}

/// Who was in the lane when the number passed, with the offsets that held then.
Receivers Stream::receivers_then(LayerChoice choice, const Tier& tier, std::uint64_t number) const {
  auto out = std::make_shared<std::vector<Receiver>>();
  for (const Receiver& each : *tier.receivers) {
    const auto own = subscribers_.at(each.connection).numbering.number_of(choice, number);
    if (own) out->push_back({each.connection, low_bits(*own - number)});
  }
  return out;
}

/// What is late or sound waits only behind what waits of its own stream: packets never overtake each other there, so that numbers can move up.
Pushed Stream::hand_over(Subscriber& subscriber, std::uint64_t own_number, const MediaPacket& packet, bool late, Turn& turn) {
  MediaPacket copy = packet;
  copy.header.stream_sequence = low_bits(own_number);
  if (subscriber.way.path != nullptr) {
    Pacer& pacer = subscriber.way.path->pacer;
    if ((!late && !is_sound(turn.now)) || pacer.holds(info_.stream_id)) return pacer.push(std::move(copy), own_number);
    pacer.pass(copy, own_number, turn.now);
  }
  send_to(subscriber, std::move(copy), turn);
  return Pushed::waits;
}

/// And what protects it behind it.
void Stream::send_to(const Subscriber& subscriber, MediaPacket packet, Turn& turn) const {
  const auto [path, guard] = subscriber.way;
  turn.out.forward(path != nullptr ? path->self : guard->self(), packet);
  if (guard != nullptr) guard->sent(packet, is_sound(turn.now), path, turn);
}

/// A late packet that finds no place stays a gap: what has a number behind it may have been sent.
void Stream::refuse(const Refusal& refusal, bool late, Turn& turn) {
  if (late) ++turn.counters.media_pacer_dropped;
  else if (refusal.why == Pushed::full) note_drop(refusal.connection, {info_.stream_id, refusal.own_number, {}, true, 1}, turn);
  else note_drop(refusal.connection, {info_.stream_id, 0, {refusal.own_number}, false, 1}, turn);
}

void Stream::note_drop(ConnectionId connection, const PacedDrop& drop, Turn& turn) {
  turn.counters.media_pacer_dropped += drop.packets;
  const auto found = subscribers_.find(connection);
  if (found == subscribers_.end()) return;
  Subscriber& subscriber = found->second;
  for (const std::uint64_t own_number : drop.left_out) subscriber.numbering.leave_out(own_number);
  if (!drop.stops) return;
  const auto waiting = subscriber.way.path == nullptr ? std::nullopt : subscriber.way.path->pacer.forget(info_.stream_id);
  subscriber.numbering.stop_at(std::min(drop.own_number, waiting.value_or(drop.own_number)));
  forget_apart(connection);
  unsettled_ = true;
  request_keyframe(subscriber, turn);
}

// ---- repair ----------------------------------------------------------------------------------------------------

void Stream::retransmit(ConnectionId connection, const std::vector<std::uint32_t>& sequences, TokenBucket& allowance,
                        Turn& turn) {
  const auto found = subscribers_.find(connection);
  if (found == subscribers_.end()) return;
  for (const std::uint32_t sequence : sequences) {
    const MediaPacket* packet = find(found->second, sequence);
    if (packet == nullptr) {
      ++turn.counters.nacks_unanswered;
    } else if (!allowance.take(turn.now)) {
      ++turn.counters.nacks_over_limit;
    } else {
      resend(connection, found->second, sequence, *packet, turn);
    }
  }
}

/// The packet that `subscriber` knows by this number; null when there is none any more.
const MediaPacket* Stream::find(const Subscriber& subscriber, std::uint32_t sequence) const {
  const auto current = tiers_.find(subscriber.numbering.lane());
  if (current == tiers_.end()) return nullptr;
  const auto place = subscriber.numbering.find(sequence, current->second.lane.next_number());
  const auto carrier = place ? tiers_.find(place->lane) : tiers_.end();
  if (carrier == tiers_.end()) return nullptr;
  const MediaPacket* packet = ring_.find(carrier->second.lane.sequence(place->number));
  return packet != nullptr && place->lane.carries(packet->header.frame) ? packet : nullptr;
}

void Stream::resend(ConnectionId connection, const Subscriber& subscriber, std::uint32_t sequence, const MediaPacket& packet, Turn& turn) {
  ++turn.counters.retransmissions;
  MediaPacket again = packet;
  again.header.retransmission = true;
  again.header.stream_sequence = sequence;
  if (NarrowPath* path = subscriber.way.path) {
    path->pacer.charge(again.payload.size(), turn.now);
    return turn.out.forward(path->self, std::move(again));
  }
  turn.out.forward(std::make_shared<const std::vector<Receiver>>(1, Receiver{connection, 0}), std::move(again));
}

// ---- keyframes -------------------------------------------------------------------------------------------------

void Stream::request_keyframe(const Subscriber& subscriber, Turn& turn) {
  if (subscriber.target) want_keyframe(1U << subscriber.target->spatial, turn);
}

void Stream::want_keyframe(unsigned layers, Turn& turn) {
  ++turn.counters.keyframes_requested;
  keyframes_wanted_ |= layers;
  repeats_ = request_repeats;
  if (!keyframe_requested_ || turn.now >= *keyframe_requested_ + limits_.keyframe_interval) send_keyframe_request(turn);
}

void Stream::send_keyframe_request(Turn& turn) {
  ++turn.counters.keyframes_forwarded;
  turn.out.feedback(publisher_, {transport::KeyframeRequest{info_.stream_id, static_cast<std::uint8_t>(keyframes_wanted_)}});
  keyframes_wanted_ = 0;
  keyframe_requested_ = turn.now;
}

/// Spatial layers of which somebody waits for a keyframe.
unsigned Stream::layers_awaited() const {
  unsigned layers = 0;
  if (!unsettled_) return layers;
  for (const auto& [connection, subscriber] : subscribers_) {
    if (!subscriber.target) continue;
    const bool waits = !subscriber.numbering.in_lane() || subscriber.numbering.lane().spatial != subscriber.target->spatial;
    if (waits) layers |= 1U << subscriber.target->spatial;
  }
  return layers;
}

// ---- time ------------------------------------------------------------------------------------------------------

Time Stream::next_deadline() const {
  Time next = std::min(gaps_.next_deadline(), narrowing_.value_or(never));
  if (keyframe_requested_ && (keyframes_wanted_ != 0 || (unsettled_ && repeats_ > 0))) next = std::min(next, *keyframe_requested_ + limits_.keyframe_interval);
  return next;
}

void Stream::tick(Turn& turn) {
  if (keyframe_requested_ && turn.now >= *keyframe_requested_ + limits_.keyframe_interval) {
    if (keyframes_wanted_ == 0 && repeats_ > 0) {  // the request, or what it brought, was lost
      --repeats_;
      keyframes_wanted_ = layers_awaited();
    }
    if (keyframes_wanted_ != 0) send_keyframe_request(turn);
    else repeats_ = 0;
  }
  if (narrowing_ && turn.now >= *narrowing_) tell_wanted(layers_taken(), turn);
  const std::vector<std::uint64_t> missing = gaps_.due(turn.now);
  if (missing.empty()) return;
  transport::Nack nack{info_.stream_id, {}};
  for (const std::uint64_t sequence : missing) nack.sequences.push_back(low_bits(sequence));
  turn.counters.uplink_nacks += missing.size();
  turn.out.feedback(publisher_, {std::move(nack)});
}

}  // namespace conclave::relay
