#include "session/frame_sealer.h"

#include "session/frame_metadata.h"

namespace conclave::session {

Result<SealedFrame> FrameSealer::seal(const FrameInfo& info, ByteView plaintext) {
  Bytes sealed(sealer_.sealed_size(plaintext.size()));
  CONCLAVE_ASSIGN(size, sealer_.seal(plaintext, frame_metadata(info), sealed));
  sealed.resize(size);
  return SealedFrame(info, std::move(sealed));
}

}  // namespace conclave::session
