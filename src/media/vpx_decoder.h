// VP8 and VP9 frames to pictures. What comes in is authenticated, but its sender may be hostile.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "conclave/media.h"

namespace conclave::media {

/// A decoder of one stream.
class VpxDecoder {
 public:
  static Result<VpxDecoder> create(VideoCodec codec);
  VpxDecoder(VpxDecoder&&) noexcept;
  VpxDecoder& operator=(VpxDecoder&&) noexcept;
  ~VpxDecoder();

  /// One frame in, one picture out; its size may differ from the last. `unsupported` for a size over `max_picture_side`
  /// (looked at before the decoder allocates), for more than 8 bits or other than 4:2:0, and for several frames in one;
  /// `malformed` for what does not decode or shows no picture: then ask for a keyframe. Either is counted in
  /// `failures()`.
  Result<VideoFrame> decode(ByteView data, Time capture_time);

  [[nodiscard]] std::uint64_t failures() const;
  [[nodiscard]] VideoCodec codec() const;

 private:
  class Impl;
  explicit VpxDecoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace conclave::media
