#include "relay/relay.h"

#include <algorithm>

#include "base/secret.h"
#include "transport/codec.h"

namespace conclave::relay {

Relay::Relay(const Limits& limits, CommitLog& log, crypto::Random& random)
    : limits_(limits), log_(log), random_(random), store_(no_store_), facade_(random) {}

Relay::Relay(const Limits& limits, CommitLog& log, crypto::Random& random, RoomStore& store)
    : limits_(limits), log_(log), random_(random), store_(store), facade_(random) {}

Outputs Relay::handle(transport::ServerEvent event, Time now) {
  Outbox out;
  Turn turn{now, out, counters_};
  if (std::holds_alternative<TransportConnected>(event.event)) {
    connected(event.connection, event.origin, turn);
    return finish(turn);
  }
  if (std::holds_alternative<TransportClosed>(event.event)) holdback_.forget(event.connection);
  const auto found = connections_.find(event.connection);
  if (found == connections_.end()) return {};
  Connection& from = found->second;
  if (const auto* guest = std::get_if<Guest>(&from.state)) stir(guest->room_id);
  if (auto* packet = std::get_if<MediaPacket>(&event.event)) media(from, std::move(*packet), turn);
  else if (auto* received = std::get_if<TransportMessage>(&event.event)) message(from, *received, turn);
  else if (const auto* datagram = std::get_if<TransportFeedback>(&event.event)) feedback(from, *datagram, turn);
  else disconnected(from, Departure::lost, turn);
  return finish(turn);
}

void Relay::connected(ConnectionId id, const AddressBlock& origin, Turn& turn) {
  if (connections_.contains(id)) return;
  if (going_) return turn.out.close(id, ErrorCode::connection_lost, "the relay is shutting down");  // says nothing about seats any more
  if (connections_.size() >= limits_.connections) {
    ++counters_.connections_refused;
    turn.out.close(id, ErrorCode::limit_exceeded, "the relay is full");
    return;
  }
  ++counters_.connections_accepted;
  note(NoteKind::connected, id);
  Connection& connection = connections_.try_emplace(id, id, limits_).first->second;
  connection.origin = origin;
  set_deadline(connection, turn.now + limits_.hello_timeout);
}

void Relay::disconnected(Connection& from, Departure how, Turn& turn) {
  note(NoteKind::disconnected, from.id);
  if (const auto* guest = std::get_if<Guest>(&from.state)) {
    Room& room = *guest->room;
    const bool charged = how == Departure::lost;
    auto charge = charged ? charges_.take(from.origin, limits_.seats_away_per_address) : std::optional<SeatCharge>();
    if (charged && !charge) {
      ++counters_.seats_over_limit;
      how = Departure::expelled;
    }
    room.leave(from.id, how, {from.allowance, std::move(charge).value_or(SeatCharge())}, turn);
    if (room.deserted()) close_room(guest->room_id, turn);
  }
  set_deadline(from, std::nullopt);
  connections_.erase(from.id);
}

/// What held a token is wiped: of it only digests are kept.
void Relay::message(Connection& from, TransportMessage& event, Turn& turn) {
  if (!from.allowance.messages.take(turn.now)) return over_limit(from, turn);
  auto decoded = transport::decode_client_message(event.message);
  if (!decoded.ok()) return strike(from, ErrorCode::malformed, turn);
  if (std::holds_alternative<transport::OpenRoom>(*decoded) || std::holds_alternative<transport::Resume>(*decoded)) wipe(event.message);
  std::visit([&](auto& content) { on(from, std::move(content), turn); }, *decoded);
}

void Relay::media(Connection& from, MediaPacket packet, Turn& turn) {
  const auto* guest = std::get_if<Guest>(&from.state);
  if (guest == nullptr || !guest->room->is_member(from.id)) {
    ++counters_.media_not_member;
  } else if (!from.allowance.media.take(turn.now, packet.header.fec ? limits_.parity_price : 1)) {
    ++counters_.media_over_limit;
  } else {
    ++counters_.media_received;
    guest->room->router().media(from.id, std::move(packet), turn);
  }
}

void Relay::feedback(Connection& from, const TransportFeedback& event, Turn& turn) {
  const auto* guest = std::get_if<Guest>(&from.state);
  if (guest == nullptr || !guest->room->is_member(from.id)) {
    ++counters_.feedback_foreign_stream;
    return;
  }
  if (!from.allowance.feedback.take(turn.now)) {
    ++counters_.feedback_over_limit;
    return;
  }
  const auto items = transport::decode_feedback(event.feedback);
  if (items.ok()) guest->room->router().feedback(from.id, *items, turn);
  else ++counters_.feedback_malformed;
}

// ---- refusing --------------------------------------------------------------------------------------------------

void Relay::strike(Connection& from, ErrorCode code, Turn& turn) {
  ++(code == ErrorCode::malformed ? counters_.malformed : counters_.out_of_place);
  const auto* guest = std::get_if<Guest>(&from.state);
  const bool member = guest != nullptr && guest->room->is_member(from.id);
  if (member && ++from.strikes <= limits_.strikes) return;
  if (code == ErrorCode::malformed) refuse(from, ErrorCode::malformed, "a message does not parse", turn);
  else refuse(from, ErrorCode::refused, "a message is out of place", turn);
}

void Relay::over_limit(Connection& from, Turn& turn) {
  ++counters_.over_limit;
  refuse(from, ErrorCode::limit_exceeded, "too many messages", turn);
}

void Relay::refuse(Connection& from, ErrorCode code, const char* reason, Turn& turn) {
  const ConnectionId id = from.id;
  note(NoteKind::refused, id);
  turn.out.send(id, Channel::control, transport::Refused{code, reason});
  turn.out.close(id, code, reason);
  disconnected(from, Departure::expelled, turn);
}

Room* Relay::find_room(const RoomId& id) {
  const auto found = rooms_.find(id);
  return found == rooms_.end() ? nullptr : &found->second;
}

void Relay::close_room(const RoomId& id, Turn& turn) {
  const auto found = rooms_.find(id);
  if (found == rooms_.end()) return;
  stir(id);
  note(NoteKind::room_closed, 0, id);
  const std::vector<ConnectionId> everyone = found->second.everyone();
  turn.out.send(everyone, Channel::handshake, transport::RoomClosed{});  // behind the last words in the log
  for (const ConnectionId connection : everyone) turn.out.close(connection, ErrorCode::refused, "the room was closed");
  log_.forget(id);
  store_.forget_room(id);
  rooms_.erase(found);
  ++counters_.rooms_closed;
}

void Relay::note(NoteKind kind, ConnectionId connection, const RoomId& room) {
  if (noting_ && notes_.size() < max_notes) notes_.push_back({kind, connection, room});
}

Outputs Relay::finish(Turn& turn) {
  Outputs outputs = take_outputs(turn.out);
  while (const auto slow = holdback_.take_overrun()) {
    holdback_.forget(*slow);
    const auto found = connections_.find(*slow);
    if (found == connections_.end()) {  // it was closed in this turn already, and that went with what it waited behind
      outputs.push_back(Close{*slow, ErrorCode::limit_exceeded, "the connection does not keep up"});
      continue;
    }
    note_slow_connection();
    turn.out.close(*slow, ErrorCode::limit_exceeded, "the connection does not keep up");
    disconnected(found->second, Departure::lost, turn);
    for (Output& more : take_outputs(turn.out)) outputs.push_back(std::move(more));
  }
  counters_.messages_held = holdback_.held();
  return outputs;
}

Outputs Relay::say_written() { return holdback_.release(store_.written()); }

Outputs Relay::take_outputs(Outbox& out) {
  Outputs outputs = out.take();
  for (const Output& output : outputs) {
    const auto* close = std::get_if<Close>(&output);
    if (close == nullptr) continue;
    const auto found = connections_.find(close->connection);
    if (found == connections_.end()) continue;
    set_deadline(found->second, std::nullopt);
    connections_.erase(found);
  }
  return holdback_.pass(std::move(outputs), store_.told(), store_.written());
}

// ---- time ------------------------------------------------------------------------------------------------------

void Relay::set_deadline(Connection& connection, std::optional<Time> deadline) {
  if (connection.deadline) deadlines_.erase({*connection.deadline, connection.id});
  connection.deadline = deadline;
  if (deadline) deadlines_.emplace(*deadline, connection.id);
}

void Relay::stir(const RoomId& id) {
  if (stirred_.empty() || stirred_.back() != id) stirred_.push_back(id);
}

void Relay::note_room_deadlines() const {
  for (const RoomId& id : std::exchange(stirred_, {})) {
    if (const auto old = room_scheduled_.find(id); old != room_scheduled_.end()) {
      room_deadlines_.erase({old->second, id});
      room_scheduled_.erase(old);
    }
    const auto room = rooms_.find(id);
    const Time next = room == rooms_.end() ? never : room->second.next_deadline();
    if (next == never) continue;
    room_deadlines_.insert({next, id});
    room_scheduled_.emplace(id, next);
  }
}

Time Relay::next_deadline() const {
  note_room_deadlines();
  const Time next = deadlines_.empty() ? never : deadlines_.begin()->first;
  return room_deadlines_.empty() ? next : std::min(next, room_deadlines_.begin()->first);
}

Outputs Relay::tick(Time now) {
  Outbox out;
  Turn turn{now, out, counters_};
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const auto found = connections_.find(deadlines_.begin()->second);
    ++counters_.connections_timed_out;
    refuse(found->second, ErrorCode::refused, "nothing was said in time", turn);
  }
  note_room_deadlines();
  for (auto due = room_deadlines_.begin(); due != room_deadlines_.end() && due->first <= now; ++due) {
    stir(due->second);
    Room& room = rooms_.at(due->second);
    room.tick(turn);
    if (room.deserted()) close_room(due->second, turn);
  }
  return finish(turn);
}

Outputs Relay::shut_down() {
  Outbox out;
  Turn turn{{}, out, counters_};
  going_ = true;
  for (const auto& [id, connection] : connections_) out.close(id, ErrorCode::connection_lost, "the relay is shutting down");
  rooms_.clear();
  room_deadlines_.clear();
  room_scheduled_.clear();
  return finish(turn);
}

Outputs Relay::log_advanced(const RoomId& id, Time now) {
  Outbox out;
  Turn turn{now, out, counters_};
  stir(id);
  if (Room* room = find_room(id)) after_append(id, room->read_log(turn), turn);
  return finish(turn);
}

}  // namespace conclave::relay
