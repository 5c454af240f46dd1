#include "session/codec_units.h"

namespace conclave::session {
namespace {

bool stays_readable_h264(unsigned type) { return (type >= 7 && type <= 15 && type != 14) || type == 14; }
bool stays_readable_h265(unsigned type) { return type >= 32 && type <= 38; }

/// Offset of the next start code, 00 00 01, or the frame's size.
std::size_t find_start_code(ByteView frame, std::size_t from) {
  for (std::size_t i = from; i + 3 <= frame.size(); ++i) {
    if (frame[i] == 0 && frame[i + 1] == 0 && frame[i + 2] == 1) return i;
  }
  return frame.size();
}

/// AV1 specification section 4.10.5. False when it is cut short or longer than 32 bits.
bool read_leb128(ByteView frame, std::size_t& at, std::size_t& value) {
  value = 0;
  for (unsigned i = 0; i < 8; ++i) {
    if (at >= frame.size()) return false;
    const std::uint64_t byte = frame[at++];
    value |= static_cast<std::size_t>((byte & 127U) << (7 * i));
    if ((byte & 128U) == 0) return value <= 0xFFFFFFFFU;
  }
  return false;
}

std::optional<std::size_t> clear_front(FrameMode mode, ByteView frame) {
  switch (mode) {
    case FrameMode::opus: return clear_opus(frame);
    case FrameMode::vp8: return clear_vp8(frame);
    case FrameMode::vp9: return clear_vp9(frame);
    default: return std::nullopt;
  }
}

}  // namespace

bool CodecUnits::add(const CodecUnit& unit) {
  if (count_ == most) return false;
  if (unit.sealed) last_sealed_ = count_;
  units_[count_++] = unit;
  return true;
}

bool CodecUnits::find(FrameMode mode, ByteView frame) {
  count_ = 0;
  last_sealed_ = most;
  if (mode == FrameMode::h264 || mode == FrameMode::h265) return find_nal_units(mode, frame) && last_sealed() != nullptr;
  if (mode == FrameMode::av1) return find_obus(frame) && last_sealed() != nullptr;
  const auto clear = clear_front(mode, frame);
  return clear && add({{}, 0, 0, frame.size(), *clear, true});
}

bool CodecUnits::find_nal_units(FrameMode mode, ByteView frame) {
  std::size_t code = find_start_code(frame, 0);
  for (std::size_t i = 0; i < code; ++i) {
    if (frame[i] != 0) return false;  // nothing but zeros stands before the first start code
  }
  while (code < frame.size()) {
    const std::size_t begin = code + 3;
    code = find_start_code(frame, begin);
    std::size_t end = code;
    while (end > begin && frame[end - 1] == 0) --end;  // zeros between units belong to none
    const ByteView nal = frame.subspan(begin, end - begin);
    const auto clear = mode == FrameMode::h264 ? clear_h264(nal) : clear_h265(nal);
    if (!clear) return false;
    const bool readable = mode == FrameMode::h264 ? stays_readable_h264(nal[0] & 31U) : stays_readable_h265(nal[0] >> 1 & 63U);
    if (!add({{}, 0, begin, nal.size(), readable ? nal.size() : *clear, !readable})) return false;
  }
  return true;
}

bool CodecUnits::find_obus(ByteView frame) {
  for (std::size_t at = 0; at < frame.size();) {
    if (!add_obu(frame, at)) return false;
  }
  return true;
}

bool CodecUnits::add_obu(ByteView frame, std::size_t& at) {
  constexpr unsigned sequence_header = 1, temporal_delimiter = 2, padding = 15;
  const std::uint8_t header = frame[at++];
  if ((header & 0x81U) != 0) return false;  // forbidden, reserved
  CodecUnit unit;
  unit.head[unit.head_size++] = header & 0xFDU;
  if ((header & 4U) != 0) {
    if (at >= frame.size()) return false;
    unit.head[unit.head_size++] = frame[at++];
  }
  unit.size = frame.size() - at;
  if ((header & 2U) != 0 && !read_leb128(frame, at, unit.size)) return false;
  if (unit.size > frame.size() - at) return false;
  unit.begin = at;
  at += unit.size;
  const unsigned type = header >> 3 & 15U;
  if (type == temporal_delimiter || type == padding) return true;
  unit.sealed = type != sequence_header;
  unit.clear = unit.sealed ? 0 : unit.size;
  return add(unit);
}

}  // namespace conclave::session
