// Making a commit and the Welcome beside it (RFC 9420 sections 12.4.1 and 12.4.3.1).
#pragma once

#include "mls/group/commit_changes.h"
#include "mls/group/group.h"

namespace conclave::mls {

/// One commit in the making. Lives within `Group::commit` and `Group::join_external`.
class CommitBuilder {
 public:
  CommitBuilder(Group& group, CommitOptions options, UnixSeconds now, crypto::Random& random)
      : group_(group), options_(std::move(options)), now_(now), random_(random) {}

  struct Output {
    StagedCommit staged;
    PendingCommit pending;
  };

  /// A commit of a member.
  Result<Output> build(ProposalList list, CommitKind kind);
  /// A commit of a newcomer, whose leaf is `leaf` and whose init secret the group learns from `kem_output` in the list.
  Result<Output> build_external(ProposalList list, LeafNode leaf, InitSecret init_secret);

 private:
  Result<Output> finish(const InitSecret& init_secret, Sender sender, WireFormat format);
  Result<void> renew_own_path();
  Result<AuthenticatedContent> signed_commit(Sender sender, WireFormat format);
  Result<Bytes> make_welcome(const NextEpoch& next);
  Result<EncryptedGroupSecrets> welcome_one(const AppliedProposals::Joined& joined, const NextEpoch& next, const crypto::HpkeInfo& context);
  [[nodiscard]] const crypto::SignaturePrivateKey& signer() const { return options_.leaf.signer ? *options_.leaf.signer : group_.signer_; }

  Group& group_;
  CommitOptions options_;
  UnixSeconds now_;
  crypto::Random& random_;
  ProposalList list_;
  AppliedProposals applied_;
  Extensions extensions_;
  LeafIndex committer_;
  std::optional<LeafNode> leaf_;  ///< the new leaf of a commit with path
  PrivateKeys keys_;
  std::optional<NewPath> path_;
  Commit commit_;
  CommitSecret commit_secret_;
  PskSecret psk_secret_;
  StagedCommit staged_;
};

}  // namespace conclave::mls
