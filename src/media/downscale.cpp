#include "media/downscale.h"

#include "media/picture.h"

namespace conclave::media {
namespace {

Bytes shrink(const Bytes& plane, int stride, int width, int height, int factor) {
  Bytes out(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  const auto half = static_cast<unsigned>(factor * factor) / 2;
  auto to = out.begin();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      unsigned sum = half;
      for (int row = 0; row < factor; ++row) {
        const auto* from = plane.data() + static_cast<std::ptrdiff_t>(y * factor + row) * stride + static_cast<std::ptrdiff_t>(x) * factor;
        for (int column = 0; column < factor; ++column) sum += from[column];
      }
      *to++ = static_cast<std::uint8_t>(sum / static_cast<unsigned>(factor * factor));
    }
  }
  return out;
}

}  // namespace

VideoFrame downscale(const VideoFrame& picture, int factor) {
  const int width = smaller_side(picture.width, factor);
  const int height = smaller_side(picture.height, factor);
  const int chroma = chroma_side(picture.width);
  return {picture.capture_time,
          width,
          height,
          shrink(picture.y, picture.width, width, height, factor),
          shrink(picture.u, chroma, width / 2, height / 2, factor),
          shrink(picture.v, chroma, width / 2, height / 2, factor)};
}

}  // namespace conclave::media
