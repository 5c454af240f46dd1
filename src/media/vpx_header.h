// The few fields at the head of a VP8 or VP9 frame that decide what the decoder will allocate.
#pragma once

#include "base/result.h"
#include "conclave/media.h"

namespace conclave::media {

struct CodedSize {
  int width = 0;
  int height = 0;  ///< 0 by 0 where the frame keeps the size that a reference has
};

/// The size that `frame` declares. VP8: RFC 6386 section 9.1; VP9: bitstream specification section 6.2, profile 0
/// alone, and no superframe (annex B): our encoder makes none. `malformed` or `unsupported`.
Result<CodedSize> coded_size(VideoCodec codec, ByteView frame);

}  // namespace conclave::media
