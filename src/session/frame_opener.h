// Opens the frames of all members: known epoch, then roster, then authentication, then the replay window.
#pragma once

#include <cstdint>
#include <deque>

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
  FrameOpener() = default;

  /// Opens one whole frame whose visible part is `info`.
  OpenedFrame open(const FrameInfo& info, ByteView sealed);

 private:
  friend class Session;
  sframe::Opener opener_;
  Bytes plaintext_;
};

}  // namespace conclave::session
