// A group of RFC 9420, as one of its members sees it.
#pragma once

#include <deque>

#include "mls/framing/message.h"
#include "mls/group/executor.h"
#include "mls/group/psk_store.h"
#include "mls/group/staged_commit.h"
#include "mls/tree/signature_keys.h"

namespace conclave::mls {

/// How a group is run by this client; nothing of it is agreed with others.
struct GroupOptions {
  WireFormat handshake_format = WireFormat::private_message;  ///< of our own proposals and commits
  std::size_t padding_block = 128;      ///< plaintexts of private messages fill up to a multiple of this
  std::size_t past_epochs = 2;          ///< epochs whose application messages may still come late
  std::size_t resumption_epochs = 8;    ///< past epochs whose resumption PSK is kept
  std::size_t max_proposals = 256;      ///< of one sender that are noted in an epoch; newcomers who propose themselves count together
  bool check_lifetimes = true;          ///< refuse members outside of their key package's lifetime also where others add them
  RatchetLimits ratchet;
};

/// What it takes to create a group.
struct GroupConfig {
  crypto::SuiteId suite = crypto::SuiteId::x25519_aes128gcm_sha256_ed25519;
  Bytes group_id;      ///< unique among all groups; random, or empty to have one made
  crypto::SignaturePrivateKey signer;
  ClientProfile profile;
  Extensions extensions;  ///< of the group context; private-use types are added to our capabilities
  GroupOptions options;
};

/// What it takes to join by a Welcome.
struct JoinRequest {
  ByteView welcome;  ///< an MLSMessage
  const KeyPackageBundle& bundle;  ///< only read, so that a later Welcome can be tried: who has joined erases it, its init key first (section 16.8)
  std::optional<ByteView> ratchet_tree;  ///< where the Welcome does not bring it
  const PskStore* psks = nullptr;        ///< external PSKs, copied nowhere
  const class Group* predecessor = nullptr;  ///< the group that was reinitialised or branched from, if any
  GroupOptions options;
  Executor executor = {};  ///< threads to verify the members' signatures on
};

/// What a member may change about itself in a commit or an update.
struct LeafChange {
  std::optional<crypto::SignaturePrivateKey> signer;
  std::optional<Credential> credential;
  std::optional<Capabilities> capabilities;
  std::optional<Extensions> extensions;

  [[nodiscard]] bool any() const { return signer || credential || capabilities || extensions; }
};

struct CommitOptions {
  bool force_path = true;           ///< send a path where none is required
  bool with_proposals = true;       ///< cover the proposals that were received
  bool tree_in_welcome = true;      ///< the Welcome and group info bring the ratchet tree
  bool group_info = false;          ///< make a group info of the new epoch, with external_pub
  Bytes authenticated_data;
  LeafChange leaf;
};

/// Our own commit. The group has not moved: `merge_pending` when the delivery service accepted it.
struct PendingCommit {
  Bytes commit;                     ///< an MLSMessage for all members
  std::optional<Bytes> welcome;     ///< an MLSMessage for all who were added; not to be sent before the commit is accepted
  std::optional<Bytes> group_info;  ///< an MLSMessage
};

/// An application message, opened.
struct ApplicationMessage {
  LeafIndex sender;
  std::uint64_t epoch = 0;
  Bytes authenticated_data;
  SecretBuffer plaintext;
};

struct ReceivedProposal {
  ProposalRef reference;
  SharedProposal sent;
  /// Why no commit of ours would cover it as the group stands, for instance keys that stand there already, a PSK that is not at hand, or
  /// a member who cannot do what the group requires. It is noted all the same: another proposal may change that (RFC 9420 section 12.3).
  std::optional<Error> objection;
};

/// A member of the roster.
struct Member {
  LeafIndex leaf;
  LeafNode leaf_node;
};

/// What it takes to join by an external commit (RFC 9420 section 12.4.3.2).
struct ExternalJoin {
  ByteView group_info;  ///< an MLSMessage, with external_pub
  std::optional<ByteView> ratchet_tree;
  crypto::SignaturePrivateKey signer;
  ClientProfile profile;
  std::optional<LeafIndex> resync;  ///< our former leaf, which the commit removes
  PskStore psks;
  std::vector<PreSharedKeyId> use_psks;
  Bytes authenticated_data;
  GroupOptions options;
  Executor executor = {};  ///< threads to verify the members' signatures on
};

/// Who founds the successor of a group, and whom it takes along.
struct Succession {
  crypto::SignaturePrivateKey signer;
  ClientProfile profile;
  std::vector<KeyPackage> members;  ///< of all who come along, without us
  GroupOptions options;
  CommitOptions commit;
};

/// A value: move-only, single-threaded, without clock. A call that fails changes nothing. Errors about a message name the
/// leaf of whoever it claims to come from: proven once its signature verified, so not with `not_authentic`.
class Group {
 public:
  static Result<Group> create(GroupConfig config, crypto::Random& random);
  /// Joins by a Welcome, with every check of RFC 9420 section 12.4.3.1. Credentials are for the caller to look at (`members`).
  static Result<Group> join(const JoinRequest& request, crypto::Random& random);
  /// Joins by an external commit: the group is already in the epoch that `commit` begins, and is to be dropped when the
  /// delivery service refuses it.
  struct ExternalJoinResult;
  static Result<ExternalJoinResult> join_external(ExternalJoin request, crypto::Random& random);

