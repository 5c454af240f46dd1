#include "session/admission.h"

#include <algorithm>

#include "room/text.h"
#include "room/ticket.h"
#include "session/signing_key.h"

namespace conclave::session {
namespace {

Error forbidden(const char* what, MemberId who) { return Error{ErrorCode::forbidden_by_policy, what, who}; }

bool has_identity(const std::vector<Member>& members, const Bytes& identity_key) {
  return std::any_of(members.begin(), members.end(), [&](const Member& m) { return m.identity_key == identity_key; });
}

/// A seat keeps its identity and its name: who wants another leaves and knocks again. Its signature key may change, since the
/// identity signs it (`read_member`).
Result<void> check_same_person(const mls::LeafNode& before, const mls::LeafNode& after, MemberId who, const room::RoomId& room_id) {
  CONCLAVE_ASSIGN(old_member, read_member(before, who, room_id));
  CONCLAVE_ASSIGN(new_member, read_member(after, who, room_id));
  if (old_member.identity_key != new_member.identity_key || old_member.display_name != new_member.display_name) {
    return forbidden("a commit changes who its sender is", who);
  }
  return {};
}

Result<void> check_additions(const mls::CommitSummary& commit, const RoomRules& rules) {
  std::vector<Member> seated = rules.members;
  for (const auto& added : commit.added) {
    Result<Member> member = read_member(added.leaf_node, added.leaf.value, rules.room_id);
    if (!member.ok()) {
      member.error().participant = commit.committer.value;
      return member.error();
    }
    if (!has_suite(added.leaf_node.extensions, rules.frame_suite)) {
      return forbidden("a commit adds somebody who does not have the room's frame suite", commit.committer.value);
    }
    if (!signing_key_of(added.leaf_node.extensions).ok()) return forbidden("a commit adds somebody without a key for its frames", commit.committer.value);
    if (has_identity(seated, member->identity_key)) return forbidden("a commit gives an identity a second seat", commit.committer.value);
    seated.push_back(std::move(*member));
  }
  return {};
}

Result<void> check_warrants(const room::RoomPolicy& after, const RoomRules& rules, MemberId who) {
  for (const room::Warrant& warrant : after.warrants) {
    const room::Warrant* old = rules.policy.warrant_of(warrant.holder);
    const bool known = old != nullptr && *old == warrant;
    if (!known && !warrant.verify(rules.room_id)) return forbidden("a commit brings a warrant that nobody signed for this room", who);
  }
  return {};
}

}  // namespace

Result<Member> read_member(const mls::LeafNode& leaf, MemberId id, const room::RoomId& room_id) {
  const auto* basic = std::get_if<mls::BasicCredential>(&leaf.credential);
  if (basic == nullptr) return Error{ErrorCode::unsupported, "a member has a credential of an unknown kind", id};
  Result<room::MemberCredential> credential = room::MemberCredential::verify(basic->identity, room_id, leaf.signature_key);
  if (!credential.ok()) {
    credential.error().participant = id;
    return credential.error();
  }
  Member member;
  member.id = id;
  member.display_name = room::inert_name(credential->display_name);
  if (!credential->invitation.empty()) {
    const auto ticket = room::verify_ticket_use(credential->invitation, room_id, credential->identity_key);
    if (!ticket.ok()) return Error{ticket.error().code, ticket.error().detail, id};
    member.invited_as = room::inert_name(ticket->invitee);
  }
  member.identity_key = std::move(credential->identity_key);
  member.organisation = std::move(credential->organisation);
  return member;
}

Result<std::vector<Member>> read_roster(const std::vector<mls::Member>& leaves, const room::RoomId& room_id) {
  std::vector<Member> members;
  for (const mls::Member& leaf : leaves) {
    CONCLAVE_ASSIGN(member, read_member(leaf.leaf_node, leaf.leaf.value, room_id));
    if (has_identity(members, member.identity_key)) {
      return Error{ErrorCode::invalid_message, "an identity has two seats in the room", member.id};
    }
    members.push_back(std::move(member));
  }
  return members;
}

Result<room::RoomPolicy> check_commit(const mls::CommitSummary& commit, const RoomRules& rules) {
  const MemberId who = commit.committer.value;
  CONCLAVE_ASSIGN(description, describe(commit, rules.extensions, rules.room_id));
  CONCLAVE_ASSIGN(policy, room::judge(rules.policy, seats_of(rules.members), description));
  if (commit.committer_before && commit.committer_after) {
    CONCLAVE_TRY(check_same_person(*commit.committer_before, *commit.committer_after, who, rules.room_id));
  }
  if (commit.committer_after && !has_suite(commit.committer_after->extensions, rules.frame_suite)) {
    return forbidden("a commit gives up the room's frame suite", who);
  }
  if (commit.committer_after && !signing_key_of(commit.committer_after->extensions).ok()) return forbidden("a commit gives up the key of its sender's frames", who);
  CONCLAVE_TRY(check_warrants(policy, rules, who));
  CONCLAVE_TRY(check_additions(commit, rules));
  return policy;
}

std::vector<room::Seat> seats_of(const std::vector<Member>& members) {
  std::vector<room::Seat> seats;
  for (const Member& member : members) seats.push_back({member.id, room::identity_hash(member.identity_key), {}});
  return seats;
}

std::optional<MemberId> find_founder(const std::vector<Member>& members, const room::IdentityHash& founder) {
  for (const Member& member : members) {
    if (room::identity_hash(member.identity_key) == founder) return member.id;
  }
  return std::nullopt;
}

}  // namespace conclave::session
