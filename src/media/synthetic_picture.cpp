#include "media/synthetic_picture.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>

#include "media/picture.h"

namespace conclave::media {

namespace {

// ---- the burnt-in grid: 16 columns and 7 rows of blocks hold 32 + 64 + 16 bits, on a dark frame one block wide
// ----------

constexpr int columns = 16;
constexpr int rows = 7;
constexpr std::uint8_t black = 24, white = 228, border = 126;
using Grid = std::array<std::uint8_t, columns * rows / 8>;

/// As in a frame's payload: a stranger's picture must not make the sums overflow that are done with its time.
constexpr std::int64_t time_limit = std::int64_t{1} << 53;

/// A share of the picture, even, so that chroma blocks meet luma blocks.
int block_size(const VideoFrame& picture) {
  return std::min(picture.width / (columns + 4), picture.height / (rows * 2)) & ~1;
}

bool large_enough(const VideoFrame& picture) {
  return picture.width >= min_burnt_in_width && picture.height >= min_burnt_in_height;
}

/// CRC-16/CCITT, begun with ones so that an all-black picture does not pass.
std::uint16_t checksum(const std::uint8_t* bytes, std::size_t size) {
  unsigned crc = 0xFFFF;
  for (std::size_t i = 0; i < size; ++i) {
    crc ^= static_cast<unsigned>(bytes[i]) << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
  }
  return static_cast<std::uint16_t>(crc);
}

Grid write_grid(const BurntIn& content) {
  Grid grid{};
  const auto time = std::bit_cast<std::uint64_t>(content.time.time_since_epoch().count());
  for (std::size_t i = 0; i < 4; ++i) grid[i] = static_cast<std::uint8_t>(content.frame_number >> (24 - 8 * i));
  for (std::size_t i = 0; i < 8; ++i) grid[4 + i] = static_cast<std::uint8_t>(time >> (56 - 8 * i));
  const auto sum = checksum(grid.data(), 12);
  grid[12] = static_cast<std::uint8_t>(sum >> 8);
  grid[13] = static_cast<std::uint8_t>(sum);
  return grid;
}

std::optional<BurntIn> read_grid(const Grid& grid) {
  if (checksum(grid.data(), 12) != (grid[12] << 8 | grid[13])) return std::nullopt;
  BurntIn content;
  std::uint64_t time = 0;
  for (std::size_t i = 0; i < 4; ++i) content.frame_number = content.frame_number << 8 | grid[i];
  for (std::size_t i = 0; i < 8; ++i) time = time << 8 | grid[4 + i];
  const auto us = std::bit_cast<std::int64_t>(time);
  if (us < -time_limit || us > time_limit) return std::nullopt;
  content.time = Time(Duration(us));
  return content;
}

void fill(Bytes& plane, int stride, int left, int top, int width, int height, std::uint8_t value) {
  for (int y = top; y < top + height; ++y) {
    std::fill_n(plane.begin() + static_cast<std::ptrdiff_t>(y) * stride + left, width, value);
  }
}

/// The mean of the middle half of a block: its edges are blurred by coding.
int block_level(const VideoFrame& picture, int left, int top, int size) {
  int sum = 0, count = 0;
  for (int y = top + size / 4; y < top + size - size / 4; ++y) {
    for (int x = left + size / 4; x < left + size - size / 4; ++x, ++count) {
      sum +=
          picture
              .y[static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) + static_cast<std::size_t>(x)];
    }
  }
  return sum / std::max(count, 1);
}

// ---- the moving picture
// ----------------------------------------------------------------------------------------------

std::uint8_t clamp_sample(double value) { return static_cast<std::uint8_t>(std::clamp(value, 16.0, 235.0)); }

/// A triangle wave of period 1 between 0 and 1: things move to and fro at constant speed.
double to_and_fro(double phase) {
  const double part = phase - std::floor(phase);
  return part < 0.5 ? 2 * part : 2 - 2 * part;
}

void paint_gradients(VideoFrame& picture, double seconds) {
  for (int y = 0; y < picture.height; ++y) {
    const double v = static_cast<double>(y) / picture.height;
    auto row = picture.y.begin() + static_cast<std::ptrdiff_t>(y) * picture.width;
    for (int x = 0; x < picture.width; ++x) {
      const double u = static_cast<double>(x) / picture.width;
      *row++ = clamp_sample(60 + 90 * to_and_fro(u + 0.05 * seconds) + 60 * v);
    }
  }
  const int width = chroma_side(picture.width), height = chroma_side(picture.height);
  for (int y = 0; y < height; ++y) {
    const auto level_u = clamp_sample(100 + 56.0 * y / height);
    std::fill_n(picture.u.begin() + static_cast<std::ptrdiff_t>(y) * width, width, level_u);
    for (int x = 0; x < width; ++x) {
      picture.v[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)] =
          clamp_sample(100 + 56 * to_and_fro(static_cast<double>(x) / width - 0.05 * seconds));
    }
  }
}

