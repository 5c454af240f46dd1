#include "relay/layer_rates.h"

#include <algorithm>

#include "transport/path_estimator.h"

namespace conclave::relay {
namespace {

constexpr Duration measured_over = std::chrono::seconds(1);
constexpr Duration measured_first = std::chrono::milliseconds(250);  // the first window, which has to do until there is more
constexpr double unseen = 4;
constexpr double keyframe_spread = 8;  // seconds

void smooth(float& rate, float fresh) { rate = rate == 0 ? fresh : (rate + fresh) / 2; }

}  // namespace

void LayerRates::note(const FrameInfo& frame, std::size_t bytes, Time now) {
  if (opened_ == Time{}) opened_ = now;
  const Duration open = now - opened_;
  if (open >= (measured_ ? measured_over : measured_first)) {
    close_window(std::chrono::duration<double>(open).count());
    opened_ = now;
  }
  const auto cost = static_cast<float>(bytes + transport::path_overhead);
  const std::size_t spatial = frame.spatial_layer % spatial_layers;
  all_bytes_ += cost;
  if (frame.keyframe) keyframes_[spatial] += cost;
  else bytes_[spatial][frame.temporal_layer % temporal_layers_] += cost;
}

void LayerRates::close_window(double seconds) {
  const auto rate_of = [&](float bytes) { return 8 * bytes / static_cast<float>(seconds); };
  for (std::size_t spatial = 0; spatial < spatial_layers; ++spatial) {
    const float share = keyframes_[spatial] * static_cast<float>(std::min(1.0, seconds / keyframe_spread));
    const bool paused = std::ranges::all_of(bytes_[spatial], [](float bytes) { return bytes == 0; });
    if (paused && share < 1) continue;
    keyframes_[spatial] -= share;
    bytes_[spatial][0] += share;
    for (std::size_t temporal = 0; temporal < temporal_layers_; ++temporal) smooth(rates_[spatial][temporal], rate_of(bytes_[spatial][temporal]));
  }
  smooth(total_, rate_of(all_bytes_));
  measured_ = true;
  all_bytes_ = 0;
  bytes_ = {};
}

double LayerRates::rate(LayerChoice choice) const {
  const auto& layers = rates_[choice.spatial % spatial_layers];
  double sum = 0;
  for (std::size_t temporal = 0; temporal <= choice.temporal % temporal_layers_; ++temporal) sum += static_cast<double>(layers[temporal]);
  if (sum > 0 || choice.spatial == 0) return sum;
  return unseen * rate({static_cast<std::uint8_t>(choice.spatial - 1), choice.temporal});
}

Ladder LayerRates::ladder(LayerChoice most, std::uint8_t temporal_layers) const {
  const auto top = static_cast<std::uint8_t>(temporal_layers - 1);
  Ladder out;
  double least = 0;
  for (std::uint8_t spatial = 0; spatial <= most.spatial; ++spatial) {
    for (std::uint8_t temporal = 0; temporal <= std::min(top, most.temporal); ++temporal) {
      const LayerChoice choice{spatial, temporal == top ? std::uint8_t{7} : temporal};
      least = std::max(least, rate(choice));
      out.push_back({choice, least});
    }
  }
  return out;
}

}  // namespace conclave::relay
