// Smaller versions of a picture.
#pragma once

#include "conclave/media.h"

namespace conclave::media {

/// The side of a picture made smaller by `factor`: even, so that its chroma planes have half of it.
constexpr int smaller_side(int side, int factor) { return side / factor & ~1; }

/// Each sample is the mean of `factor` x `factor` ones; what does not fill one at the right and lower edges is cut off. The picture is
/// well-formed, `factor` is 1-8, and both sides are at least twice as large.
VideoFrame downscale(const VideoFrame& picture, int factor);

}  // namespace conclave::media
