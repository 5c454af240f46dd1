// Heirs who agree on a new host: the one way to end the rank of a host that does not want to. See docs/decisions/013-door-keepers.md.
#include <algorithm>
#include <utility>

#include "relay/room.h"

namespace conclave::relay {

std::vector<Seat*> Room::seats() {
  std::vector<Seat*> out;
  for (auto& [connection, seat] : members_) out.push_back(&seat);
  for (auto& [peer, away] : away_) out.push_back(&away.seat);
  return out;
}

void Room::keep(const Seat& seat) {
  if (!seat.digest.empty()) store_.put_seat(id_, seat);
}

transport::SeatHeirs Room::voices() {
  transport::SeatHeirs heirs;
  for (const Seat* seat : seats()) {
    if (seat->quorum == 0) continue;
    heirs.quorum = seat->quorum;
    heirs.connections.push_back(seat->peer);
  }
  std::ranges::sort(heirs.connections);
  return heirs;
}

bool Room::seat_heirs(ConnectionId from, transport::SeatHeirs heirs, Turn& turn) {
  if (rank_of(from) != DoorRank::host) return false;
  const transport::SeatHeirs counting = voices();
  if (heirs == (next_heirs_ ? next_heirs_->heirs : counting)) return true;  // said again
  next_heirs_.reset();
  turn.out.send(audience_, Channel::handshake, transport::HeirsSeated{heirs});
  if (counting.connections.empty()) {
    give_voices(heirs);
  } else if (heirs != counting) {
    next_heirs_ = NextHeirs{std::move(heirs), turn.now + limits_.heirs_delay};
  }
  return true;
}

void Room::give_voices(const transport::SeatHeirs& heirs) {
  acclaims_.clear();
  for (Seat* seat : seats()) {
    const std::uint8_t quorum = std::ranges::binary_search(heirs.connections, seat->peer) ? heirs.quorum : 0;
    if (std::exchange(seat->quorum, quorum) != quorum) keep(*seat);
  }
}

bool Room::acclaim(ConnectionId from, std::uint64_t peer, Turn& turn) {
  const Seat& own = members_.at(from);
  if (own.quorum == 0) return false;
  acclaims_.insert_or_assign(own.peer, Voice{peer, turn.now + limits_.acclaim_lasts});
  const auto agree = std::ranges::count_if(seats(), [&](const Seat* seat) {
    const auto voice = seat->quorum > 0 ? acclaims_.find(seat->peer) : acclaims_.end();
    return voice != acclaims_.end() && voice->second.host == peer && turn.now < voice->second.until;
  });
  const bool unmade = own.quorum > 1 || !another_leads(peer);
  if (agree >= own.quorum && unmade) make_sole_host(peer, turn);
  return true;
}

/// A host who is there, other than that seat. One voice is not enough against it: whose it is may have been banned since, which the relay does not learn.
bool Room::another_leads(std::uint64_t peer) const {
  return std::ranges::any_of(members_, [&](const auto& entry) { return entry.second.door == DoorRank::host && entry.second.peer != peer; });
}

/// Also takes the rank of seats that are away: whoever comes back to one finds it without.
void Room::make_sole_host(std::uint64_t peer, Turn& turn) {
  Seat* chosen = find_seat(peer);
  if (chosen == nullptr) return;
  acclaims_.clear();
  for (Seat* seat : seats()) {
    const bool other = seat != chosen && seat->door == DoorRank::host;
    if (!other) continue;
    seat->door = DoorRank::none;
    keep(*seat);
    next_heirs_.reset();  // what it asked for before it went
  }
  const DoorRank before = std::exchange(chosen->door, DoorRank::host);
  if (before == DoorRank::host) return;
  keep(*chosen);
  const auto connection = connection_of(peer);
  if (before == DoorRank::none && connection) announce_waiting(*connection, turn);
}

}  // namespace conclave::relay
