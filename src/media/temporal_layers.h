// Which frame refers to which: the pattern of the temporal layers.
#pragma once

#include <cstdint>

namespace conclave::media {

/// What the encoder does at one place of the pattern. LAST holds the base layer, GOLDEN layer 1.
struct LayerStep {
  std::uint8_t layer = 0;
  bool sync = false;           ///< refers to nothing above the base layer
  bool refers_golden = false;  ///< besides LAST
  bool updates_last = false;
  bool updates_golden = false;
  /// No later frame refers to it.
  [[nodiscard]] constexpr bool discardable() const { return !updates_last && !updates_golden; }
};

/// Walks the pattern 0-2-1-2 for three layers, 0-1 for two, 0 for one.
class TemporalLayers {
 public:
  explicit TemporalLayers(int layers) : layers_(layers) {}

  [[nodiscard]] LayerStep current() const;
  /// The number of places in the pattern, and of frames between two of the base layer.
  [[nodiscard]] int period() const { return layers_ == 3 ? 4 : layers_; }
  /// How many frames of the full rate there are to one of layers 0 to `layer`.
  [[nodiscard]] int decimation(int layer) const { return 1 << (layers_ - 1 - layer); }
  /// The share of the bitrate, in percent, of layers 0 to `layer` together.
  [[nodiscard]] int share(int layer) const;
  [[nodiscard]] int layer_at(int place) const;
  [[nodiscard]] int layers() const { return layers_; }

  void advance() { place_ = (place_ + 1) % period(); }
  /// After a keyframe: the next frame is the one after a base frame.
  void restart() { place_ = 0; }

 private:
  int layers_;
  int place_ = 0;
};

}  // namespace conclave::media
