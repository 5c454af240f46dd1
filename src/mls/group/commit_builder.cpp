#include "mls/group/commit_builder.h"

#include <algorithm>

#include "base/bytes.h"
#include "mls/group/proposal_selection.h"
#include "mls/group/transaction.h"

namespace conclave::mls {

Result<CommitBuilder::Output> CommitBuilder::build(ProposalList list, CommitKind kind) {
  list_ = std::move(list);
  committer_ = group_.own_leaf();
  CONCLAVE_TRY(check_proposal_list(group_.rules_of_sender(now_, kind), list_));
  summarize_before(staged_.summary_, group_.tree_, list_);
  staged_.summary_.committer_before = group_.tree_.leaf(committer_)->parsed();
  if (options_.force_path || options_.leaf.any() || requires_path(list_) || group_.awaits_own_commit()) {
    CONCLAVE_ASSIGN(leaf, group_.changed_leaf(options_.leaf));
    leaf_ = std::move(leaf);
  }
  Transaction transaction(group_.tree_);
  CONCLAVE_ASSIGN(applied, apply_proposals(group_.tree_, list_));
  applied_ = std::move(applied);
  CONCLAVE_ASSIGN(output, finish(group_.epoch_.secrets.init_secret, MemberSender{committer_}, group_.options_.handshake_format));
  output.staged.changes_ = transaction.take();
  if (options_.leaf.signer) output.staged.new_signer_ = std::move(options_.leaf.signer);
  return output;
}

Result<CommitBuilder::Output> CommitBuilder::build_external(ProposalList list, LeafNode leaf, InitSecret init_secret) {
  list_ = std::move(list);
  CONCLAVE_TRY(check_proposal_list(group_.rules(CommitKind::external, std::nullopt, now_), list_));
  summarize_before(staged_.summary_, group_.tree_, list_);
  staged_.summary_.external = true;
  Transaction transaction(group_.tree_);
  CONCLAVE_ASSIGN(applied, apply_proposals(group_.tree_, list_));
  applied_ = std::move(applied);
  if (group_.tree_.has_signature_key(leaf.signature_key)) {
    return Error{ErrorCode::invalid_argument, "our signature key stands in the group already"};
  }
  committer_ = group_.tree_.place(TreeLeaf(leaf));
  leaf_ = std::move(leaf);
  CONCLAVE_ASSIGN(output, finish(init_secret, NewMemberCommitSender{}, WireFormat::public_message));
  output.staged.changes_ = transaction.take();
  return output;
}

/// Everything after the proposals were applied; the tree is that of the new epoch.
Result<CommitBuilder::Output> CommitBuilder::finish(const InitSecret& init_secret, Sender sender, WireFormat format) {
  const crypto::CipherSuite& suite = group_.suite();
  extensions_ = extensions_after(list_, group_.extensions());
  keys_ = group_.epoch_.keys;
  summarize_after(staged_.summary_, applied_, list_);
  commit_secret_ = zero_commit_secret(suite);
  if (leaf_) CONCLAVE_TRY(renew_own_path());
  CONCLAVE_TRY(check_support(group_.tree_, extensions_));
  CONCLAVE_ASSIGN(psk_secret, group_.psks_.combine(suite, applied_.psks));
  psk_secret_ = std::move(psk_secret);

  CONCLAVE_ASSIGN(message, signed_commit(std::move(sender), format));
  NextEpoch next = advance_epoch(suite,
                                 {message, group_.epoch_.interim_transcript_hash.view(),
                                  provisional_context(group_.context(), group_.tree_, extensions_), init_secret, commit_secret_, psk_secret_},
                                 group_.tree_.leaf_count());
  next.state.own_leaf = committer_;
  message.auth.confirmation_tag = next.state.confirmation_tag;

  Output output;
  if (!applied_.joined.empty()) {
    CONCLAVE_ASSIGN(welcome, make_welcome(next));
    output.pending.welcome = std::move(welcome);
  }
  if (options_.group_info) {
    CONCLAVE_ASSIGN(info, group_.make_group_info(next.state, options_.tree_in_welcome, true, signer()));
    output.pending.group_info = encode_message(info);
  }
  CONCLAVE_ASSIGN(bytes, group_.protect_handshake(std::move(message), random_));
  output.pending.commit = std::move(bytes);

  keys_.prune(group_.tree_);
  next.state.keys = std::move(keys_);
  staged_.summary_.committer = committer_;
  staged_.summary_.epoch = group_.epoch();
  staged_.summary_.authenticated_data = options_.authenticated_data;
  staged_.base_ = staging_base(group_.group_id(), group_.epoch_.interim_transcript_hash.view(), group_.own_leaf());
  staged_.next_ = std::move(next.state);
  staged_.fresh_ = path_.has_value();
  output.staged = std::move(staged_);
  return output;
}

Result<void> CommitBuilder::renew_own_path() {
  CONCLAVE_ASSIGN(path, renew_path(group_.tree_, keys_, committer_, std::move(*leaf_), signer(), group_.group_id(), random_));
  staged_.summary_.committer_after = path.leaf_node;
  const Bytes context = wire::encode(provisional_context(group_.context(), group_.tree_, extensions_));
  CONCLAVE_ASSIGN(update_path, encrypt_path(group_.tree_, path, context, applied_.joiners, random_));
  commit_.path = std::move(update_path);
  commit_secret_ = std::move(path.commit_secret);
  path_ = std::move(path);
  return {};
}

Result<AuthenticatedContent> CommitBuilder::signed_commit(Sender sender, WireFormat format) {
  for (const SharedProposal& sent : list_) {
    if (sent->reference) {
      commit_.proposals.emplace_back(*sent->reference);
    } else {
      commit_.proposals.emplace_back(InlineProposal{sent->proposal});
    }
  }
  AuthenticatedContent message = group_.frame(CommitContent{std::move(commit_)}, options_.authenticated_data, format);
  message.content.sender = std::move(sender);
  // A member's old key signs, also where its leaf brings a new one (RFC 9420 section 6.1).
  CONCLAVE_TRY(message.sign(group_.signer_, group_.epoch_.context_bytes));
  return message;
}

Result<Bytes> CommitBuilder::make_welcome(const NextEpoch& next) {
  const crypto::CipherSuite& suite = group_.suite();
  CONCLAVE_ASSIGN(info, group_.make_group_info(next.state, options_.tree_in_welcome, false, signer()));
  Welcome welcome;
  welcome.cipher_suite = suite.id;
  welcome.encrypted_group_info = seal_group_info(suite, derive_welcome_secret(suite, next.joiner_secret, psk_secret_), info);
  const crypto::HpkeInfo context = welcome_context(suite, welcome.encrypted_group_info);
  for (const auto& joined : applied_.joined) {
    CONCLAVE_ASSIGN(entry, welcome_one(joined, next, context));
    welcome.secrets.push_back(std::move(entry));
  }
  return encode_message(welcome);
}

Result<EncryptedGroupSecrets> CommitBuilder::welcome_one(const AppliedProposals::Joined& joined, const NextEpoch& next, const crypto::HpkeInfo& context) {
  GroupSecrets secrets;
  secrets.joiner_secret = next.joiner_secret.clone();
  secrets.psks = applied_.psks;
  if (path_) {
    const auto step = std::ranges::find(path_->steps, common_ancestor(committer_, joined.leaf), &PathStep::node);
    if (step == path_->steps.end()) return Error{ErrorCode::internal, "a newcomer shares no node with the committer"};
    secrets.path_secret = path_->secrets[static_cast<std::size_t>(step - path_->steps.begin())].clone();
  }
  return seal_group_secrets(context, *joined.key_package, secrets, random_);
}

Result<PendingCommit> Group::commit(std::vector<Proposal> proposals, CommitOptions options, UnixSeconds now, crypto::Random& random) {
  CONCLAVE_TRY(check_active());
  ProposalList list;
  for (Proposal& proposal : proposals) {
    list.push_back(std::make_shared<SentProposal>(SentProposal{std::move(proposal), MemberSender{own_leaf()}, {}, false}));
  }
  if (options.with_proposals) {
    ProposalList noted;
    for (const ProposalRef& reference : proposal_order_) noted.push_back(proposals_.at(reference));
    CONCLAVE_ASSIGN(own, changed_leaf(options.leaf));
    const Workbench bench{tree_, rules_of_sender(now), psks_, options.leaf.any() ? &own : nullptr};
    for (SharedProposal& sent : select_proposals(bench, noted, list)) list.push_back(std::move(sent));
  }
  CONCLAVE_ASSIGN(output, CommitBuilder(*this, std::move(options), now, random).build(std::move(list), CommitKind::regular));
  pending_ = std::move(output.staged);
  pending_message_ = crypto::hash(suite_->hash, output.pending.commit);
  return std::move(output.pending);
}

}  // namespace conclave::mls
