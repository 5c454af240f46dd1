#include "session/frame_metadata.h"

namespace conclave::session {

std::array<std::uint8_t, frame_metadata_size> frame_metadata(const FrameInfo& info) {
  const auto byte = [](unsigned value) { return static_cast<std::uint8_t>(value & 0xFF); };
  return {
      byte(info.stream_id >> 8U),
      byte(info.stream_id),
      byte(info.frame_number >> 8U),
      byte(info.frame_number),
      byte((info.keyframe ? 4U : 0U) | (info.discardable ? 2U : 0U) | (info.layer_sync ? 1U : 0U)),
      byte((info.temporal_layer & 7U) << 5U | (info.spatial_layer & 3U) << 3U | (info.priority & 7U)),
      info.base_layer_index,
  };
}

FrameInfo frame_info(const std::array<std::uint8_t, frame_metadata_size>& m) {
  const auto sixteen = [](unsigned high, unsigned low) { return static_cast<std::uint16_t>(high << 8U | low); };
  const auto bits = [](unsigned value, unsigned shift, unsigned mask) { return static_cast<std::uint8_t>(value >> shift & mask); };
  return {sixteen(m[0], m[1]), sixteen(m[2], m[3]), (m[4] & 4U) != 0, (m[4] & 2U) != 0, (m[4] & 1U) != 0,
          bits(m[5], 5, 7), bits(m[5], 3, 3), bits(m[5], 0, 7), m[6]};
}

}  // namespace conclave::session
