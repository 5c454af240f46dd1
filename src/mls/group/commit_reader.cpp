// Checking a received commit (RFC 9420 section 12.4.2).
#include "base/bytes.h"
#include "mls/group/commit_changes.h"
#include "mls/group/group.h"
#include "mls/group/transaction.h"
#include "mls/tree/leaf_validation.h"

namespace conclave::mls {

/// One commit on its way through the checks. Lives within `Group::stage`.
class CommitReader {
 public:
  CommitReader(Group& group, const AuthenticatedContent& message, UnixSeconds now)
      : group_(group), message_(message), commit_(std::get<CommitContent>(message.content.content).commit), now_(now) {
    external_ = std::holds_alternative<NewMemberCommitSender>(message.content.sender);
    if (!external_) committer_ = *member_of(message.content.sender);
  }

  Result<StagedCommit> stage();

 private:
  Result<void> resolve_proposals();
  Result<void> adopt_own_update();
  Result<void> place_committer();
  Result<CommitSecret> apply_path(const AppliedProposals& applied, const Extensions& extensions);
  Result<InitSecret> init_secret() const;
  [[nodiscard]] bool removes_us() const;
  Result<void> enter(const AppliedProposals& applied, const CommitSecret& commit_secret, const Extensions& extensions);

  Group& group_;
  const AuthenticatedContent& message_;
  const Commit& commit_;
  UnixSeconds now_;
  bool external_ = false;
  LeafIndex committer_;
  ProposalList list_;
  PrivateKeys keys_;
  StagedCommit staged_;
};

Result<StagedCommit> CommitReader::stage() {
  CONCLAVE_TRY(resolve_proposals());
  const auto committer = external_ ? std::nullopt : std::optional(committer_);
  CONCLAVE_TRY(check_proposal_list(group_.rules(external_ ? CommitKind::external : CommitKind::regular, committer, now_), list_));
  if (!commit_.path && requires_path(list_)) return Error{ErrorCode::invalid_message, "a commit lacks the path that its proposals require"};

  CommitSummary& summary = staged_.summary_;
  summary.external = external_;
  summary.epoch = group_.epoch();
  summary.authenticated_data = message_.content.authenticated_data;
  summarize_before(summary, group_.tree_, list_);
  summary.removes_us = removes_us();
  keys_ = group_.epoch_.keys;
  CONCLAVE_TRY(adopt_own_update());

  Transaction transaction(group_.tree_);
  CONCLAVE_ASSIGN(applied, apply_proposals(group_.tree_, list_));
  summarize_after(summary, applied, list_);
  CONCLAVE_TRY(place_committer());
  const Extensions& extensions = extensions_after(list_, group_.extensions());
  CommitSecret commit_secret = zero_commit_secret(group_.suite());
  if (commit_.path) {
    CONCLAVE_ASSIGN(secret, apply_path(applied, extensions));
    commit_secret = std::move(secret);
  }
  CONCLAVE_TRY(check_support(group_.tree_, extensions));
  summary.committer = committer_;
  if (!summary.removes_us) CONCLAVE_TRY(enter(applied, commit_secret, extensions));
  staged_.base_ = staging_base(group_.group_id(), group_.epoch_.interim_transcript_hash.view(), group_.own_leaf());
  staged_.changes_ = transaction.take();
  return std::move(staged_);
}

Result<void> CommitReader::resolve_proposals() {
  for (const ProposalOrRef& each : commit_.proposals) {
    if (const auto* inline_proposal = std::get_if<InlineProposal>(&each)) {
      list_.push_back(std::make_shared<SentProposal>(SentProposal{inline_proposal->proposal, message_.content.sender, {}, false}));
      continue;
    }
    const auto noted = group_.proposals_.find(std::get<ProposalRef>(each));
    if (noted == group_.proposals_.end()) return Error{ErrorCode::unknown_key, "a commit refers to a proposal that never came"};
    list_.push_back(noted->second);
  }
  return {};
}

bool CommitReader::removes_us() const {
  for (const SharedProposal& sent : list_) {
    const auto* remove = std::get_if<Remove>(&sent->proposal);
    if (remove != nullptr && remove->removed == group_.own_leaf()) return true;
  }
  return false;
}

/// When the commit applies an Update of ours, its private key takes the place of our leaf's.
Result<void> CommitReader::adopt_own_update() {
  for (const SharedProposal& sent : list_) {
    if (!std::holds_alternative<Update>(sent->proposal) || member_of(sent->sender) != group_.own_leaf()) continue;
    const auto own = sent->reference ? group_.own_updates_.find(*sent->reference) : group_.own_updates_.end();
    if (own == group_.own_updates_.end()) return Error{ErrorCode::unknown_key, "the private key of our update is gone"};
    keys_.set(node_of(group_.own_leaf()), own->second.encryption_key);
    staged_.fresh_ = own->second.made_here;
    if (own->second.signer) staged_.new_signer_ = own->second.signer->clone();
  }
  return {};
}

/// Gives an external committer the leftmost free leaf (RFC 9420 section 12.4.2). Towards a leaf of its own that it removes, its
/// new one is like an update (section 12.2).
Result<void> CommitReader::place_committer() {
  RatchetTree& tree = group_.tree_;
  if (!external_) {
    staged_.summary_.committer_before = tree.leaf(committer_)->parsed();
    return {};
  }
  const LeafNode& leaf = commit_.path->leaf_node;
  for (const auto& removed : staged_.summary_.removed) {
    if (removed.leaf_node.encryption_key == leaf.encryption_key) return Error{ErrorCode::invalid_message, "an update keeps its encryption key"};
  }
  CONCLAVE_TRY(check_path_keys(tree, *commit_.path, nullptr));
  committer_ = tree.place(TreeLeaf(leaf));
  return {};
}

Result<CommitSecret> CommitReader::apply_path(const AppliedProposals& applied, const Extensions& extensions) {
  RatchetTree& tree = group_.tree_;
  const UpdatePath& path = *commit_.path;
  CONCLAVE_TRY(validate_leaf(group_.suite(), path.leaf_node, group_.group_id(), committer_, std::nullopt));
  if (!external_) CONCLAVE_TRY(check_path_keys(tree, path, tree.leaf(committer_)));
  CONCLAVE_ASSIGN(steps, merge_path(tree, committer_, path));
  staged_.summary_.committer_after = path.leaf_node;
  if (staged_.summary_.removes_us) return zero_commit_secret(group_.suite());
  const Bytes context = wire::encode(provisional_context(group_.context(), tree, extensions));
  return open_path(tree, keys_, group_.own_leaf(), path, steps, context, applied.joiners);
}

Result<InitSecret> CommitReader::init_secret() const {
  const EpochSecrets& secrets = group_.epoch_.secrets;
  const auto* external = find_proposal<ExternalInit>(list_);
  if (external == nullptr) return secrets.init_secret.clone();
  return receive_external_init(group_.suite(), secrets.external_secret, external->kem_output);
}

Result<void> CommitReader::enter(const AppliedProposals& applied, const CommitSecret& commit_secret, const Extensions& extensions) {
  const crypto::CipherSuite& suite = group_.suite();
  CONCLAVE_ASSIGN(init, init_secret());
  CONCLAVE_ASSIGN(psk_secret, group_.psks_.combine(suite, applied.psks));
  NextEpoch next = advance_epoch(suite,
                                 {message_, group_.epoch_.interim_transcript_hash.view(),
                                  provisional_context(group_.context(), group_.tree_, extensions), init, commit_secret, psk_secret},
                                 group_.tree_.leaf_count());
  if (!constant_time_equal(next.state.confirmation_tag, message_.auth.confirmation_tag)) {
    return Error{ErrorCode::not_authentic, "the confirmation tag of a commit does not verify"};
  }
  keys_.prune(group_.tree_);
  next.state.keys = std::move(keys_);
  next.state.own_leaf = group_.own_leaf();
  staged_.next_ = std::move(next.state);
  return {};
}

Result<StagedCommit> Group::stage(ByteView message, UnixSeconds now) {
  if (pending_ && crypto::hash(suite_->hash, message) == pending_message_) {
    return Error{ErrorCode::invalid_state, "this is our own pending commit"};
  }
  CONCLAVE_ASSIGN(content, open_handshake(message));
  if (content.content.content_type() != ContentType::commit) return Error{ErrorCode::invalid_argument, "this is no commit"};
  const auto committer = member_of(content.content.sender);
  if (committer == own_leaf()) return Error{ErrorCode::diverged, "this is a commit of our own that this state does not know", committer->value};
  auto staged = CommitReader(*this, content, now).stage();
  if (!staged.ok() && !staged.error().participant && committer) staged.error().participant = committer->value;
  return staged;
}

}  // namespace conclave::mls
