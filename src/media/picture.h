// What every handler of pictures agrees on: their planes and their limits.
#pragma once

#include <cstddef>

#include "conclave/media.h"

namespace conclave::media {

/// The longest side of a picture that is encoded or decoded, in luma samples.
inline constexpr int max_picture_side = 4096;

/// The width or height of a chroma plane of I420 beside `luma` luma samples.
constexpr int chroma_side(int luma) { return (luma + 1) / 2; }

/// True for sides of 2 to `max_picture_side`.
constexpr bool allowed_size(int width, int height) {
  return width >= 2 && height >= 2 && width <= max_picture_side && height <= max_picture_side;
}

/// A grey picture of an allowed size.
VideoFrame make_picture(int width, int height, Time capture_time = {});

/// True when the size is allowed and the planes have exactly the bytes that it asks for.
bool is_well_formed(const VideoFrame& picture);

}  // namespace conclave::media
