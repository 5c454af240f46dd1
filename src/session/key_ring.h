// The frame keys that a session holds: of its epoch, and of those before it until their overlap ends.
#pragma once

#include <map>

#include "base/result.h"
#include "conclave/session.h"
#include "session/frame_keys.h"

namespace conclave::session {

class KeyRing {
 public:
  KeyRing() = default;
  KeyRing(KeyRing&&) noexcept = default;
  KeyRing& operator=(KeyRing&&) noexcept = default;
  ~KeyRing() { close(); }

  struct Entry {
    sframe::NewEpoch epoch;
    std::vector<FrameKeys::State::Seat> seats;  ///< by the room's policy; without ourselves
    SigningRule rule;
    std::shared_ptr<const SeatOwners> owners;
    bool may_seal = true;
    bool end_sealing_before = false;  ///< somebody was removed: nothing is sealed under the old keys from here on
    Time retire_before = never;       ///< when the epoch before it ends
  };
  void enter(Entry entry);

  /// From now on a member may send these contexts at most, in the epochs that are ending too.
  void restrict(MemberId member, sframe::StreamSet contexts);
  /// Nothing is sealed under the keys of epochs that are ending.
  void end_old_sealing();
  /// No frame of this member is opened any more, of no epoch; its limits are forgotten.
  void expel(MemberId member);
  /// What this end wants of a member, whatever the policy allows. True when it changed.
  bool limit(MemberId member, std::uint16_t streams);
  bool doubt(MemberId member, bool doubted, bool silent = false);

  void suspend(bool suspended);
  /// Nothing is sealed or opened any more, wherever the keys have gone.
  void close();

  /// Ends the overlaps that are over; true when one was.
  bool expire(Time now);
  [[nodiscard]] Time next_deadline() const;

  [[nodiscard]] FrameKeys snapshot() const;
  /// `signer` signs where the epoch's rule asks for it: `invalid_state` without one, `not_permitted` for a codec-aware mode.
  Result<FrameSealer> make_sealer(MemberId self, std::uint8_t stream, FrameMode mode, std::shared_ptr<const crypto::SignaturePrivateKey> signer);

 private:
  struct Epoch {
    std::shared_ptr<const sframe::EpochKeys> keys;
    std::shared_ptr<EpochGate> gate;
    std::vector<FrameKeys::State::Seat> seats;
    SigningRule rule;
    std::shared_ptr<const SeatOwners> owners;
    Time retire_at = never;
  };
  struct Limit {
    std::uint16_t streams = 0xFFFF;
    bool doubted = false;
    bool silent = false;
  };

  std::vector<Epoch> epochs_;  ///< oldest first
  std::optional<sframe::SealingRight> sealing_;
  std::map<MemberId, Limit> limits_;
};

}  // namespace conclave::session
