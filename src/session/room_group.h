// The MLS group of a room as one member sees it: who may change it, and the keys of its media.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "conclave/session.h"
#include "crypto/random.h"
#include "room/judge.h"
#include "room/message.h"
#include "room/safety_code.h"
#include "mls/group/staged_commit.h"
#include "session/key_ring.h"
#include "session/member.h"

namespace conclave::session {

/// A commit of ours for the room's log. It takes effect when it is read back first of its epoch, not before.
struct CommitToLog {
  std::uint64_t epoch = 0;
  Bytes message;
  std::optional<Bytes> welcome;  ///< for whom it adds
};

/// What a commit from the log did.
struct CommitOutcome {
  enum class Fate : std::uint8_t { merged, own_merged, stale, refused } fate = Fate::stale;
  std::vector<Member> joined;
  std::vector<Member> left;
  bool self_removed = false;
  std::optional<MemberId> committer;                 ///< of a merged commit
  std::optional<room::RoomPolicy> policy_before;     ///< where the commit changed it
  bool own_lost = false;           ///< a commit of ours was pending, and another one won
  std::optional<Error> refused_because;  ///< with the committer, where it is known
};

struct OpenedMessage {
  MemberId sender = 0;
  std::uint64_t epoch = 0;
  SecretBuffer plaintext;
  [[nodiscard]] ByteView content() const { return plaintext.expose(); }
};

/// Single-threaded; time and randomness are arguments. `Session` adds what happens by itself: queue, timers, heartbeats. A message that fails changes nothing.
class RoomGroup {
 public:
  /// A new room with one member, whose identity founds it.
  static Result<RoomGroup> found(SessionConfig config, const room::Identity& identity, std::string_view display_name,
                               UnixSeconds wall_time, crypto::Random& random);

  RoomGroup(RoomGroup&&) noexcept;
  RoomGroup& operator=(RoomGroup&&) noexcept;
  ~RoomGroup();

  [[nodiscard]] std::uint64_t epoch() const;
  /// Equal for all members of the epoch (RFC 9420 section 8.7).
  [[nodiscard]] Bytes epoch_authenticator() const;
  [[nodiscard]] ByteView confirmed_transcript_hash() const;
  [[nodiscard]] MemberId self() const;
  [[nodiscard]] const std::vector<Member>& members() const;
  [[nodiscard]] bool is_founder() const;
  /// Who founded the room, while it is a member.
  [[nodiscard]] std::optional<MemberId> founder() const;
  /// Over the identities of all members; costs about 0.1 s.
  [[nodiscard]] Result<room::SafetyCode> safety_code() const;

  /// Checks a key package (RFC 9420 section 10.1) and its credential for this room; the name is inert.
  [[nodiscard]] Result<Member> inspect(ByteView key_package, UnixSeconds wall_time) const;

  /// Commits of our own. `invalid_state` while another one is pending, `not_permitted` without the right.
  /// All of `key_packages`, or none.
  Result<CommitToLog> admit(const std::vector<ByteView>& key_packages, UnixSeconds wall_time, crypto::Random& random);
  Result<CommitToLog> admit(ByteView key_package, UnixSeconds wall_time, crypto::Random& random) { return admit(std::vector<ByteView>{key_package}, wall_time, random); }
  Result<CommitToLog> remove(MemberId member, UnixSeconds wall_time, crypto::Random& random);
  /// The same for good: identity and invitation are banned.
  Result<CommitToLog> ban(MemberId member, UnixSeconds wall_time, crypto::Random& random);
  /// Puts another policy in place; `voices` of heirs (room/message.h) or nothing.
  Result<CommitToLog> change(const room::RoomPolicy& policy, Bytes voices, UnixSeconds wall_time, crypto::Random& random);
  /// Makes us owner as an heir, by `voices` where they are needed; members with a leading role whose identity key is among `vanished` lose role and seat.
  Result<CommitToLog> inherit(Bytes voices, const std::vector<Bytes>& vanished, UnixSeconds wall_time, crypto::Random& random);
  /// What every member would say to a commit of ours that does nothing else: `not_permitted` with the reason.
  [[nodiscard]] Result<void> may_change(const room::RoomPolicy& policy) const;
  /// Vouches in `policy` for who may admit by it (room/warrant.h), where we can.
  Result<void> vouch(room::RoomPolicy& policy, UnixSeconds wall_time) const;
  /// True when it is for us to vouch for somebody now: as an owner, or because none has a seat.
  [[nodiscard]] bool vouching_due(UnixSeconds wall_time) const;
  /// False after `restore`: we have no identity to sign with.
  [[nodiscard]] bool can_vouch() const;
  /// Our voice as an heir, in this epoch.
  [[nodiscard]] Result<room::Endorsement> voice_for(const room::IdentityHash& claimant) const;
  [[nodiscard]] const room::RoomPolicy& policy() const;
  [[nodiscard]] Rights own_rights() const;
  Result<CommitToLog> rotate(UnixSeconds wall_time, crypto::Random& random);
  [[nodiscard]] bool commit_pending() const;
  /// The policy that a commit of ours, while it is pending, would put in place; else that of the room.
  [[nodiscard]] room::RoomPolicy policy_ahead() const;

