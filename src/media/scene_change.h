// Finds cuts, where a keyframe costs no more than a picture that finds nothing of itself in the one before.
#pragma once

#include "conclave/media.h"

namespace conclave::media {

/// Compares each picture with the one before on a coarse grid. Without it a cut is coded as intra blocks once per
/// temporal layer: three times the size of a keyframe.
class SceneChange {
 public:
  /// Mean absolute difference of luma above which two pictures have nothing in common.
  static constexpr int threshold = 24;

  /// True when `picture` cuts away from the one handed in before. The first one does not.
  bool push(const VideoFrame& picture);

 private:
  Bytes last_;
};

}  // namespace conclave::media
