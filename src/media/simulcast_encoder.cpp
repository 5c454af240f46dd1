#include "media/simulcast_encoder.h"

#include <algorithm>

#include "media/downscale.h"

namespace conclave::media {
namespace {

constexpr int least_lines = 144;
constexpr int most_small_lines = 180;
constexpr int least_bitrate = 150'000;
constexpr int least_small_bitrate = 30'000;
constexpr int most_small_bitrate = 150'000;
constexpr int least_side = 16;

}  // namespace

std::optional<SmallVersion> small_version(const VideoConfig& config) {
  const int lines = std::min(config.width, config.height);
  if (lines < least_lines || config.bitrate < least_bitrate) return std::nullopt;
  const int factor = lines / 2 <= most_small_lines ? 2 : 4;
  return SmallVersion{factor, std::clamp(config.bitrate * 2 / (5 * factor), least_small_bitrate, most_small_bitrate)};
}

Result<SimulcastEncoder> SimulcastEncoder::create(const VideoConfig& config) {
  SimulcastEncoder made;
  if (const auto small = small_version(config)) {
    VideoConfig smaller = config;
    smaller.width = smaller_side(config.width, small->factor);
    smaller.height = smaller_side(config.height, small->factor);
    smaller.bitrate = small->bitrate;
    smaller.threads = 1;
    CONCLAVE_ASSIGN(encoder, VpxEncoder::create(smaller));
    made.encoders_.push_back({std::move(encoder), small->factor});
  }
  CONCLAVE_ASSIGN(encoder, VpxEncoder::create(config));
  made.encoders_.push_back({std::move(encoder)});
  return made;
}

void SimulcastEncoder::want(std::uint8_t layers) {
  for (std::size_t i = 0; i < encoders_.size(); ++i) {
    const bool wanted = (layers >> i & 1) != 0;
    if (wanted && !encoders_[i].wanted) encoders_[i].encoder.request_keyframe();
    encoders_[i].wanted = wanted;
  }
}

void SimulcastEncoder::request_keyframe(std::uint8_t layers) {
  for (std::size_t i = 0; i < encoders_.size(); ++i) {
    if ((layers >> i & 1) != 0) encoders_[i].encoder.request_keyframe();
  }
}

Result<std::vector<SimulcastFrame>> SimulcastEncoder::encode(const VideoFrame& picture) {
  std::vector<SimulcastFrame> out;
  for (std::size_t i = 0; i < encoders_.size(); ++i) {
    Size& size = encoders_[i];
    const bool fits = std::min(picture.width, picture.height) >= least_side * 2 * size.factor;  // another size than was announced
    if (!size.wanted || (size.factor > 1 && !fits)) continue;
    CONCLAVE_ASSIGN(frame, size.factor > 1 ? size.encoder.encode(downscale(picture, size.factor)) : size.encoder.encode(picture));
    if (frame) out.push_back({static_cast<std::uint8_t>(i), std::move(*frame)});
  }
  return out;
}

}  // namespace conclave::media
