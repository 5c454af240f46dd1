// Speech-like sound made on the spot.
#pragma once

#include <cstdint>

#include "conclave/media.h"

namespace conclave::media {

/// Syllables of changing vowels, four a second, with pauses between phrases; deterministic. Optionally a short click at
/// each full second of capture time, by which latency is measured.
class SyntheticSound {
 public:
  struct Options {
    int channels = 1;  ///< 1 or 2
    bool click = false;
    std::uint32_t voice = 0;  ///< another number, another pitch
  };
  SyntheticSound() : SyntheticSound(Options{}) {}
  explicit SyntheticSound(Options options) : options_(options) {}

  /// The 20 ms from `capture_time` on. Call in order: the state of the voice goes on from frame to frame.
  AudioFrame next(Time capture_time);

 private:
  struct Resonator {
    double y1 = 0, y2 = 0;
    double filter(double input, double frequency, double bandwidth);
  };
  double voice_sample(std::int64_t sample);

  Options options_;
  Resonator formants_[3];
  double phase_ = 0;
};

}  // namespace conclave::media
