// Who may change the membership of a room: checked by every member on every commit, before it is merged.
#pragma once

#include <optional>
#include <vector>

#include "mls/group/group.h"
#include "room/identity.h"
#include "session/commit_description.h"
#include "session/frame_suites.h"
#include "session/member.h"

namespace conclave::session {

/// The members of a group, each with a credential that holds for this room and an identity of its own. `not_authentic`,
/// `malformed` or `invalid_message` with the leaf of the one that does not.
Result<std::vector<Member>> read_roster(const std::vector<mls::Member>& leaves, const room::RoomId& room_id);

/// One leaf's member. The name is inert.
Result<Member> read_member(const mls::LeafNode& leaf, MemberId id, const room::RoomId& room_id);

/// What a room holds its commits against.
struct RoomRules {
  const std::vector<Member>& members;
  const room::RoomId& room_id;
  sframe::CipherSuite frame_suite;
  const room::RoomPolicy& policy;
  const mls::Extensions& extensions;  ///< of the group's context
};

/// The policy after a commit, when every member may accept it:
/// - the policy before it allows it (room/judge.h);
/// - nobody changes identity or name while it stays, and no identity has two seats;
/// - everybody has the room's frame suite;
/// - warrants that it brings are signed for this room.
/// `forbidden_by_policy` (or what `read_member` says) with the committer.
Result<room::RoomPolicy> check_commit(const mls::CommitSummary& commit, const RoomRules& rules);

/// The members as the verdict sees them.
std::vector<room::Seat> seats_of(const std::vector<Member>& members);

/// Who founded the room, while it is a member.
std::optional<MemberId> find_founder(const std::vector<Member>& members, const room::IdentityHash& founder);

}  // namespace conclave::session
