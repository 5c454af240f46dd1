// A moving test picture that carries its number and time through lossy coding.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "conclave/media.h"

namespace conclave::media {

/// What is burnt into a picture as black and white blocks.
struct BurntIn {
  std::uint32_t frame_number = 0;
  Time time{};
  friend bool operator==(const BurntIn&, const BurntIn&) = default;
};

/// The smallest picture that anything is burnt into.
inline constexpr int min_burnt_in_width = 160;
inline constexpr int min_burnt_in_height = 120;

/// Gradients, discs and a bar that move with `capture_time`, with `frame_number` and `capture_time` burnt in where the
/// picture is large enough. The same arguments give the same picture. The size is an allowed one.
VideoFrame synthetic_picture(int width, int height, std::uint32_t frame_number, Time capture_time);

/// Draws `content` over the upper left of any picture. `invalid_argument` when it is too small or malformed.
Result<void> burn_in(VideoFrame& picture, const BurntIn& content);

/// Reads it back; nothing when there is none or its checksum is wrong.
std::optional<BurntIn> read_burnt_in(const VideoFrame& picture);

}  // namespace conclave::media
