// What of a room matters at its door.
#pragma once

#include <algorithm>

#include "conference/door_keeping.h"

namespace conclave::conference {

struct DoorKeeping::View {
  explicit View(const Session& session) : self(session.self()), owner(session.owner()) {
    const RoomSettings settings = Room::settings_of(session);
    heirs = settings.heirs;
    quorum = settings.quorum;
    for (const SessionMember& member : session.roster()) {
      const room::IdentityHash identity = room::identity_hash(member.identity_key);
      ranks.emplace(identity, rank_of(member, identity));
      if (member.role == Role::owner) owners.push_back(identity);
      if (member.id == self) own = ranks.find(identity);
      if (member.id == owner) owner_identity = identity;
    }
  }
  View(const View&) = delete;
  View& operator=(const View&) = delete;

  [[nodiscard]] transport::DoorRank rank(const room::IdentityHash& identity) const {
    const auto found = ranks.find(identity);
    return found == ranks.end() ? transport::DoorRank::none : found->second;
  }
  [[nodiscard]] bool seated() const { return own != ranks.end(); }
  [[nodiscard]] bool leads() const { return seated() && owner == self; }
  [[nodiscard]] bool is_heir(const room::IdentityHash& identity) const { return std::ranges::find(heirs, identity) != heirs.end(); }

  MemberId self;
  std::optional<MemberId> owner;
  std::vector<room::IdentityHash> heirs;   ///< by the policy, whether or not they have a seat
  std::uint8_t quorum = 0;
  std::vector<room::IdentityHash> owners;  ///< who have a seat
  std::map<room::IdentityHash, transport::DoorRank> ranks;  ///< of all who have a seat
  std::map<room::IdentityHash, transport::DoorRank>::const_iterator own = ranks.end();
  std::optional<room::IdentityHash> owner_identity;

 private:
  [[nodiscard]] transport::DoorRank rank_of(const SessionMember& member, const room::IdentityHash& identity) const {
    if (member.role == Role::owner) return transport::DoorRank::host;
    if (is_heir(identity)) return transport::DoorRank::heir;
    return member.rights.has(Right::admit) ? transport::DoorRank::keeper : transport::DoorRank::none;
  }
};

}  // namespace conclave::conference
