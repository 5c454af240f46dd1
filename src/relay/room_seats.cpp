// Seats of members whose connections broke.
#include <algorithm>
#include <utility>

#include "base/secret.h"
#include "relay/room.h"

namespace conclave::relay {
namespace {

constexpr Duration longest_silence = std::chrono::seconds(15);  ///< of a connection before it counts as broken, and some more
constexpr Duration mark_interval = std::chrono::seconds(1);

}  // namespace

void Room::keep_seat(ConnectionId connection, Bytes digest) {
  Seat& seat = members_.at(connection);
  seat.digest = std::move(digest);
  seat.spent.clear();
  store_.put_seat(id_, seat);
}

const Seat* Room::find_seat(std::uint64_t peer) const {
  if (const auto away = away_.find(peer); away != away_.end()) return &away->second.seat;
  const auto seated = std::ranges::find_if(members_, [&](const auto& member) { return member.second.peer == peer; });
  return seated == members_.end() ? nullptr : &seated->second;
}

bool Room::keeps_seat(const transport::Resume& resume, ByteView shown) const {
  const Seat* seat = find_seat(resume.connection);
  if (seat == nullptr || seat->digest.empty()) return false;
  if (limits_.resume_window <= Duration::zero() && away_.contains(resume.connection)) return false;
  const bool first_use = constant_time_equal(shown, seat->digest);
  const bool repeated = constant_time_equal(shown, seat->spent) && constant_time_equal(resume.next_digest, seat->digest);
  const bool in_reach = resume.next_index >= log_.extent(id_).first && resume.next_index <= next_index_;
  return (first_use || repeated) && in_reach && same_history(resume);
}

bool Room::same_history(const transport::Resume& resume) const {
  if (resume.last_entry.empty() || resume.next_index == 0) return true;
  const auto entries = log_.read(id_, resume.next_index - 1, 1);
  if (!entries.ok() || entries->empty()) return true;
  return constant_time_equal(transport::entry_digest(entries->front().record->message), resume.last_entry);
}

std::optional<ConnectionId> Room::connection_of(std::uint64_t peer) const {
  for (const auto& [connection, seat] : members_) {
    if (seat.peer == peer) return connection;
  }
  return std::nullopt;
}

Allowance Room::resume(ConnectionId connection, const transport::Resume& resume, Turn& turn) {
  Away away = std::move(away_.extract(resume.connection).mapped());
  Seat& seat = away.seat;
  if (!constant_time_equal(resume.next_digest, seat.digest)) seat.spent = std::exchange(seat.digest, resume.next_digest);
  store_.put_seat(id_, seat);
  ++turn.counters.seats_resumed;
  const bool keeper = seat.door != DoorRank::none;
  turn.out.send(connection, Channel::handshake, transport::Resumed{next_index_});
  catch_up(connection, resume.next_index, turn);
  add_member(connection, std::move(seat), turn);
  if (keeper) announce_waiting(connection, turn);
  const transport::SeatHeirs heirs = next_heirs_ ? next_heirs_->heirs : voices();
  if (next_heirs_ || heirs.quorum > 0) turn.out.send(connection, Channel::handshake, transport::HeirsSeated{heirs});
  keep_log_for_absent();
  return away.belongings.allowance;
}

void Room::announce_waiting(ConnectionId keeper, Turn& turn) {
  for (const auto& [id, knocker] : door_.all()) {
    if (!knocker.held) turn.out.send(keeper, Channel::handshake, transport::KnockArrived{id, knocker.sealed});
  }
}

// ---- ranks at the door -----------------------------------------------------------------------------------------

DoorRank Room::rank_of(ConnectionId connection) const {
  const auto member = members_.find(connection);
  return member == members_.end() ? DoorRank::none : member->second.door;
}

bool Room::leads(ConnectionId connection) const {
  if (rank_of(connection) == DoorRank::host) return true;
  const bool hosted = std::ranges::any_of(members_, [](const auto& member) { return member.second.door == DoorRank::host; });
  return rank_of(connection) == DoorRank::heir && !hosted;
}

Seat* Room::find_seat(std::uint64_t peer) { return const_cast<Seat*>(std::as_const(*this).find_seat(peer)); }

void Room::share_door(ConnectionId from, const transport::ShareDoor& share, Turn& turn) {
  Seat* seat = find_seat(share.connection);
  if (seat == nullptr || seat->door == share.rank) return;
  const bool of_hosts = seat->door == DoorRank::host || share.rank == DoorRank::host;
  if (of_hosts && rank_of(from) != DoorRank::host) return;  // an heir makes no hosts, and takes nothing from one that is away
  const bool news = seat->door == DoorRank::none;
  seat->door = share.rank;
  keep(*seat);
  const auto connection = connection_of(share.connection);
  if (news && connection) announce_waiting(*connection, turn);
}

void Room::restore(const std::vector<Seat>& seats, std::uint64_t first_knock_id, Time now) {
  door_.begin_at(first_knock_id);
  const CommitLog::Extent extent = log_.extent(id_);
  for (const Seat& seat : seats) away_.insert_or_assign(seat.peer, Away{seat, now + limits_.resume_window, {Allowance(limits_)}, extent.first});
  next_index_ = extent.end;
  keep_log_for_absent();
  const auto entries = log_.read(id_, extent.first, static_cast<std::size_t>(extent.end - extent.first));
  if (!entries.ok()) return;
  for (const LoggedRecord& logged : *entries) {
    if (logged.record->commit) (void)claimed_before(logged.record->epoch);
  }
}

void Room::expire_seats(Turn& turn) {
  for (auto away = away_.begin(); away != away_.end();) {
    if (turn.now < away->second.until) {
      ++away;
      continue;
    }
    ++turn.counters.seats_expired;
    turn.out.send(audience_, Channel::handshake, transport::PeerGone{away->first, false});
    store_.drop_seat(id_, away->first);
    away = away_.erase(away);
    keep_log_for_absent();
  }
}

// ---- what of the log they need -----------------------------------------------------------------------------------

void Room::note_delivered(Time now) {
  if (marks_.empty() || now - marks_.back().at >= mark_interval) marks_.push_back({now, next_index_});
  while (marks_.size() > 1 && marks_[1].at <= now - longest_silence) marks_.pop_front();
}

std::uint64_t Room::surely_read(Time now) const {
  std::uint64_t index = marks_.empty() ? next_index_ : marks_.front().index;
  for (const Mark& mark : marks_) {
    if (mark.at <= now - longest_silence) index = mark.index;
  }
  return index;
}

void Room::keep_log_for_absent() {
  std::optional<std::uint64_t> from;
  for (const auto& [peer, away] : away_) from = std::min(from.value_or(away.unread_from), away.unread_from);
  log_.keep_from(id_, from);
}

}  // namespace conclave::relay