  /// The next commit of the log, our own included.
  CommitOutcome handle_commit(ByteView message, UnixSeconds wall_time, Time now);

  /// Signed messages among the members (RFC 9420 section 6).
  Result<Bytes> seal_message(ByteView content, crypto::Random& random);
  Result<OpenedMessage> open_message(ByteView message);

  /// The keys of the media, for as long as their epochs live.
  KeyRing& keys();
  [[nodiscard]] const KeyRing& keys() const;
  /// A sealer for one of our streams in the current epoch; each stream and mode is given out once per epoch, so that no counter can be
  /// used twice.
  Result<FrameSealer> make_sealer(std::uint8_t stream, FrameMode mode = FrameMode::whole);
  [[nodiscard]] FrameSuite frame_suite() const;

  /// Seals the group under `key` (mls::Group::save), and what it takes to read it again.
  [[nodiscard]] Result<Bytes> save(ByteView key, std::uint64_t counter, crypto::Random& random) const;
  /// What is saved beside the group.
  struct SavedBeside {
    const room::IdentityHash& founder;
    ByteView frame_signer;  ///< the private key; must be that of our leaf
    ByteView pending_commit;  ///< our commit that was under way, or nothing
  };
  /// The group as it was saved. It seals neither frames nor messages before a commit of its own was merged: keys and counters of this
  /// epoch, and of those that follow in the log, may have been used (mls::Group::awaits_own_commit).
  static Result<RoomGroup> restore(ByteView sealed, ByteView key, std::uint64_t counter, SessionConfig config, const SavedBeside& beside,
                                   crypto::Random& random);
  /// The key under which the frames of a member verify; null where it has none, or frames are not signed.
  [[nodiscard]] std::shared_ptr<const crypto::SignaturePublicKey> frame_key(MemberId member) const;
  /// The private key with which our frames are signed.
  [[nodiscard]] ByteView frame_signer() const;
  [[nodiscard]] const room::IdentityHash& founder_hash() const;

 private:
  friend class PendingSeat;
  struct State;
  explicit RoomGroup(std::unique_ptr<State> state);
  struct RosterChange;
  static RosterChange roster_change(const mls::CommitSummary& commit);
  CommitOutcome adopt(CommitOutcome outcome, const RosterChange& change, Time now);
  std::unique_ptr<State> state_;
};

/// Somebody at the door: a key package, and its private keys until the Welcome comes. Move-only.
class PendingSeat {
 public:
  static Result<PendingSeat> begin(SessionConfig config, const room::Identity& identity, std::string_view display_name,
                               UnixSeconds wall_time, crypto::Random& random);
  PendingSeat(PendingSeat&&) noexcept;
  PendingSeat& operator=(PendingSeat&&) noexcept;
  ~PendingSeat();

  /// The serialised KeyPackage (RFC 9420 section 10), for the knock.
  [[nodiscard]] ByteView key_package() const;

  /// Joins by a Welcome; may be called again with a later one as long as this object is kept. Refused unless the group is this room's, every member's credential holds, and the Welcome was signed by
  /// the founder whose identity hashes to `founder_hash`, or by a member to whom a chain of warrants leads from it.
  /// No epoch is entered twice: `invalid_state` for a Welcome that was used, `limit_exceeded` after 64 of them.
  Result<RoomGroup> complete(ByteView welcome, const room::IdentityHash& founder_hash, UnixSeconds wall_time, crypto::Random& random) const;

 private:
  struct State;
  explicit PendingSeat(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace conclave::session
