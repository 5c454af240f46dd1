#include "transport/hop/record.h"

namespace conclave::transport::hop {
namespace {

constexpr unsigned flag(bool set, unsigned bit) { return set ? 1u << bit : 0u; }

bool size_fits(PacketType type, std::size_t body) {
  switch (type) {
    case PacketType::media: return body >= media_header_size;
    case PacketType::sealed_media: return body >= media_header_size;
    case PacketType::feedback: return body <= max_feedback_size;
    case PacketType::path_challenge:
    case PacketType::path_response: return body == sizeof(PathData);
  }
  return false;
}

}  // namespace

std::optional<ClearHeader> read_clear_header(ByteView datagram) {
  if (!is_hop_packet(datagram) || datagram.size() < clear_size + tag_size || datagram.size() > max_hop_packet_size) return {};
  ClearHeader header;
  header.key_phase = (datagram[0] >> 4) & 3;
  header.type = static_cast<PacketType>(datagram[0] & 15);
  header.connection_id = static_cast<std::uint32_t>(get(datagram.data() + 1, 4));
  header.packet_number = static_cast<std::uint32_t>(get(datagram.data() + 5, 4));
  if (!size_fits(header.type, datagram.size() - clear_size - tag_size)) return {};
  return header;
}

void write_clear_header(const ClearHeader& header, ByteSpan out) {
  out[0] = static_cast<std::uint8_t>(0x80u | (header.key_phase & 3u) << 4 | static_cast<unsigned>(header.type));
  put(out.data() + 1, header.connection_id, 4);
  put(out.data() + 5, header.packet_number, 4);
}

void write_media_header(const MediaHeader& header, ByteSpan out) {
  const FrameInfo& frame = header.frame;
  put(out.data(), frame.stream_id, 2);
  put(out.data() + 2, header.stream_sequence, 3);
  put(out.data() + 5, frame.frame_number, 2);
  out[7] = static_cast<std::uint8_t>(flag(header.start, 7) | flag(header.end, 6) | flag(frame.keyframe, 5) |
                                     flag(frame.discardable, 4) | flag(frame.layer_sync, 3) | flag(header.fec, 2) |
                                     flag(header.retransmission, 1) | flag(header.per_packet, 0));
  out[8] = static_cast<std::uint8_t>((frame.temporal_layer & 7u) << 5 | (frame.spatial_layer & 3u) << 3 | (frame.priority & 7u));
  out[9] = frame.base_layer_index;
  put(out.data() + 10, header.send_time, 3);
}

MediaHeader read_media_header(ByteView in) {
  MediaHeader header;
  header.frame.stream_id = static_cast<std::uint16_t>(get(in.data(), 2));
  header.stream_sequence = static_cast<std::uint32_t>(get(in.data() + 2, 3));
  header.frame.frame_number = static_cast<std::uint16_t>(get(in.data() + 5, 2));
  header.start = (in[7] & 0x80) != 0;
  header.end = (in[7] & 0x40) != 0;
  header.frame.keyframe = (in[7] & 0x20) != 0;
  header.frame.discardable = (in[7] & 0x10) != 0;
  header.frame.layer_sync = (in[7] & 0x08) != 0;
  header.fec = (in[7] & 0x04) != 0;
  header.retransmission = (in[7] & 0x02) != 0;
  header.per_packet = (in[7] & 0x01) != 0;
  header.frame.temporal_layer = in[8] >> 5;
  header.frame.spatial_layer = (in[8] >> 3) & 3;
  header.frame.priority = in[8] & 7;
  header.frame.base_layer_index = in[9];
  header.send_time = static_cast<std::uint32_t>(get(in.data() + 10, 3));
  return header;
}

std::uint64_t widen(std::uint32_t low, std::uint64_t expected) {
  constexpr std::uint64_t span = std::uint64_t{1} << 32;
  const std::uint64_t candidate = (expected & ~(span - 1)) | low;
  if (candidate + span / 2 <= expected) return candidate + span;
  if (candidate > expected + span / 2 && candidate >= span) return candidate - span;
  return candidate;
}

}  // namespace conclave::transport::hop
