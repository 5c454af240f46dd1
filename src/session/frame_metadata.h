// What a relay sees of a frame, as the bytes that authenticate it end to end.
#pragma once

#include <array>
#include <cstdint>

#include "conclave/frame.h"

namespace conclave::session {

inline constexpr std::size_t frame_metadata_size = 7;

/// The SFrame metadata (RFC 9605 section 4.4.3) of a frame: stream id and frame number (16 bits each, big-endian), flags (keyframe 4,
/// discardable 2, layer sync 1), temporal (3 bits), spatial (2) and priority (3), base layer index.
std::array<std::uint8_t, frame_metadata_size> frame_metadata(const FrameInfo& info);

/// The frame of which `frame_metadata` made this; of bytes that it did not make, some frame.
FrameInfo frame_info(const std::array<std::uint8_t, frame_metadata_size>& metadata);

}  // namespace conclave::session
