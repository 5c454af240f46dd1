// One receiver of one stream: what it asked for, what it is to get, and under which numbers.
#pragma once

#include <optional>

#include "relay/numbering.h"
#include "relay/outbox.h"
#include "relay/pacer.h"

namespace conclave::relay {

/// What lies between the relay and a receiver whose path is narrow.
struct NarrowPath {
  Pacer pacer;
  Receivers self;  ///< that receiver alone
};

class Guard;

/// What stands between the relay and a receiver: nothing, when its path is wide and loses nothing.
struct Way {
  NarrowPath* path = nullptr;  ///< null: whatever comes is sent at once
  Guard* guard = nullptr;      ///< null: nothing is sent beside it
  friend bool operator==(const Way&, const Way&) = default;
};

struct Subscriber {
  transport::Subscription wanted;
  LayerChoice most{};                  ///< the best that it asked for and that there is
  std::optional<LayerChoice> target;   ///< what it is to get from the next place on where that can begin; nothing: paused
  Numbering numbering;                 ///< in the lane that it gets now, if any: before the first keyframe it could decode nothing, and gets nothing
  Way way{};

  /// These layers, whatever their rank.
  [[nodiscard]] bool takes(const transport::Subscription& other) const {
    return wanted.max_temporal_layer == other.max_temporal_layer && wanted.max_spatial_layer == other.max_spatial_layer;
  }
  [[nodiscard]] bool settled() const { return !target || (numbering.in_lane() && numbering.lane() == *target); }
};

}  // namespace conclave::relay
