#include "session/commit_description.h"

#include <algorithm>

#include "room/message.h"
#include "room/ticket.h"

namespace conclave::session {
namespace {

bool covers_others(const mls::CommitSummary& commit) {
  const auto foreign = [&](const auto& change) { return change.proposer != mls::Sender{mls::MemberSender{commit.committer}}; };
  return !commit.updated.empty() || std::any_of(commit.added.begin(), commit.added.end(), foreign) ||
         std::any_of(commit.removed.begin(), commit.removed.end(), foreign);
}

/// True when the extensions stay as they are but for the policy, which has to be there.
bool only_policy_differs(const mls::Extensions& before, const mls::Extensions& after) {
  const auto policy = after.find(policy_extension);
  if (!policy) return false;
  mls::Extensions expected = before;
  expected.set(policy_extension, to_bytes(*policy));
  return expected == after;
}

/// Heirs whose voices for the committer hold in the epoch that the commit ends.
std::vector<room::IdentityHash> endorsers(const mls::CommitSummary& commit, const room::RoomId& room_id) {
  std::vector<room::IdentityHash> heirs;
  if (commit.authenticated_data.empty() || !commit.committer_after) return heirs;
  const auto claimant = read_seat(*commit.committer_after, commit.committer.value, room_id);
  if (!claimant.ok()) return heirs;
  for (const room::Endorsement& voice : room::parse_endorsements(commit.authenticated_data)) {
    const bool for_this = voice.epoch == commit.epoch && voice.claimant == claimant->identity;
    if (for_this && voice.verify(room_id)) heirs.push_back(room::identity_hash(voice.heir_key));
  }
  return heirs;
}

Error blame(Error error, std::uint32_t committer) {
  error.code = ErrorCode::forbidden_by_policy;
  error.participant = committer;
  return error;
}

}  // namespace

Result<room::RoomPolicy> read_policy(const mls::Extensions& extensions) {
  const auto bytes = extensions.find(policy_extension);
  if (!bytes) return Error{ErrorCode::invalid_message, "a room without policy"};
  return room::RoomPolicy::parse(*bytes);
}

Result<room::Seat> read_seat(const mls::LeafNode& leaf, std::uint32_t id, const room::RoomId& room_id) {
  const auto* basic = std::get_if<mls::BasicCredential>(&leaf.credential);
  if (basic == nullptr) return Error{ErrorCode::unsupported, "a member has a credential of an unknown kind", id};
  auto credential = room::MemberCredential::verify(basic->identity, room_id, leaf.signature_key);
  if (!credential.ok()) return Error{credential.error().code, credential.error().detail, id};
  room::Seat seat{id, room::identity_hash(credential->identity_key), {}};
  if (credential->invitation.empty()) return seat;
  const auto ticket = room::verify_ticket_use(credential->invitation, room_id, credential->identity_key);
  if (!ticket.ok()) return Error{ticket.error().code, ticket.error().detail, id};
  seat.invitation = room::UsedInvitation{ticket->id(), ticket->issuer()};
  return seat;
}

Result<std::vector<room::Seat>> read_seats(const std::vector<mls::Member>& leaves, const room::RoomId& room_id) {
  std::vector<room::Seat> seats;
  for (const mls::Member& leaf : leaves) {
    CONCLAVE_ASSIGN(seat, read_seat(leaf.leaf_node, leaf.leaf.value, room_id));
    seats.push_back(seat);
  }
  return seats;
}

Result<room::CommitDescription> describe(const mls::CommitSummary& commit, const mls::Extensions& before, const room::RoomId& room_id) {
  room::CommitDescription description;
  description.committer = commit.committer.value;
  description.from_outside = commit.external;
  description.covers_others = covers_others(commit);
  description.changes_group = commit.reinit.has_value() || !commit.psks.empty();
  for (const auto& added : commit.added) {
    auto seat = read_seat(added.leaf_node, added.leaf.value, room_id);
    if (!seat.ok()) return blame(seat.error(), description.committer);
    description.added.push_back(*seat);
  }
  for (const auto& removed : commit.removed) description.removed.push_back(removed.leaf.value);
  description.endorsers = endorsers(commit, room_id);
  if (!commit.extensions) return description;
  if (!only_policy_differs(before, *commit.extensions)) description.changes_group = true;
  auto policy = read_policy(*commit.extensions);
  if (!policy.ok()) return blame(policy.error(), description.committer);
  description.policy = std::move(*policy);
  return description;
}

}  // namespace conclave::session
