// The verdict on a commit: what every member asks before it merges one, so that all come to the same answer.
#pragma once

#include <optional>
#include <vector>

#include "room/policy.h"

namespace conclave::room {

/// The personal invitation by which somebody came, its signatures verified.
struct UsedInvitation {
  InvitationId id{};
  IdentityHash issuer{};
};

/// A member's place in the room: its leaf index, and who it is.
struct Seat {
  std::uint32_t id = 0;
  IdentityHash identity{};
  std::optional<UsedInvitation> invitation;
};

/// What a staged commit does, in the words of the policy.
struct CommitDescription {
  std::uint32_t committer = 0;
  bool from_outside = false;     ///< an external commit, or proposals of an external sender
  bool covers_others = false;    ///< proposals that the committer did not make
  bool changes_group = false;    ///< reinitialisation, pre-shared keys, other extensions than the policy's
  std::vector<Seat> added;
  std::vector<std::uint32_t> removed;
  std::optional<RoomPolicy> policy;         ///< that it puts in place, already parsed
  std::vector<IdentityHash> endorsers;      ///< heirs who signed for the committer to inherit, verified
};

/// The policy after the commit, or why no member may accept it: `forbidden_by_policy` with the committer. Pure: it depends on
/// nothing but its arguments.
/// - The rights are those of `before`: nobody uses a right in the commit that grants it.
/// - Nobody acts on somebody of the same or a higher role but on itself, downwards.
/// - Nobody gives what it has not got.
/// - A personal invitation is worth what its issuer may do, and lets one identity in.
/// - Tombstones and bindings only grow, but for an owner's pardon.
/// - An heir becomes owner when no moderator and no owner has a seat, or by signatures of a quorum of heirs.
/// - Warrants are given by who may admit, in its own name, to who may hold one; only an owner takes away what another one gave. Whether their
///   signatures hold is not asked here.
/// - After the end nothing is accepted.
Result<RoomPolicy> judge(const RoomPolicy& before, const std::vector<Seat>& roster, const CommitDescription& commit);

}  // namespace conclave::room
