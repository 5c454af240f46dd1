#include "relay/layer_rates.h"

#include <algorithm>
#include <numeric>

#include "transport/path_estimator.h"

namespace conclave::relay {
namespace {

constexpr Duration measured_over = std::chrono::seconds(1);
constexpr Duration measured_first = std::chrono::milliseconds(250);  // the first window, which has to do until there is more
constexpr double unseen = 4;

}  // namespace

void LayerRates::note(const FrameInfo& frame, std::size_t bytes, Time now) {
  if (opened_ == Time{}) opened_ = now;
  const Duration open = now - opened_;
  if (open >= (measured_ ? measured_over : measured_first)) {
    close_window(std::chrono::duration<double>(open).count());
    opened_ = now;
  }
  bytes_[frame.spatial_layer % spatial_layers][frame.temporal_layer % temporal_layers_] += static_cast<float>(bytes + transport::path_overhead);
}

void LayerRates::close_window(double seconds) {
  measured_ = true;
  total_ = 0;
  for (std::size_t spatial = 0; spatial < spatial_layers; ++spatial) {
    if (std::ranges::all_of(bytes_[spatial], [](float bytes) { return bytes == 0; })) continue;  // paused
    for (std::size_t temporal = 0; temporal < temporal_layers_; ++temporal) {
      const float fresh = 8 * bytes_[spatial][temporal] / static_cast<float>(seconds);
      float& rate = rates_[spatial][temporal];
      rate = rate == 0 ? fresh : (rate + fresh) / 2;
    }
  }
  for (const auto& layers : rates_) total_ = std::accumulate(layers.begin(), layers.end(), total_);
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
