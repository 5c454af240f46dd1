#include "relay/router.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace conclave::relay {
namespace {

bool by_stream(const transport::Subscription& a, const transport::Subscription& b) { return a.stream_id < b.stream_id; }

const transport::Subscription* find(const std::vector<transport::Subscription>& sorted, std::uint16_t stream_id) {
  const auto found = std::lower_bound(sorted.begin(), sorted.end(), transport::Subscription{stream_id, 0, 0}, by_stream);
  return found != sorted.end() && found->stream_id == stream_id ? &*found : nullptr;
}

template <class Item>
std::uint16_t stream_of(const Item& item) {
  if constexpr (std::is_same_v<Item, transport::PathReport>) return 0;
  else return item.stream_id;
}

bool names(const transport::Publish& wanted, std::uint16_t stream_id) {
  return std::any_of(wanted.streams.begin(), wanted.streams.end(),
                     [&](const transport::PublishedStream& stream) { return stream.stream_id == stream_id; });
}

}  // namespace

void Router::join(ConnectionId connection, std::uint64_t peer, Turn& turn) {
  participants_.try_emplace(connection, Participant{peer, {}, {}, TokenBucket(limits_.retransmissions), TokenBucket({limits_.sound_rate, limits_.sound_rate / 4}), nullptr});
  if (!streams_.empty()) turn.out.send(connection, Channel::control, streams_for(connection));
}

void Router::leave(ConnectionId connection, Turn& turn) {
  const auto found = participants_.find(connection);
  if (found == participants_.end()) return;
  const bool changed = retract_all_but(found->second, {});
  for (const auto& wanted : found->second.wanted) {
    if (const auto stream = streams_.find(wanted.stream_id); stream != streams_.end()) stream->second.unsubscribe(connection, turn);
  }
  narrow_.erase(connection);
  guarded_.erase(connection);
  uplinks_.erase(connection);
  participants_.erase(found);
  if (changed) streams_changed(turn);
}

void Router::publish(ConnectionId connection, const transport::Publish& wanted, Turn& turn) {
  const auto found = participants_.find(connection);
  if (found == participants_.end()) return;
  bool changed = retract_all_but(found->second, wanted);
  for (const auto& info : wanted.streams) changed |= publish_one(connection, found->second, info, turn);
  if (changed) streams_changed(turn);
}

bool Router::retract_all_but(Participant& participant, const transport::Publish& wanted) {
  return std::erase_if(participant.published, [&](std::uint16_t stream_id) {
           const auto found = names(wanted, stream_id) ? streams_.end() : streams_.find(stream_id);
           if (found == streams_.end()) return false;
           found->second.retire();
           streams_.erase(found);
           return true;
         }) > 0;
}

/// True when what is available changed, or the publisher has to learn that somebody else has the id.
bool Router::publish_one(ConnectionId connection, Participant& participant, const transport::PublishedStream& info,
                         Turn& turn) {
  if (const auto taken = streams_.find(info.stream_id); taken != streams_.end()) {
    if (taken->second.publisher() == connection) return taken->second.describe(info, turn);
    ++turn.counters.streams_taken;
    return true;
  }
  if (participant.published.size() >= limits_.streams_published || streams_.size() >= limits_.streams_per_room) {
    ++turn.counters.streams_over_limit;
    return false;
  }
  participant.published.push_back(info.stream_id);
  attach_subscribers(streams_.try_emplace(info.stream_id, limits_, connection, participant.peer, info).first->second, turn);
  return true;
}

void Router::attach_subscribers(Stream& stream, Turn& turn) {
  for (const auto& [connection, participant] : participants_) {
    const auto* wanted = find(participant.wanted, stream.info().stream_id);
    if (wanted != nullptr && connection != stream.publisher()) stream.subscribe(connection, *wanted, way_to(participant), turn);
  }
  stream.update_wanted(turn);
}

