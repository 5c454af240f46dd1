// The same picture in two sizes, for receivers with wide paths and with narrow ones.
#pragma once

#include <cstdint>
#include <optional>
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

/// One encoder for each size. Those of sizes that nobody wants, or that do not fit, rest, and begin again with a keyframe.
class SimulcastEncoder {
 public:
  /// `config` is that of the largest size. Errors as of `VpxEncoder`.
  static Result<SimulcastEncoder> create(const VideoConfig& config);

  /// Sizes that fit, smallest first.
  [[nodiscard]] std::uint8_t layers() const { return fitting_; }
  /// What all sizes take at their best, in bits a second.
  [[nodiscard]] double full_rate() const;
  /// Divides so many bits a second (nothing: there is no limit) among the sizes that are wanted: the smallest first. The largest rests where less than a
  /// quarter of its rate would be left for it, and begins again from a third on.
  void fit(std::optional<double> bits_per_second);
  [[nodiscard]] VideoCodec codec() const { return encoders_.front().encoder.codec(); }

  /// A bit for each size that is wanted. All are at first, and when sizes are named that rest because they do not fit: that was said before.
  void want(std::uint8_t layers);
  /// These at least.
  void want_also(std::uint8_t layers);
  void want_all() { want(0xff); }
  void request_keyframe(std::uint8_t layers = 0xff);

  /// One frame for each size that is wanted, smallest first, but for those that the rate control left out.
  Result<std::vector<SimulcastFrame>> encode(const VideoFrame& picture);

 private:
  struct Size {
    VpxEncoder encoder;
    int factor = 1;
    int best = 0;     ///< bit rate, as configured
    int current = 0;
    bool wanted = true;
  };
  void set_rate(Size& size, double bits_per_second);

  std::vector<Size> encoders_;  ///< smallest first
  std::uint8_t fitting_ = 0;    ///< of them
};

}  // namespace conclave::media
