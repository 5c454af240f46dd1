#include "media/png_writer.h"

#include <png.h>

#include <algorithm>

#include "media/picture.h"

namespace conclave::media {

namespace {

std::uint8_t clamp_byte(int value) { return static_cast<std::uint8_t>(std::clamp(value, 0, 255)); }

/// BT.601, limited range, in fixed point with 8 bits behind the point.
void convert_pixel(int y, int u, int v, std::uint8_t* rgb) {
  const int luma = 298 * (y - 16) + 128;
  rgb[0] = clamp_byte((luma + 409 * (v - 128)) >> 8);
  rgb[1] = clamp_byte((luma - 100 * (u - 128) - 208 * (v - 128)) >> 8);
  rgb[2] = clamp_byte((luma + 516 * (u - 128)) >> 8);
}

Bytes to_rgb(const VideoFrame& picture) {
  const auto width = static_cast<std::size_t>(picture.width);
  const auto chroma_width = static_cast<std::size_t>(chroma_side(picture.width));
  Bytes rgb(width * static_cast<std::size_t>(picture.height) * 3);
  auto* out = rgb.data();
  for (std::size_t y = 0; y < static_cast<std::size_t>(picture.height); ++y) {
    for (std::size_t x = 0; x < width; ++x, out += 3) {
      const auto chroma = y / 2 * chroma_width + x / 2;
      convert_pixel(picture.y[y * width + x], picture.u[chroma], picture.v[chroma], out);
    }
  }
  return rgb;
}

}  // namespace

Result<void> write_png(const std::string& path, const VideoFrame& picture) {
  if (!is_well_formed(picture)) return Error{ErrorCode::invalid_argument, "malformed picture"};
  const auto rgb = to_rgb(picture);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width);
  image.height = static_cast<png_uint_32>(picture.height);
  image.format = PNG_FORMAT_RGB;
  if (png_image_write_to_file(&image, path.c_str(), 0, rgb.data(), 0, nullptr) != 0) return {};
  return Error{ErrorCode::io_error, std::string("PNG not written: ") + image.message};
}

}  // namespace conclave::media
