// Commits of our own, and who may come in by them.
#include <algorithm>

#include "room/ticket.h"
#include "session/room_group_state.h"

namespace conclave::session {
namespace {

/// The ticket by which a leaf's member comes, if any; its signatures hold.
Result<std::optional<room::Ticket>> ticket_of(const mls::LeafNode& leaf, const room::RoomId& room_id) {
  const auto* basic = std::get_if<mls::BasicCredential>(&leaf.credential);
  if (basic == nullptr) return std::optional<room::Ticket>();
  CONCLAVE_ASSIGN(credential, room::MemberCredential::verify(basic->identity, room_id, leaf.signature_key));
  if (credential.invitation.empty()) return std::optional<room::Ticket>();
  CONCLAVE_ASSIGN(ticket, room::verify_ticket_use(credential.invitation, room_id, credential.identity_key));
  return std::optional<room::Ticket>(std::move(ticket));
}

}  // namespace

Result<mls::KeyPackage> RoomGroup::State::check_key_package(ByteView bytes, UnixSeconds wall_time) const {
  CONCLAVE_ASSIGN(key_package, wire::decode<mls::KeyPackage>(bytes));
  if (key_package.cipher_suite != group.suite().id) return Error{ErrorCode::unsupported, "a key package of another cipher suite"};
  CONCLAVE_TRY(key_package.validate(wall_time));
  if (!has_suite(key_package.leaf_node.extensions, frame_suite)) return Error{ErrorCode::unsupported, "who knocks does not have the room's frame suite"};
  CONCLAVE_TRY(read_member(key_package.leaf_node, 0, config.room_id));
  CONCLAVE_ASSIGN(ticket, ticket_of(key_package.leaf_node, config.room_id));
  if (ticket && ticket->expires < wall_time.value) return Error{ErrorCode::expired, "the invitation has expired"};
  return key_package;
}

Result<Member> RoomGroup::inspect(ByteView key_package, UnixSeconds wall_time) const {
  CONCLAVE_ASSIGN(checked, state_->check_key_package(key_package, wall_time));
  CONCLAVE_ASSIGN(member, read_member(checked.leaf_node, 0, state_->config.room_id));
  for (const Member& seated : state_->members) {
    if (seated.identity_key == member.identity_key) return Error{ErrorCode::forbidden_by_policy, "this identity has a seat"};
  }
  return member;
}

Result<CommitToLog> RoomGroup::admit(const std::vector<ByteView>& key_packages, UnixSeconds wall_time, crypto::Random& random) {
  if (!own_rights().has(Right::admit)) return Error{ErrorCode::not_permitted, "we have no right to admit"};
  std::vector<mls::Proposal> proposals;
  room::RoomPolicy noted = state_->policy;
  for (const ByteView key_package : key_packages) {
    CONCLAVE_ASSIGN(checked, state_->check_key_package(key_package, wall_time));
    CONCLAVE_ASSIGN(newcomer, read_seat(checked.leaf_node, 0, state_->config.room_id));
    proposals.emplace_back(mls::Add{std::make_shared<const mls::KeyPackage>(std::move(checked))});
    const bool bound = !newcomer.invitation || noted.bound_to(newcomer.invitation->id) != nullptr;
    if (!bound) noted.bind({newcomer.invitation->id, newcomer.identity});
  }
  if (noted != state_->policy) proposals.push_back(state_->replacing(noted));
  return state_->commit(std::move(proposals), wall_time, random);
}

Result<CommitToLog> RoomGroup::remove(MemberId member, UnixSeconds wall_time, crypto::Random& random) {
  if (!own_rights().has(Right::remove)) return Error{ErrorCode::not_permitted, "we have no right to remove"};
  std::vector<mls::Proposal> proposals;
  proposals.emplace_back(mls::Remove{mls::LeafIndex{member}});
  return state_->commit(std::move(proposals), wall_time, random);
}

Result<CommitToLog> RoomGroup::ban(MemberId member, UnixSeconds wall_time, crypto::Random& random) {
  if (!own_rights().has(Right::remove)) return Error{ErrorCode::not_permitted, "we have no right to remove"};
  const auto leaf = state_->group.member(mls::LeafIndex{member});
  if (!leaf) return Error{ErrorCode::invalid_argument, "there is nobody to remove", member};
  CONCLAVE_ASSIGN(seat, read_seat(*leaf, member, state_->config.room_id));
  room::RoomPolicy after = state_->policy;
  after.erase_grant(seat.identity);
  std::erase(after.heirs, seat.identity);
  after.quorum = static_cast<std::uint8_t>(std::min<std::size_t>(after.quorum, after.heirs.size()));
  after.ban_identity(seat.identity);
  if (seat.invitation) after.ban_invitation(seat.invitation->id);
  std::vector<mls::Proposal> proposals;
  proposals.emplace_back(mls::Remove{mls::LeafIndex{member}});
  proposals.push_back(state_->replacing(after));
  return state_->commit(std::move(proposals), wall_time, random);
}

Result<CommitToLog> RoomGroup::change(const room::RoomPolicy& policy, Bytes voices, UnixSeconds wall_time, crypto::Random& random) {
  std::vector<mls::Proposal> proposals;
  proposals.push_back(state_->replacing(policy));
  return state_->commit(std::move(proposals), wall_time, random, std::move(voices));
}

Result<CommitToLog> RoomGroup::inherit(Bytes voices, const std::vector<Bytes>& vanished, UnixSeconds wall_time, crypto::Random& random) {
  room::RoomPolicy after = state_->policy;
  std::vector<mls::Proposal> proposals;
  for (const Member& member : state_->members) {
    const room::IdentityHash identity = room::identity_hash(member.identity_key);
    if (member.id == self()) after.put(room::Grant{identity, Role::owner, 0, 0});
    const bool gone = member.id != self() && member.role >= Role::moderator && std::ranges::count(vanished, member.identity_key) != 0;
    if (!gone) continue;
    after.erase_grant(identity);
    proposals.emplace_back(mls::Remove{mls::LeafIndex{member.id}});
  }
  CONCLAVE_TRY(vouch(after, wall_time));
  proposals.push_back(state_->replacing(after));
  return state_->commit(std::move(proposals), wall_time, random, std::move(voices));
}

Result<void> RoomGroup::may_change(const room::RoomPolicy& policy) const {
  room::CommitDescription commit;
  commit.committer = self();
  commit.policy = policy;
  const auto verdict = room::judge(policy_ahead(), seats_of(state_->members), commit);
  return verdict.ok() ? Result<void>() : Error{ErrorCode::not_permitted, verdict.error().detail};
}

Result<void> RoomGroup::vouch(room::RoomPolicy& policy, UnixSeconds wall_time) const {
  if (!state_->identity) return {};
  return room::renew_warrants(policy, *state_->identity, state_->config.room_id, state_->founder, wall_time);
}

bool RoomGroup::vouching_due(UnixSeconds wall_time) const {
  if (!state_->identity || !own_rights().has(Right::admit)) return false;
  const bool owner_seated = std::ranges::any_of(state_->members, [](const Member& m) { return m.role == Role::owner; });
  if (owner_seated && state_->policy.role_of(state_->identity->hash()) != Role::owner) return false;
  room::RoomPolicy after = state_->policy;
  return vouch(after, wall_time).ok() && after != state_->policy;
}

bool RoomGroup::can_vouch() const { return state_->identity != nullptr; }

Result<room::Endorsement> RoomGroup::voice_for(const room::IdentityHash& claimant) const {
  if (!state_->identity) return Error{ErrorCode::invalid_state, "a restored session speaks for nobody: join anew"};
  return room::Endorsement::sign(*state_->identity, state_->config.room_id, epoch(), claimant);
}

const room::RoomPolicy& RoomGroup::policy() const { return state_->policy; }

Rights RoomGroup::own_rights() const {
  const auto own = std::ranges::find(state_->members, self(), &Member::id);
  return own == state_->members.end() ? Rights() : own->rights;
}

mls::Proposal RoomGroup::State::replacing(const room::RoomPolicy& after) const {
  mls::Extensions extensions = group.extensions();
  extensions.set(policy_extension, wire::encode(after));
  return mls::GroupContextExtensions{std::move(extensions)};
}

Result<CommitToLog> RoomGroup::rotate(UnixSeconds wall_time, crypto::Random& random) { return state_->commit({}, wall_time, random); }

Result<CommitToLog> RoomGroup::State::commit(std::vector<mls::Proposal> proposals, UnixSeconds wall_time, crypto::Random& random, Bytes voices) {
  if (!pending_message.empty()) return Error{ErrorCode::invalid_state, "a commit of ours is pending"};
  mls::CommitOptions options;
  options.with_proposals = false;  // nothing that others proposed
  options.authenticated_data = std::move(voices);
  Result<mls::PendingCommit> made = group.commit(std::move(proposals), std::move(options), wall_time, random);
  if (!made.ok()) return made.error();
  const Result<room::RoomPolicy> allowed = check_commit(group.pending()->summary(), rules());
  if (!allowed.ok()) {
    group.discard_pending();
    return allowed.error();
  }
  pending_message = made->commit;
  return CommitToLog{group.epoch(), std::move(made->commit), std::move(made->welcome)};
}

}  // namespace conclave::session
