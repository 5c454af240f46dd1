#include "media/simulcast_encoder.h"

#include <algorithm>
#include <cmath>

#include "media/downscale.h"

namespace conclave::media {
namespace {

constexpr int least_lines = 144;
constexpr int most_small_lines = 180;
constexpr int least_bitrate = 150'000;
constexpr int least_small_bitrate = 30'000;
constexpr int most_small_bitrate = 150'000;
constexpr int least_side = 16;
constexpr double lowest_bitrate = 30'000;  // of an encoder
constexpr double stays_from = 0.25;        // of its best: the largest size
constexpr double begins_from = 0.34;
constexpr double small_at_most = 2;        // of its best, where it is the only one
constexpr double worth_a_change = 0.04;

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
    made.encoders_.push_back({std::move(encoder), small->factor, small->bitrate, small->bitrate});
  }
  CONCLAVE_ASSIGN(encoder, VpxEncoder::create(config));
  made.encoders_.push_back({std::move(encoder), 1, config.bitrate, config.bitrate});
  made.fitting_ = static_cast<std::uint8_t>(made.encoders_.size());
  return made;
}

double SimulcastEncoder::full_rate() const {
  double sum = 0;
  for (const Size& size : encoders_) sum += size.best;
  return sum;
}

void SimulcastEncoder::fit(std::optional<double> bits_per_second) {
  const auto all = static_cast<std::uint8_t>(encoders_.size());
  const bool whole = fitting_ == all;
  Size& small = encoders_.front();
  Size& large = encoders_.back();
  const double for_small = all > 1 && (small.wanted || !whole) ? small.best : 0;
  const double for_large = bits_per_second ? *bits_per_second - for_small : large.best;
  const bool fits = all == 1 || for_large >= (whole ? stays_from : begins_from) * large.best;
  if (fits && !whole) large.encoder.request_keyframe();
  fitting_ = fits ? all : static_cast<std::uint8_t>(all - 1);
  if (!fits && whole) want_all();  // whoever had the largest gets a smaller one
  if (fits) set_rate(large, for_large);
  if (all > 1) set_rate(small, fits ? small.best : std::min(*bits_per_second, small_at_most * small.best));
}

void SimulcastEncoder::set_rate(Size& size, double bits_per_second) {
  const double most = size.factor > 1 ? small_at_most * size.best : size.best;
  const double rate = std::clamp(bits_per_second, std::min(lowest_bitrate, most), most);
  if (std::abs(rate - size.current) < worth_a_change * size.current && rate != size.best) return;
  if (static_cast<int>(rate) == size.current) return;
  if (size.encoder.set_bitrate(static_cast<int>(rate)).ok()) size.current = static_cast<int>(rate);
}

void SimulcastEncoder::want_also(std::uint8_t layers) {
  for (std::size_t i = 0; i < encoders_.size(); ++i) encoders_[i].wanted = encoders_[i].wanted || (layers >> i & 1) != 0;
}

void SimulcastEncoder::want(std::uint8_t layers) {
  if (layers >> fitting_ != 0) layers = 0xff;
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
  for (std::size_t i = 0; i < fitting_; ++i) {
    Size& size = encoders_[i];
    const bool fits = std::min(picture.width, picture.height) >= least_side * 2 * size.factor;  // another size than was announced
    if (!size.wanted || (size.factor > 1 && !fits)) continue;
    CONCLAVE_ASSIGN(frame, size.factor > 1 ? size.encoder.encode(downscale(picture, size.factor)) : size.encoder.encode(picture));
    if (frame) out.push_back({static_cast<std::uint8_t>(i), std::move(*frame)});
  }
  return out;
}

}  // namespace conclave::media
