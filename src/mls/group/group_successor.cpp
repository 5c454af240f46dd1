// Reinitialization and branching (RFC 9420 sections 11.2 and 11.3).
#include "base/bytes.h"
#include "mls/group/commit_builder.h"

namespace conclave::mls {

Result<Group::SuccessorResult> Group::succeed(const Group& old, ResumptionPskUsage usage, GroupConfig config, std::vector<KeyPackage> members,
                                              CommitOptions options, UnixSeconds now, crypto::Random& random) {
  CONCLAVE_ASSIGN(group, Group::create(std::move(config), random));
  PreSharedKeyId id{ResumptionPskId{usage, old.epoch_.context.group_id, old.epoch()}, Bytes(group.suite_->hash_size)};
  random.fill(id.psk_nonce);
  const auto secret = old.psks_.find(id);
  if (!secret) return Error{ErrorCode::unknown_key, "the resumption PSK of the old group is gone"};
  group.psks_.add_resumption(old.epoch_.context.group_id, old.epoch(), ResumptionPsk::copy_of(*secret));

  ProposalList list;
  const auto propose = [&](Proposal proposal) {
    list.push_back(std::make_shared<SentProposal>(SentProposal{std::move(proposal), MemberSender{group.own_leaf()}, {}, false}));
  };
  for (KeyPackage& member : members) propose(Add{std::make_shared<KeyPackage>(std::move(member))});
  propose(PreSharedKey{std::move(id)});
  const CommitKind kind = usage == ResumptionPskUsage::reinit ? CommitKind::reinit : CommitKind::branch;
  CONCLAVE_ASSIGN(output, CommitBuilder(group, std::move(options), now, random).build(std::move(list), kind));
  group.psks_.erase_resumption(old.epoch_.context.group_id);  // it has done its work
  group.pending_ = std::move(output.staged);
  group.pending_message_ = crypto::hash(group.suite_->hash, output.pending.commit);
  return SuccessorResult{std::move(group), std::move(output.pending)};
}

Result<Group::SuccessorResult> Group::reinitialize(Succession succession, UnixSeconds now, crypto::Random& random) const {
  if (!reinit_) return Error{ErrorCode::invalid_state, "the group was not reinitialised"};
  if (succession.members.size() + 1 < member_count()) return Error{ErrorCode::invalid_argument, "a reinitialised group takes all members along"};
  GroupConfig config{reinit_->cipher_suite, reinit_->group_id, std::move(succession.signer), std::move(succession.profile), reinit_->extensions, succession.options};
  return succeed(*this, ResumptionPskUsage::reinit, std::move(config), std::move(succession.members), std::move(succession.commit), now, random);
}

Result<Group::SuccessorResult> Group::branch(Bytes group_id, Extensions extensions, Succession succession, UnixSeconds now, crypto::Random& random) const {
  CONCLAVE_TRY(check_active());
  if (equal(group_id, this->group_id())) return Error{ErrorCode::invalid_argument, "a branch needs a group id of its own"};
  GroupConfig config{suite_->id, std::move(group_id), std::move(succession.signer), std::move(succession.profile), std::move(extensions), succession.options};
  return succeed(*this, ResumptionPskUsage::branch, std::move(config), std::move(succession.members), std::move(succession.commit), now, random);
}

}  // namespace conclave::mls
