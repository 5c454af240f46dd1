#include "runtime/devices/pixel_formats.h"

#include <algorithm>

#include "media/picture.h"

namespace conclave::runtime {
namespace {

using Size = std::size_t;

/// One plane of a picture, with rows that may be padded.
struct Plane {
  const std::uint8_t* bytes;
  Size stride;
};

bool sound(const CameraPicture& shape, Size row_bytes) {
  return media::allowed_size(shape.width, shape.height) && shape.width % 2 == 0 && shape.height % 2 == 0 &&
         shape.stride >= row_bytes;
}

void copy_rows(Plane from, Bytes& to, Size width, Size height) {
  for (Size row = 0; row < height; ++row)
    std::copy_n(from.bytes + row * from.stride, width, to.begin() + static_cast<std::ptrdiff_t>(row * width));
}

/// Where a row of `to` samples finds its own in the middle `taken` of `from`.
Size pick(Size index, Size from, Size taken, Size to) {
  return (from - taken) / 2 + (2 * index + 1) * taken / (2 * to);
}

struct Rectangle {
  Size width;
  Size height;
};

/// The largest part of `from` with the shape of `to`.
Rectangle same_shape(Rectangle from, Rectangle to) {
  if (from.width * to.height > from.height * to.width)
    return {std::max<Size>(from.height * to.width / to.height, 1), from.height};
  return {from.width, std::max<Size>(from.width * to.height / to.width, 1)};
}

void fit_plane(const Bytes& from, Rectangle from_size, Bytes& to, Rectangle to_size) {
  const auto taken = same_shape(from_size, to_size);
  for (Size row = 0; row < to_size.height; ++row) {
    const auto* source = from.data() + pick(row, from_size.height, taken.height, to_size.height) * from_size.width;
    auto* target = to.data() + row * to_size.width;
    for (Size column = 0; column < to_size.width; ++column)
      target[column] = source[pick(column, from_size.width, taken.width, to_size.width)];
  }
}

Rectangle luma_of(int width, int height) { return {static_cast<Size>(width), static_cast<Size>(height)}; }
Rectangle chroma_of(int width, int height) { return luma_of(media::chroma_side(width), media::chroma_side(height)); }

}  // namespace

std::optional<VideoFrame> from_yuyv(ByteView bytes, const CameraPicture& shape) {
  const auto [width, height] = luma_of(shape.width, shape.height);
  if (!sound(shape, width * 2) || bytes.size() < (height - 1) * shape.stride + width * 2) return std::nullopt;
  auto picture = media::make_picture(shape.width, shape.height);
  for (Size row = 0; row < height; ++row) {
    const auto* source = bytes.data() + row * shape.stride;
    for (Size column = 0; column < width; ++column) picture.y[row * width + column] = source[2 * column];
  }
  for (Size row = 0; row < height / 2; ++row) {
    const auto* above = bytes.data() + 2 * row * shape.stride;
    const auto* below = above + shape.stride;
    for (Size column = 0; column < width / 2; ++column) {
      const auto mean = [&](Size at) {
        return static_cast<std::uint8_t>((above[4 * column + at] + below[4 * column + at] + 1) / 2);
      };
      picture.u[row * width / 2 + column] = mean(1);
      picture.v[row * width / 2 + column] = mean(3);
    }
  }
  return picture;
}

std::optional<VideoFrame> from_nv12(ByteView bytes, const CameraPicture& shape) {
  const auto [width, height] = luma_of(shape.width, shape.height);
  if (!sound(shape, width) || bytes.size() < (height + height / 2 - 1) * shape.stride + width) return std::nullopt;
  auto picture = media::make_picture(shape.width, shape.height);
  copy_rows({bytes.data(), shape.stride}, picture.y, width, height);
  for (Size row = 0; row < height / 2; ++row) {
    const auto* source = bytes.data() + (height + row) * shape.stride;
    for (Size column = 0; column < width / 2; ++column) {
      picture.u[row * width / 2 + column] = source[2 * column];
      picture.v[row * width / 2 + column] = source[2 * column + 1];
    }
  }
  return picture;
}

std::optional<VideoFrame> from_i420(ByteView bytes, const CameraPicture& shape) {
  const auto [width, height] = luma_of(shape.width, shape.height);
  const Size chroma_stride = shape.stride / 2;
  const Size luma = height * shape.stride;
  const Size chroma = height / 2 * chroma_stride;
  if (!sound(shape, width) || bytes.size() < luma + 2 * chroma) return std::nullopt;
  auto picture = media::make_picture(shape.width, shape.height);
  copy_rows({bytes.data(), shape.stride}, picture.y, width, height);
  copy_rows({bytes.data() + luma, chroma_stride}, picture.u, width / 2, height / 2);
  copy_rows({bytes.data() + luma + chroma, chroma_stride}, picture.v, width / 2, height / 2);
  return picture;
}

VideoFrame fit(const VideoFrame& picture, int width, int height) {
  if (picture.width == width && picture.height == height) return picture;
  auto fitted = media::make_picture(width, height, picture.capture_time);
  const auto from = chroma_of(picture.width, picture.height);
  const auto to = chroma_of(width, height);
  fit_plane(picture.y, luma_of(picture.width, picture.height), fitted.y, luma_of(width, height));
  fit_plane(picture.u, from, fitted.u, to);
  fit_plane(picture.v, from, fitted.v, to);
  return fitted;
}

}  // namespace conclave::runtime