  /// Founds the group that this one was reinitialised as, with the same members, linked to it by a resumption PSK
  /// (RFC 9420 section 11.2). The group is at epoch 0 with the founding commit pending. `invalid_state` when no ReInit was committed.
  struct SuccessorResult;
  Result<SuccessorResult> reinitialize(Succession succession, UnixSeconds now, crypto::Random& random) const;
  /// Founds a group of some of the members (RFC 9420 section 11.3).
  Result<SuccessorResult> branch(Bytes group_id, Extensions extensions, Succession succession, UnixSeconds now, crypto::Random& random) const;

  /// The whole state, with pending commit, noted proposals and past epochs, sealed under `key` (32 bytes, the application's).
  /// `counter` is to be higher at each save, and kept by the application where it cannot be rolled back.
  [[nodiscard]] Result<Bytes> save(ByteView key, std::uint64_t counter, crypto::Random& random) const;
  /// The group as it was saved with this counter. The application keys of its epoch, and of those that follow in the log, may have been
  /// used already, by us before we were killed: `protect` refuses until `awaits_own_commit` is false. `damaged_state` when it is another counter's (an older state that was put back),
  /// sealed under another key, or damaged; `unsupported` for a later version of the format.
  static Result<Group> restore(ByteView sealed, ByteView key, std::uint64_t counter, GroupOptions options, crypto::Random& random);

  [[nodiscard]] const crypto::CipherSuite& suite() const { return *suite_; }
  [[nodiscard]] ByteView group_id() const { return epoch_.context.group_id; }
  [[nodiscard]] std::uint64_t epoch() const { return epoch_.context.epoch; }
  [[nodiscard]] const GroupContext& context() const { return epoch_.context; }
  [[nodiscard]] const Extensions& extensions() const { return epoch_.context.extensions; }
  [[nodiscard]] LeafIndex own_leaf() const { return epoch_.own_leaf; }
  /// Who signed the group info of the Welcome by which we joined; nothing for a group that we joined otherwise.
  [[nodiscard]] std::optional<LeafIndex> inviter() const { return inviter_; }
  [[nodiscard]] const RatchetTree& tree() const { return tree_; }
  [[nodiscard]] std::vector<Member> members() const;
  [[nodiscard]] std::optional<LeafNode> member(LeafIndex leaf) const;
  [[nodiscard]] std::uint32_t member_count() const { return tree_.member_count(); }
  [[nodiscard]] ByteView confirmed_transcript_hash() const { return epoch_.context.confirmed_transcript_hash; }
  /// Equal for two members exactly when they agree on everything (RFC 9420 section 8.7).
  [[nodiscard]] ByteView epoch_authenticator() const { return epoch_.secrets.epoch_authenticator.expose(); }
  /// MLS-Exporter (RFC 9420 section 8.5). `invalid_argument` for a label of more than 255 bytes or a `size` of more than 255 hashes,
  /// `invalid_state` once the group accepts no more messages.
  [[nodiscard]] Result<SecretBuffer> exporter(std::string_view label, ByteView context, std::size_t size) const;
  /// Why the group accepts no more messages, if so: we were removed, or it was reinitialised.
  [[nodiscard]] bool is_active() const { return !removed_ && !reinit_; }
  [[nodiscard]] bool was_removed() const { return removed_; }
  /// True after `restore`, until a commit with path or an Update of ours, made since then, was merged: only then no earlier copy of this
  /// state can have been in the epoch. Until then nothing that follows from the epoch's secrets may be used to encrypt; commits bring a path.
  [[nodiscard]] bool awaits_own_commit() const { return restored_; }
  [[nodiscard]] const std::optional<ReInit>& reinitialized_as() const { return reinit_; }

