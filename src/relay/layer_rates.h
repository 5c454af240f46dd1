// What the layers of a stream cost, as they were last seen.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "conclave/frame.h"
#include "conclave/time.h"

namespace conclave::relay {

/// One picture size, and the temporal layers up to one.
struct LayerChoice {
  std::uint8_t spatial = 0;
  std::uint8_t temporal = 7;
  friend auto operator<=>(const LayerChoice&, const LayerChoice&) = default;

  [[nodiscard]] bool carries(const FrameInfo& frame) const { return frame.spatial_layer == spatial && frame.temporal_layer <= temporal; }
};

/// One way to take a stream.
struct LadderStep {
  LayerChoice choice;
  double rate = 0;  ///< bits a second, overhead included
};

/// Ways to take a stream, each better and dearer than the one before.
using Ladder = std::vector<LadderStep>;

/// Measures each layer by itself. One that is paused keeps the rate that it had; one that was never seen is taken for four times
/// the next smaller one. A keyframe counts as if it took eight seconds: one that was asked for, often by somebody else, says little of what
/// its layer costs, and whoever is paused for it needs another one to go on.
class LayerRates {
 public:
  void note(const FrameInfo& frame, std::size_t bytes, Time now);
  /// Of all layers that `choice` takes; 0 when nothing is known.
  [[nodiscard]] double rate(LayerChoice choice) const;
  /// Of everything that was sent lately, whatever its layer.
  [[nodiscard]] double total() const { return static_cast<double>(total_); }
  /// For who takes at most `most`, of a stream of so many layers.
  [[nodiscard]] Ladder ladder(LayerChoice most, std::uint8_t temporal_layers) const;

 private:
  static constexpr std::size_t spatial_layers = 4;
  static constexpr std::size_t temporal_layers_ = 8;
  using Table = std::array<std::array<float, temporal_layers_>, spatial_layers>;

  void close_window(double seconds);

  Table bytes_{};  ///< in the window that is open
  std::array<float, spatial_layers> keyframes_{};  ///< what is left of them to be counted
  float all_bytes_ = 0;  ///< in the window that is open, whatever they are
  Table rates_{};
  float total_ = 0;
  Time opened_{};
  bool measured_ = false;  ///< a whole window
};

}  // namespace conclave::relay
