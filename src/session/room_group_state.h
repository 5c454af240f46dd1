// The inside of `RoomGroup`.
#pragma once

#include <deque>

#include "mls/group/group.h"
#include "session/admission.h"
#include "session/frame_suites.h"
#include "session/room_group.h"

namespace conclave::session {

/// What a commit does to the roster.
struct RoomGroup::RosterChange {
  MemberId committer = 0;
  std::vector<MemberId> removed;
  std::vector<std::pair<MemberId, mls::LeafNode>> added;
};

/// Who sat where in an epoch that is over.
struct PastRoster {
  std::uint64_t epoch = 0;
  std::vector<Member> members;
};

struct RoomGroup::State {
  SessionConfig config;
  mls::Group group;
  room::IdentityHash founder;
  std::vector<Member> members;
  sframe::CipherSuite frame_suite;
  KeyRing keys;
  room::RoomPolicy policy;
  Bytes pending_message;  ///< our commit as it stands in the log, or empty
  std::shared_ptr<const crypto::SignaturePrivateKey> frame_signer;
  std::shared_ptr<const room::Identity> identity;  ///< null after `restore`: then we vouch for nobody before we join anew
  std::deque<PastRoster> past_rosters;  ///< as long as the group opens messages of their epochs

  Result<void> take_up_epoch(Time retire_previous_at, bool removal);
  void assign_roles();
  /// Of our epoch, where frames are signed.
  [[nodiscard]] Result<FrameHistory> frame_history() const;
  [[nodiscard]] std::shared_ptr<const crypto::SignaturePublicKey> signing_key(MemberId member) const;
  Result<CommitToLog> commit(std::vector<mls::Proposal> proposals, UnixSeconds wall_time, crypto::Random& random, Bytes voices = {});
  [[nodiscard]] mls::Proposal replacing(const room::RoomPolicy& after) const;
  [[nodiscard]] Rights rights_of(const Member& member) const { return policy.rights_of(room::identity_hash(member.identity_key)); }
  Result<mls::KeyPackage> check_key_package(ByteView bytes, UnixSeconds wall_time) const;
  [[nodiscard]] RoomRules rules() const { return {members, config.room_id, frame_suite, policy, group.extensions()}; }
  [[nodiscard]] bool still_seated(MemberId id, std::uint64_t epoch) const;
};

}  // namespace conclave::session
