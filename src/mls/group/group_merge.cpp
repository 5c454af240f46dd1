// Moving to the next epoch, and what is kept of the last one.
#include "base/bytes.h"
#include "mls/group/commit_changes.h"
#include "mls/group/group.h"

namespace conclave::mls {

Result<void> Group::merge(StagedCommit staged) {
  CONCLAVE_TRY(check_active());
  const Bytes base = staging_base(group_id(), epoch_.interim_transcript_hash.view(), own_leaf());
  if (staged.summary_.epoch != epoch() || staged.base_ != base) {
    return Error{ErrorCode::invalid_state, "the group has moved since the commit was staged"};
  }
  keep_past_epoch(tree_.redo(std::move(staged.changes_)));
  clear_proposals();
  own_updates_.clear();
  discard_pending();
  reinit_ = std::move(staged.summary_.reinit);
  if (!staged.next_) {
    removed_ = true;
    epoch_.secrets = {};
    epoch_.secret_tree = {};
    epoch_.keys = {};
    return {};
  }
  if (staged.fresh_) restored_ = false;
  skips_handshakes_ = restored_;  // an earlier copy of this state may have been in the new epoch, too
  epoch_ = std::move(*staged.next_);
  epoch_.secret_tree.set_limits(options_.ratchet);
  if (staged.new_signer_) signer_ = std::move(*staged.new_signer_);
  const Bytes& id = epoch_.context.group_id;
  psks_.add_resumption(id, epoch(), epoch_.secrets.resumption_psk.clone());
  psks_.erase_resumption_before(id, epoch() - std::min<std::uint64_t>(epoch(), options_.resumption_epochs));
  return {};
}

Result<void> Group::merge_pending() {
  if (!pending_) return Error{ErrorCode::invalid_state, "no commit is pending"};
  StagedCommit staged = std::move(*pending_);
  pending_.reset();
  return merge(std::move(staged));
}

void Group::discard_pending() {
  pending_.reset();
  pending_message_ = {};
}

void Group::clear_proposals() {
  proposals_.clear();
  proposal_order_.clear();
}

/// `old_values` is what the commit replaced. Called while `epoch_` is still the old epoch.
void Group::keep_past_epoch(const TreeChanges& old_values) {
  while (past_.size() > options_.past_epochs) past_.pop_back();  // a restored group may have been given another number
  if (options_.past_epochs == 0) return;
  PastEpoch past;
  past.epoch = epoch();
  past.context_bytes = std::move(epoch_.context_bytes);
  past.sender_data_secret = std::move(epoch_.secrets.sender_data_secret);
  past.secret_tree = std::move(epoch_.secret_tree);
  past.secret_tree.end_handshakes();
  for (const auto& entry : old_values.entries) {
    if (is_leaf(entry.node)) past.changed_after.emplace(leaf_of(entry.node), entry.leaf);
  }
  past_.push_front(std::move(past));
  if (past_.size() > options_.past_epochs) past_.pop_back();
}

const TreeLeaf* Group::leaf_in_epoch(LeafIndex leaf, std::size_t past_index) const {
  for (std::size_t i = past_index + 1; i-- > 0;) {
    const auto changed = past_[i].changed_after.find(leaf);
    if (changed != past_[i].changed_after.end()) return changed->second.blank() ? nullptr : &changed->second;
  }
  return tree_.leaf(leaf);
}

}  // namespace conclave::mls
