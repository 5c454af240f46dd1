// When the frames of a capture are due.
#pragma once

#include <atomic>
#include <cstdint>

#include "conclave/time.h"

namespace conclave::runtime {

/// The common start of sources that stay in step: fixed by whoever asks first, moved for all of them when one stalls.
class CaptureStart {
 public:
  /// Later than this, and the time line moves instead of a burst of old frames.
  static constexpr Duration tolerated_delay = std::chrono::milliseconds(300);

  /// When the frame at `offset` from the start is due. The first call starts the time line at `now`.
  Time due(Duration offset, Time now);

 private:
  Time fix(Time now);

  std::atomic<Duration::rep> start_ = 0;
};

/// Frame `index` begins so long after the first one, at `rate` frames a second: exact, without drift.
constexpr Duration offset_of(std::uint64_t index, int rate) {
  return Duration(static_cast<Duration::rep>(index * 1'000'000u / static_cast<std::uint64_t>(rate)));
}

inline constexpr int audio_frame_rate = 50;

}  // namespace conclave::runtime