  /// A signed group info of this epoch as MLSMessage, with external_pub and, if wanted, the tree.
  Result<Bytes> group_info(bool with_tree) const;
  /// The content of a ratchet_tree extension.
  [[nodiscard]] Bytes ratchet_tree() const { return tree_.encode(); }

  /// Pre-shared keys that later commits may name.
  PskStore& psks() { return psks_; }
  [[nodiscard]] const PskStore& psks() const { return psks_; }
  /// A PreSharedKey proposal for an external PSK with a fresh nonce.
  [[nodiscard]] Proposal psk_proposal(Bytes psk_id, crypto::Random& random) const;
  /// The same for the resumption PSK of a past or the present epoch of this group.
  [[nodiscard]] Proposal resumption_proposal(std::uint64_t epoch, crypto::Random& random) const;

  // Proposals: each returns an MLSMessage for all members; the proposal is noted here as if it had been received.
  // `limit_exceeded` beyond `GroupOptions::max_proposals`. An Add must be within its lifetime at `now` (section 7.3).
  Result<Bytes> propose(Proposal proposal, UnixSeconds now, crypto::Random& random);
  Result<Bytes> propose_add(const KeyPackage& key_package, UnixSeconds now, crypto::Random& random);
  Result<Bytes> propose_remove(LeafIndex leaf, crypto::Random& random);
  Result<Bytes> propose_update(LeafChange change, crypto::Random& random);
  Result<Bytes> propose_extensions(Extensions extensions, crypto::Random& random);

  /// Verifies a proposal of this epoch and notes it for a commit (RFC 9420 section 12.1). `limit_exceeded` when its sender has
  /// `GroupOptions::max_proposals` noted already.
  Result<ReceivedProposal> receive_proposal(ByteView message, UnixSeconds now);
  [[nodiscard]] std::size_t proposal_count() const { return proposals_.size(); }
  /// Forgets the noted proposals, for whoever refuses to commit them.
  void clear_proposals();

  /// Commits `proposals` and those of the noted ones that can be committed with them (RFC 9420 section 12.4.1): a noted proposal never makes
  /// it fail. Key packages must be within their lifetime at `now`. The group stays where it is; the commit is kept as
  /// the pending one, in the place of another. `invalid_argument` or the error of the rule that the list breaks.
  Result<PendingCommit> commit(std::vector<Proposal> proposals, CommitOptions options, UnixSeconds now, crypto::Random& random);
  /// The summary of the pending commit, or null.
  [[nodiscard]] const StagedCommit* pending() const { return pending_ ? &*pending_ : nullptr; }
  Result<void> merge_pending();
  void discard_pending();

  /// Checks a commit of this epoch in full (RFC 9420 section 12.4.2) and changes nothing. `invalid_state` for our own pending
  /// commit, `diverged` for another one of ours (made after the save from which this group was restored: nobody can follow it),
  /// `wrong_epoch`, `wrong_group`, or why it is refused.
  Result<StagedCommit> stage(ByteView message, UnixSeconds now);
  /// Moves to the next epoch. Pending commit and noted proposals are dropped. `invalid_state` when the group has moved since.
  Result<void> merge(StagedCommit staged);

  /// Encrypts an application message. `invalid_state` while a noted proposal waits for a commit (RFC 9420 section 12.4), and in a
  /// restored group while `awaits_own_commit`.
  Result<Bytes> protect(ByteView plaintext, ByteView authenticated_data, crypto::Random& random);
  /// Opens an application message of this or of a kept past epoch; its key is spent.
  Result<ApplicationMessage> unprotect(ByteView message);