void Router::subscribe(ConnectionId connection, const transport::Subscribe& wanted, Turn& turn) {
  const auto found = participants_.find(connection);
  if (found == participants_.end()) return;
  auto previous = std::exchange(found->second.wanted, wanted.streams);
  auto& current = found->second.wanted;
  if (current.size() > limits_.streams_subscribed) {
    turn.counters.streams_over_limit += current.size() - limits_.streams_subscribed;
    current.resize(limits_.streams_subscribed);
  }
  std::sort(current.begin(), current.end(), by_stream);
  for (const auto& old : previous) {
    const auto stream = streams_.find(old.stream_id);
    if (stream != streams_.end() && find(current, old.stream_id) == nullptr) stream->second.unsubscribe(connection, turn);
  }
  if (!found->second.path) begin_modestly(connection, found->second, turn);
  for (const auto& item : current) {
    const auto stream = streams_.find(item.stream_id);
    if (stream == streams_.end() || stream->second.publisher() == connection) continue;
    const Subscriber* before = stream->second.subscriber(connection);
    if (before == nullptr || !before->takes(item)) stream->second.subscribe(connection, item, way_to(found->second), turn);
  }
}

void Router::media(ConnectionId from, MediaPacket packet, Turn& turn) {
  const auto stream = streams_.find(packet.header.frame.stream_id);
  if (stream == streams_.end() || stream->second.publisher() != from) {
    ++turn.counters.media_foreign_stream;
    return;
  }
  uplinks_[from].note(packet.header, packet.payload.size(), turn.now);
  stream->second.receive(std::move(packet), participants_.at(from).sound, turn);
}

void Router::feedback(ConnectionId from, const std::vector<transport::Feedback>& items, Turn& turn) {
  const auto found = participants_.find(from);
  if (found == participants_.end()) return;
  for (const auto& item : items) answer(from, found->second, item, turn);
}

void Router::answer(ConnectionId from, Participant& participant, const transport::Feedback& item, Turn& turn) {
  if (const auto* path = std::get_if<transport::PathReport>(&item)) return path_report(from, participant, *path, turn);
  const auto stream_id = std::visit([](const auto& about) { return stream_of(about); }, item);
  Stream* stream = stream_received_by(from, stream_id, turn);
  if (stream == nullptr) return;
  if (const auto* nack = std::get_if<transport::Nack>(&item)) {
    stream->retransmit(from, nack->sequences, participant.retransmissions, turn);
  } else if (std::holds_alternative<transport::KeyframeRequest>(item)) {
    stream->request_keyframe(*stream->subscriber(from), turn);
  } else {
    ++turn.counters.reports;  // for statistics alone
  }
}

Stream* Router::stream_received_by(ConnectionId connection, std::uint16_t stream_id, Turn& turn) {
  const auto found = streams_.find(stream_id);
  if (found != streams_.end() && found->second.subscriber(connection) != nullptr) return &found->second;
  ++turn.counters.feedback_foreign_stream;
  return nullptr;
}

void Router::streams_changed(Turn& turn) {
  stale_ = true;
  if (announced_ == Time::min() || turn.now >= announced_ + limits_.announcement_interval) announce(turn);
}

void Router::announce(Turn& turn) {
  stale_ = false;
  announced_ = turn.now;
  std::vector<ConnectionId> audience;  // who publishes nothing hears of everything: one message for all of them
  for (const auto& [connection, participant] : participants_) {
    if (participant.published.empty()) audience.push_back(connection);
    else turn.out.send(connection, Channel::control, streams_for(connection));
  }
  turn.out.send(audience, Channel::control, streams_for(std::nullopt));
}

transport::StreamsAvailable Router::streams_for(std::optional<ConnectionId> connection) const {
  transport::StreamsAvailable available;
  for (const auto& [stream_id, stream] : streams_) {
    if (stream.publisher() == connection) continue;
    available.streams.push_back({stream.peer(), stream.info()});
  }
  return available;
}

Time Router::next_deadline() const {
  Time next = std::min(next_path_deadline(), stale_ ? announced_ + limits_.announcement_interval : never);
  for (const auto& [stream_id, stream] : streams_) next = std::min(next, stream.next_deadline());
  return next;
}

void Router::tick(Turn& turn) {
  if (stale_ && turn.now >= announced_ + limits_.announcement_interval) announce(turn);
  for (auto& [stream_id, stream] : streams_) stream.tick(turn);
  tick_paths(turn);
}

}  // namespace conclave::relay
