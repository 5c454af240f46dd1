// From what cameras deliver to I420.
#pragma once

#include <cstddef>
#include <optional>

#include "conclave/bytes.h"
#include "conclave/media.h"

namespace conclave::runtime {

/// The shape of a camera's picture in memory. Width and height are even.
struct CameraPicture {
  int width = 0;
  int height = 0;
  std::size_t stride = 0;  ///< bytes from one row to the next, of the first plane
};

/// Packed 4:2:2: Y U Y V. The chroma of two rows is averaged. Nothing when `bytes` are too few; so below.
std::optional<VideoFrame> from_yuyv(ByteView bytes, const CameraPicture& shape);
/// A luma plane, then one of interleaved chroma.
std::optional<VideoFrame> from_nv12(ByteView bytes, const CameraPicture& shape);
/// Three planes, the chroma ones with half the stride.
std::optional<VideoFrame> from_i420(ByteView bytes, const CameraPicture& shape);

/// The middle of `picture` in another size, undistorted: what does not fit is cut off. Nearest neighbour.
VideoFrame fit(const VideoFrame& picture, int width, int height);

}  // namespace conclave::runtime
