// The same picture in two sizes, for receivers with wide paths and with narrow ones.
#pragma once

#include <cstdint>
#include <vector>

#include "media/vpx_encoder.h"

namespace conclave::media {

/// A frame of one of the sizes.
struct SimulcastFrame {
  std::uint8_t spatial_layer = 0;  ///< 0: the smallest
  EncodedVideo frame;
};

/// What is sent beside a picture for those who cannot take it.
struct SmallVersion {
  int factor = 1;  ///< by which both sides are divided
  int bitrate = 0;
};

/// A half or a quarter of each side, 90 to 180 lines high, at a tenth to a fifth of the bit rate; nothing where the picture has fewer than 144
/// lines or 150,000 bit/s, so that it is small enough itself.
std::optional<SmallVersion> small_version(const VideoConfig& config);

/// One encoder for each size. Those of sizes that nobody wants rest, and begin again with a keyframe.
class SimulcastEncoder {
 public:
  /// `config` is that of the largest size. Errors as of `VpxEncoder`.
  static Result<SimulcastEncoder> create(const VideoConfig& config);

  [[nodiscard]] std::uint8_t layers() const { return static_cast<std::uint8_t>(encoders_.size()); }
  [[nodiscard]] VideoCodec codec() const { return encoders_.front().encoder.codec(); }

  /// A bit for each size that is wanted. All are at first.
  void want(std::uint8_t layers);
  void want_all() { want(0xff); }
  void request_keyframe(std::uint8_t layers = 0xff);

  /// One frame for each size that is wanted, smallest first, but for those that the rate control left out.
  Result<std::vector<SimulcastFrame>> encode(const VideoFrame& picture);

 private:
  struct Size {
    VpxEncoder encoder;
    int factor = 1;
    bool wanted = true;
  };
  std::vector<Size> encoders_;  ///< smallest first
};

}  // namespace conclave::media
