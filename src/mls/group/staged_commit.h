// A commit that was checked in full and changed nothing yet (RFC 9420 sections 12.4.1 and 12.4.2).
#pragma once

#include "mls/group/epoch_state.h"

namespace conclave::mls {

/// What a commit does, for the layers above to judge before it is merged.
struct CommitSummary {
  struct Added {
    LeafIndex leaf;
    LeafNode leaf_node;
    Sender proposer;
    CONCLAVE_FIELDS(leaf, leaf_node, proposer)
  };
  struct Removed {
    LeafIndex leaf;
    LeafNode leaf_node;  ///< as it was
    Sender proposer;
    CONCLAVE_FIELDS(leaf, leaf_node, proposer)
  };
  struct Updated {
    LeafIndex leaf;
    LeafNode before;
    LeafNode after;
    CONCLAVE_FIELDS(leaf, before, after)
  };

  LeafIndex committer;      ///< for an external commit, the leaf that it takes
  bool external = false;    ///< the committer was no member before
  std::uint64_t epoch = 0;  ///< the epoch that it ends
  Bytes authenticated_data;
  std::vector<Added> added;      ///< by Add; an external committer stands in `committer_after`
  std::vector<Removed> removed;  ///< an external commit that removes is a resync
  std::vector<Updated> updated;  ///< by Update proposals
  std::optional<LeafNode> committer_before;  ///< nothing for an external commit
  std::optional<LeafNode> committer_after;   ///< nothing for a commit without path
  std::vector<PreSharedKeyId> psks;
  std::optional<Extensions> extensions;  ///< of the group, when they are replaced
  std::optional<ReInit> reinit;
  bool removes_us = false;
  CONCLAVE_FIELDS(committer, external, epoch, authenticated_data, added, removed, updated, committer_before, committer_after, psks, extensions,
                  reinit, removes_us)
};

/// The successor of a group's state. Only `Group` makes one; `Group::merge` consumes it. Move-only.
class StagedCommit {
 public:
  [[nodiscard]] const CommitSummary& summary() const { return summary_; }
  /// Of the epoch that it begins; empty when it removes us.
  [[nodiscard]] ByteView epoch_authenticator() const {
    return next_ ? next_->secrets.epoch_authenticator.expose() : ByteView();
  }

 private:
  friend class Group;
  friend class CommitReader;
  friend class CommitBuilder;
  friend struct GroupSnapshot;
  StagedCommit() = default;

  CommitSummary summary_;
  Bytes base_;  ///< confirmed transcript hash of the state it follows
  TreeChanges changes_;
  std::optional<EpochState> next_;  ///< nothing when it removes us
  std::optional<crypto::SignaturePrivateKey> new_signer_;
  bool fresh_ = false;  ///< by randomness of ours, made since the last restore: no earlier copy of our state knew it; not saved
};

}  // namespace conclave::mls
