// Opens the frames of all other members: known epoch, then roster, then authentication, then the replay window.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "conclave/frame.h"
#include "conclave/time.h"
#include "session/member.h"
#include "sframe/opener.h"

namespace conclave::session {

/// What became of a frame; all but `opened` are dropped, and counted by whoever asked.
enum class FrameFate : std::uint8_t { opened, malformed, unknown_epoch, unknown_sender, forged, replayed };

struct OpenedFrame {
  FrameFate fate = FrameFate::malformed;
  MemberId sender = 0;
  std::uint64_t context = 0;  ///< which of the sender's streams
  ByteView plaintext;         ///< valid until the next `open`
};

/// The keys of the current epoch, and of those before it until their overlap ends. Not thread-safe.
class FrameOpener {
 public:
  FrameOpener();
  FrameOpener(FrameOpener&&) noexcept = default;
  FrameOpener& operator=(FrameOpener&&) noexcept = default;
  ~FrameOpener();

  /// Opens one whole frame whose visible part is `info`.
  OpenedFrame open(const FrameInfo& info, ByteView sealed);

 private:
  friend class Session;
  struct OldEpoch {
    std::uint64_t epoch = 0;
    Time retire_at{};
  };

  /// Takes up an epoch whose frames `members` may seal, `self` apart; the one before it ends at `retire_at`.
  Result<void> enter(std::shared_ptr<const sframe::EpochKeys> keys, const std::vector<Member>& members, MemberId self, Time retire_at);
  /// No frame of this member is opened any more, of no epoch.
  void expel(MemberId member);
  void expire(Time now);
  [[nodiscard]] Time next_deadline() const;

  sframe::Opener opener_;
  std::optional<std::uint64_t> current_;
  std::vector<OldEpoch> old_;
  Bytes plaintext_;
};

}  // namespace conclave::session
