// The sound of several members, added up for one loudspeaker.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <span>

#include "conclave/conference.h"

namespace conclave::runtime {

/// Takes frames of any member and gives blocks of their sum, mono. Of each member at most 200 ms wait; a member begins
/// to be heard with 40 ms in hand, so that a late frame does not tear the sound.
class Mixer {
 public:
  void add(MemberId member, const AudioFrame& frame);
  /// Fills `block` with what there is, silence where there is nothing.
  void take(std::span<std::int16_t> block);

 private:
  struct Line {
    std::deque<std::int16_t> samples;
    bool running = false;
  };

  std::mutex mutex_;
  std::map<MemberId, Line> lines_;
};

}  // namespace conclave::runtime
