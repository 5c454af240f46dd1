// Pictures to VP8 (RFC 6386) or VP9 frames in temporal layers, in real time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/result.h"
#include "conclave/media.h"

namespace conclave::media {

/// An encoder of one stream. Three temporal layers follow the pattern 0-2-1-2, two 0-1; what a frame refers to is
/// stated at `VideoJitterBuffer`.
class VpxEncoder {
 public:
  /// Keyframes asked for come no closer than this, by capture time.
  static constexpr Duration keyframe_spacing = std::chrono::milliseconds(500);

  /// `invalid_argument` for sides outside 16–4096, 1–120 frames per second, 30,000–50,000,000 bit/s, 1–3 layers or 1–16
  /// threads.
  static Result<VpxEncoder> create(const VideoConfig& config);
  VpxEncoder(VpxEncoder&&) noexcept;
  VpxEncoder& operator=(VpxEncoder&&) noexcept;
  ~VpxEncoder();

  /// Encodes one picture; nothing comes back when the rate control left it out. Capture times must grow. A picture of
  /// another size than before begins anew with a keyframe of that size (VP9 in layers cuts off an odd last column or
  /// row). `invalid_argument` for a malformed picture.
  Result<std::optional<EncodedVideo>> encode(const VideoFrame& picture);

  /// The next picture at least `keyframe_spacing` after the last keyframe becomes one.
  void request_keyframe();

  /// 30,000–50,000,000 bit/s; takes effect with the next picture.
  Result<void> set_bitrate(int bits_per_second);

  [[nodiscard]] VideoCodec codec() const;
  [[nodiscard]] std::uint64_t keyframes() const;

 private:
  class Impl;
  explicit VpxEncoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace conclave::media
