// Seals the frames of one stream in one epoch.
#pragma once

#include "base/result.h"
#include "conclave/frame.h"
#include "sframe/sealer.h"

namespace conclave::session {

/// Move-only, so that one counter belongs to one owner. Different sealers may be used by different threads without a lock.
class FrameSealer {
 public:
  explicit FrameSealer(sframe::Sealer sealer) : sealer_(std::move(sealer)) {}

  /// Seals a whole frame: `info` in the clear but authenticated, `plaintext` encrypted. `limit_exceeded` when the counter is
  /// used up (RFC 9605 section 9.3).
  Result<SealedFrame> seal(const FrameInfo& info, ByteView plaintext);

 private:
  sframe::Sealer sealer_;
};

}  // namespace conclave::session