 private:
  friend struct GroupSnapshot;
  friend class CommitBuilder;
  friend class CommitReader;
  friend class Insider;  // the malicious member of the tests

  /// An epoch that is over, kept for late application messages.
  struct PastEpoch {
    std::uint64_t epoch = 0;
    Bytes context_bytes;
    SenderDataSecret sender_data_secret;
    SecretTree secret_tree;
    std::map<LeafIndex, TreeLeaf> changed_after;  ///< leaves as they were, where the next commit changed them
  };
  /// The private half of an Update of ours that nobody committed yet.
  struct OwnUpdate {
    std::shared_ptr<const crypto::KemPrivateKey> encryption_key;
    std::optional<crypto::SignaturePrivateKey> signer;
    bool made_here = false;  ///< not before a restore; not saved
  };

  Group(const crypto::CipherSuite& suite, RatchetTree tree, EpochState epoch, crypto::SignaturePrivateKey signer, GroupOptions options);

  [[nodiscard]] Result<void> check_active() const;
  [[nodiscard]] Result<void> check_address(ByteView group_id, std::uint64_t epoch) const;
  Result<AuthenticatedContent> open_handshake(ByteView message);
  [[nodiscard]] Result<crypto::SignaturePublicKey> sender_key(const AuthenticatedContent& message) const;
  [[nodiscard]] AuthenticatedContent frame(Content content, Bytes authenticated_data, WireFormat format) const;
  Result<Bytes> protect_handshake(AuthenticatedContent message, crypto::Random& random);
  [[nodiscard]] ProposalRules rules(CommitKind kind, std::optional<LeafIndex> committer, UnixSeconds now) const;
  [[nodiscard]] ProposalRules rules_of_sender(UnixSeconds now, CommitKind kind = CommitKind::regular) const;
  [[nodiscard]] Result<void> check_room(const Sender& sender) const;
  Result<Bytes> send_proposal(Proposal proposal, const ProposalRules& by_rules, crypto::Random& random);
  SharedProposal note_proposal(SentProposal sent);
  [[nodiscard]] Result<void> check_lifetime(const Proposal& proposal, UnixSeconds now) const;
  Result<LeafNode> changed_leaf(const LeafChange& change) const;
  [[nodiscard]] Result<GroupInfo> make_group_info(const EpochState& epoch, bool with_tree, bool with_external_pub, const crypto::SignaturePrivateKey& signer) const;
  static Result<SuccessorResult> succeed(const Group& old, ResumptionPskUsage usage, GroupConfig config, std::vector<KeyPackage> members,
                                         CommitOptions options, UnixSeconds now, crypto::Random& random);
  void skip_handshake_keys(crypto::Random& random);
  void keep_past_epoch(const TreeChanges& old_values);
  [[nodiscard]] const TreeLeaf* leaf_in_epoch(LeafIndex leaf, std::size_t past_index) const;

  const crypto::CipherSuite* suite_;
  RatchetTree tree_;
  EpochState epoch_;
  crypto::SignaturePrivateKey signer_;
  GroupOptions options_;
  PskStore psks_;
  std::map<ProposalRef, SharedProposal> proposals_;
  std::vector<ProposalRef> proposal_order_;
  std::map<ProposalRef, OwnUpdate> own_updates_;
  std::optional<StagedCommit> pending_;
  crypto::Digest pending_message_;
  std::deque<PastEpoch> past_;  ///< the latest at the front
  mutable SignatureKeys signature_keys_;
  std::optional<LeafIndex> inviter_;
  bool removed_ = false;
  bool restored_ = false;         ///< see `awaits_own_commit`; not saved
  bool skips_handshakes_ = false;  ///< restored, and no handshake message was sent since; not saved
  std::optional<ReInit> reinit_;
};

struct Group::SuccessorResult {
  Group group;
  PendingCommit founding;  ///< its Welcome is for the members; nobody needs the commit
};

struct Group::ExternalJoinResult {
  Group group;
  Bytes commit;  ///< an MLSMessage for all members
};

}  // namespace conclave::mls