struct Disc {
  double speed_x, speed_y, phase;
  std::uint8_t y, u, v;
};
constexpr std::array<Disc, 3> discs = {Disc{0.21, 0.13, 0.1, 200, 90, 170}, Disc{0.16, 0.29, 0.5, 70, 170, 90},
                                       Disc{0.33, 0.19, 0.8, 150, 60, 60}};

void paint_disc(VideoFrame& picture, const Disc& disc, double seconds) {
  const int radius = picture.height / 9;
  const int center_x = static_cast<int>(to_and_fro(disc.phase + disc.speed_x * seconds) * picture.width);
  const int center_y = static_cast<int>(to_and_fro(disc.phase + disc.speed_y * seconds) * picture.height);
  const int chroma_width = chroma_side(picture.width);
  for (int y = std::max(0, center_y - radius); y < std::min(picture.height, center_y + radius); ++y) {
    const int half = static_cast<int>(std::sqrt(std::max(0, radius * radius - (y - center_y) * (y - center_y))));
    const int left = std::max(0, center_x - half), right = std::min(picture.width, center_x + half);
    if (right <= left) continue;
    fill(picture.y, picture.width, left, y, right - left, 1, disc.y);
    fill(picture.u, chroma_width, left / 2, y / 2, (right - left) / 2, 1, disc.u);
    fill(picture.v, chroma_width, left / 2, y / 2, (right - left) / 2, 1, disc.v);
  }
}

}  // namespace

VideoFrame synthetic_picture(int width, int height, std::uint32_t frame_number, Time capture_time) {
  auto picture = make_picture(width, height, capture_time);
  const double seconds = std::fmod(std::chrono::duration<double>(capture_time.time_since_epoch()).count(), 36'000.0);
  paint_gradients(picture, seconds);
  for (const auto& disc : discs) paint_disc(picture, disc, seconds);
  if (large_enough(picture)) static_cast<void>(burn_in(picture, {frame_number, capture_time}).ok());
  return picture;
}

Result<void> burn_in(VideoFrame& picture, const BurntIn& content) {
  if (!is_well_formed(picture) || !large_enough(picture))
    return Error{ErrorCode::invalid_argument, "picture too small"};
  const auto grid = write_grid(content);
  const int size = block_size(picture);
  const int chroma_width = chroma_side(picture.width);
  fill(picture.y, picture.width, 0, 0, (columns + 2) * size, (rows + 2) * size, border);
  fill(picture.u, chroma_width, 0, 0, (columns + 2) * size / 2, (rows + 2) * size / 2, 128);
  fill(picture.v, chroma_width, 0, 0, (columns + 2) * size / 2, (rows + 2) * size / 2, 128);
  for (int i = 0; i < columns * rows; ++i) {
    const bool one = (grid[static_cast<std::size_t>(i / 8)] >> (7 - i % 8) & 1) != 0;
    fill(picture.y, picture.width, (1 + i % columns) * size, (1 + i / columns) * size, size, size, one ? white : black);
  }
  return {};
}

std::optional<BurntIn> read_burnt_in(const VideoFrame& picture) {
  if (!is_well_formed(picture) || !large_enough(picture)) return std::nullopt;
  const int size = block_size(picture);
  Grid grid{};
  for (int i = 0; i < columns * rows; ++i) {
    const bool one = block_level(picture, (1 + i % columns) * size, (1 + i / columns) * size, size) > border;
    if (one) grid[static_cast<std::size_t>(i / 8)] |= static_cast<std::uint8_t>(0x80 >> i % 8);
  }
  return read_grid(grid);
}

}  // namespace conclave::media
