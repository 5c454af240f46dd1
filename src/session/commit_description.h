// Staged commits in the words of the room's policy.
#pragma once

#include "mls/group/group.h"
#include "room/judge.h"

namespace conclave::session {

/// The GroupContext extension that holds the policy (room/policy.h).
inline constexpr auto policy_extension = static_cast<mls::ExtensionType>(room::RoomPolicy::extension_type);

/// The policy in a group's context: `invalid_message` where there is none, or what `RoomPolicy::parse` says.
Result<room::RoomPolicy> read_policy(const mls::Extensions& extensions);

/// Whose seat a leaf is, its credential and personal invitation verified. Errors name the leaf.
Result<room::Seat> read_seat(const mls::LeafNode& leaf, std::uint32_t id, const room::RoomId& room_id);
Result<std::vector<room::Seat>> read_seats(const std::vector<mls::Member>& leaves, const room::RoomId& room_id);

/// What a commit does to a group whose context had `before`. An error is the committer's fault, as if the policy forbade it: a leaf or a
/// policy that does not hold.
Result<room::CommitDescription> describe(const mls::CommitSummary& commit, const mls::Extensions& before, const room::RoomId& room_id);

}  // namespace conclave::session
