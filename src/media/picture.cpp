#include "media/picture.h"

#include <cassert>

namespace conclave::media {

namespace {
constexpr std::uint8_t luma_grey = 126;
constexpr std::uint8_t chroma_grey = 128;

std::size_t area(int width, int height) { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height); }
}  // namespace

VideoFrame make_picture(int width, int height, Time capture_time) {
  assert(allowed_size(width, height));
  const auto chroma = area(chroma_side(width), chroma_side(height));
  return {capture_time,
          width,
          height,
          Bytes(area(width, height), luma_grey),
          Bytes(chroma, chroma_grey),
          Bytes(chroma, chroma_grey)};
}

bool is_well_formed(const VideoFrame& picture) {
  if (!allowed_size(picture.width, picture.height)) return false;
  const auto chroma = area(chroma_side(picture.width), chroma_side(picture.height));
  return picture.y.size() == area(picture.width, picture.height) && picture.u.size() == chroma &&
         picture.v.size() == chroma;
}

}  // namespace conclave::media
