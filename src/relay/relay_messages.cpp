// What the relay does with each message of a member.
#include <algorithm>
#include <cstring>
#include <utility>

#include "relay/relay.h"

namespace conclave::relay {
namespace {

/// Says the same to whoever knocks without the link and to whoever knocks at nothing.
constexpr const char* knock_refusal = "the knock was not accepted";

std::uint64_t random_id(crypto::Random& random) {
  std::array<std::uint8_t, 8> bytes{};
  random.fill(bytes);
  std::uint64_t id = 0;
  std::memcpy(&id, bytes.data(), bytes.size());
  return id;
}

}  // namespace

void Relay::on(Connection& from, transport::Hello hello, Turn& turn) {
  if (!std::holds_alternative<Silent>(from.state)) return strike(from, ErrorCode::invalid_state, turn);
  if (hello.version != transport::protocol_version) {
    ++counters_.version_mismatch;
    return refuse(from, ErrorCode::version_mismatch, "the relay speaks another version of the protocol", turn);
  }
  if (hello.room_id.size() != transport::room_id_size) return strike(from, ErrorCode::malformed, turn);
  Visitor visitor{{}, random_id(random_), Bytes(transport::challenge_size), price_.visit(turn.now, limits_)};
  std::copy(hello.room_id.begin(), hello.room_id.end(), visitor.room_id.begin());
  random_.fill(visitor.challenge);
  Bytes card = facade_.card(visitor.room_id);
  if (const Room* room = find_room(visitor.room_id)) card = room->card();
  turn.out.send(from.id, Channel::control,
                transport::HelloAccepted{transport::protocol_version, visitor.peer, visitor.challenge, std::move(card), visitor.work_bits});
  from.state = std::move(visitor);
  set_deadline(from, turn.now + limits_.visit_timeout);
}

void Relay::on(Connection& from, transport::OpenRoom open, Turn& turn) {
  const auto* visitor = std::get_if<Visitor>(&from.state);
  if (visitor == nullptr) return strike(from, ErrorCode::invalid_state, turn);
  auto gate = Gate::parse(open.gate_key, open.lane_key);
  if (!gate.ok()) return strike(from, ErrorCode::malformed, turn);
  const bool taken = find_room(visitor->room_id) != nullptr;
  if (!openers_.admit(visitor->room_id, visitor->challenge, open)) {
    ++counters_.rooms_not_permitted;
    return refuse(from, ErrorCode::refused, "this relay opens rooms only for those whom it knows", turn);
  }
  if (taken || draining_ || rooms_.size() >= limits_.rooms) {
    ++counters_.rooms_refused;
    if (taken) return refuse(from, ErrorCode::refused, "the room is open already", turn);
    return refuse(from, ErrorCode::limit_exceeded, draining_ ? "the relay is about to stop" : "the relay has no room left", turn);
  }
  ++counters_.rooms_opened;
  facade_.imitate(open.card);
  const Visitor founder = *visitor;
  Room& room = rooms_
                   .try_emplace(founder.room_id, founder.room_id, std::move(gate).value(), std::move(open.card), log_, store_, limits_)
                   .first->second;
  store_.put_room(founder.room_id, open.gate_key, open.lane_key, room.card());
  from.state = Guest{founder.room_id, &room};
  set_deadline(from, std::nullopt);
  room.open(from.id, founder.peer, turn);
  stir(founder.room_id);
  note(NoteKind::room_opened, from.id, founder.room_id);
}

void Relay::on(Connection& from, transport::Knock knock, Turn& turn) {
  const auto* visitor = std::get_if<Visitor>(&from.state);
  if (visitor == nullptr) return strike(from, ErrorCode::invalid_state, turn);
  Room* room = find_room(visitor->room_id);
  const Gate& gate = room != nullptr ? room->gate() : facade_.gate();
  const Gate::Way way = gate.way_of(visitor->room_id, visitor->challenge, visitor->work_bits, knock);
  if (room == nullptr || way == Gate::Way::none) {
    ++counters_.knocks_forged;
    return refuse(from, ErrorCode::refused, knock_refusal, turn);
  }
  if (!room->knock(from.id, visitor->peer, std::move(knock.sealed), way == Gate::Way::lane, turn)) {
    ++counters_.knocks_over_limit;
    return refuse(from, ErrorCode::limit_exceeded, "too many are waiting at the door", turn);
  }
  stir(visitor->room_id);
  from.state = Guest{visitor->room_id, room};
  set_deadline(from, std::nullopt);
}

Room* Relay::room_of_member(Connection& from, Turn& turn) {
  const auto* guest = std::get_if<Guest>(&from.state);
  if (guest != nullptr && guest->room->is_member(from.id)) return guest->room;
  strike(from, ErrorCode::invalid_state, turn);
  return nullptr;
}

void Relay::on(Connection& from, transport::RefuseKnock refusal, Turn& turn) {
  Room* room = room_of_member(from, turn);
  if (room == nullptr) return;
  if (room->may_admit(from.id)) room->refuse_knock(from.id, refusal.knock_id, turn);
  else strike(from, ErrorCode::invalid_state, turn);
}

void Relay::on(Connection& from, transport::AppendCommit commit, Turn& turn) {
  Room* room = room_of_member(from, turn);
  if (room == nullptr) return;
  std::size_t bytes = commit.message.size();
  for (const auto& welcome : commit.welcomes) bytes += welcome.welcome.size();
  if (!from.allowance.commits.take(turn.now) || !from.allowance.log_bytes.take(turn.now, static_cast<double>(bytes))) {
    return over_limit(from, turn);
  }
  const RoomId id = std::get<Guest>(from.state).room_id;
  after_append(id, room->append(from.id, std::move(commit), turn), turn);
}

void Relay::on(Connection& from, transport::Broadcast broadcast, Turn& turn) {
  Room* room = room_of_member(from, turn);
  if (room == nullptr) return;
  const std::size_t bytes = broadcast.message.size();
  if (bytes > limits_.broadcast_bytes || !from.allowance.broadcasts.take(turn.now) ||
      !from.allowance.log_bytes.take(turn.now, static_cast<double>(bytes))) {
    return over_limit(from, turn);
  }
  const RoomId id = std::get<Guest>(from.state).room_id;
  after_append(id, room->broadcast(from.id, std::move(broadcast), turn), turn);
}

/// A room whose log is lost ends: members that went on without it would part ways unnoticed.
void Relay::after_append(const RoomId& id, const Result<void>& appended, Turn& turn) {
  if (!appended.ok()) close_room(id, turn);
}

void Relay::on(Connection& from, transport::Publish publish, Turn& turn) {
  Room* room = room_of_member(from, turn);
  if (room == nullptr) return;
  if (!from.allowance.publishes.take(turn.now)) return over_limit(from, turn);
  room->router().publish(from.id, publish, turn);
}

void Relay::on(Connection& from, transport::Subscribe subscribe, Turn& turn) {
  Room* room = room_of_member(from, turn);
  if (room == nullptr) return;
  if (!from.allowance.publishes.take(turn.now)) return over_limit(from, turn);
  room->router().subscribe(from.id, subscribe, turn);
}

void Relay::on(Connection& from, transport::Leave, Turn& turn) {
  turn.out.close(from.id, ErrorCode::refused, "left");
  disconnected(from, Departure::left, turn);
}

void Relay::on(Connection& from, transport::CloseRoom, Turn& turn) {
  Room* room = room_of_member(from, turn);
  if (room == nullptr) return;
  if (!room->leads(from.id)) return strike(from, ErrorCode::invalid_state, turn);
  close_room(std::get<Guest>(from.state).room_id, turn);
}

/// Who says it too late, when the host is back, or too early, before it was named host itself, has done nothing wrong.
void Relay::on(Connection& from, transport::ShareDoor share, Turn& turn) {
  Room* room = room_of_member(from, turn);
  if (room == nullptr) return;
  if (room->leads(from.id)) return room->share_door(from.id, share, turn);
  ++counters_.out_of_place;
}

/// Everybody is told of a list, so it has the pace of what everybody is told of.
void Relay::on(Connection& from, transport::SeatHeirs heirs, Turn& turn) {
  Room* room = room_of_member(from, turn);
  if (room == nullptr) return;
  if (!from.allowance.publishes.take(turn.now)) return over_limit(from, turn);
  if (room->seat_heirs(from.id, std::move(heirs), turn)) return stir(std::get<Guest>(from.state).room_id);
  ++counters_.out_of_place;
}

void Relay::on(Connection& from, transport::Acclaim acclaim, Turn& turn) {
  Room* room = room_of_member(from, turn);
  if (room != nullptr && !room->acclaim(from.id, acclaim.connection, turn)) ++counters_.out_of_place;
}

void Relay::on(Connection& from, transport::KeepSeat keep, Turn& turn) {
  if (Room* room = room_of_member(from, turn)) room->keep_seat(from.id, std::move(keep.digest));
}

/// Says the same about a room that is not there, a seat that is not kept, and a wrong token. Whether the right one comes too often is asked before
/// anything changes.
void Relay::on(Connection& from, transport::Resume resume, Turn& turn) {
  const auto* visitor = std::get_if<Visitor>(&from.state);
  if (visitor == nullptr) return strike(from, ErrorCode::invalid_state, turn);
  const RoomId id = visitor->room_id;
  const Bytes shown = transport::seat_digest(resume.token);
  Room* room = find_room(id);
  if (room == nullptr || !room->keeps_seat(resume, shown)) {
    ++counters_.resumes_refused;
    return refuse(from, ErrorCode::refused, "no such seat is kept", turn);
  }
  const auto former = room->connection_of(resume.connection);
  TokenBucket& pace = former ? connections_.at(*former).allowance.resumes : room->allowance_of_absent(resume.connection).resumes;
  if (!pace.take(turn.now)) {
    ++counters_.resumes_refused;
    return refuse(from, ErrorCode::limit_exceeded, "the seat was taken too often: try again", turn);
  }
  if (former) {  // the member knows better than we that this one is broken
    turn.out.close(*former, ErrorCode::connection_lost, "the member came back over another connection");
    disconnected(connections_.at(*former), Departure::moved, turn);  // the seat waits in the room, which so has somebody
  }
  from.allowance = room->resume(from.id, resume, turn);
  from.state = Guest{id, room};
  set_deadline(from, std::nullopt);
  stir(id);
}

void Relay::restore(const std::vector<RoomRecord>& rooms, Time now) {
  for (const RoomRecord& record : rooms) {
    auto gate = Gate::parse(record.gate_key, record.lane_key);
    if (!gate.ok() || record.seats.empty()) {
      log_.forget(record.id);
      store_.forget_room(record.id);
      continue;
    }
    facade_.imitate(record.card);
    Room& room = rooms_.try_emplace(record.id, record.id, std::move(gate).value(), record.card, log_, store_, limits_).first->second;
    room.restore(record.seats, random_id(random_) >> 1 | std::uint64_t{1} << 32, now);
    ++counters_.rooms_restored;
    stir(record.id);
  }
}

std::size_t Relay::seats_away() const {
  std::size_t sum = 0;
  for (const auto& [id, room] : rooms_) sum += room.seats_away();
  return sum;
}

}  // namespace conclave::relay
