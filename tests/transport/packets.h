// What the tests of this folder send.
#pragma once

#include "conclave/transport.h"

namespace conclave::test {

/// A media packet whose header differs from its neighbours' in every field and whose payload is `size` bytes.
inline MediaPacket media_packet(std::uint32_t sequence, std::size_t size = 200) {
  MediaPacket packet;
  packet.header.frame.stream_id = 0x1234;
  packet.header.frame.frame_number = static_cast<std::uint16_t>(sequence / 3);
  packet.header.frame.keyframe = sequence % 5 == 0;
  packet.header.frame.layer_sync = sequence % 7 == 0;
  packet.header.frame.discardable = sequence % 2 == 0;
  packet.header.frame.temporal_layer = static_cast<std::uint8_t>(sequence % 3);
  packet.header.frame.spatial_layer = static_cast<std::uint8_t>(sequence % 4);
  packet.header.frame.priority = static_cast<std::uint8_t>(sequence % 8);
  packet.header.frame.base_layer_index = static_cast<std::uint8_t>(sequence);
  packet.header.stream_sequence = sequence & 0xffffff;
  packet.header.start = sequence % 3 == 0;
  packet.header.end = sequence % 3 == 2;
  packet.header.fec = sequence % 11 == 0;
  packet.header.retransmission = sequence % 13 == 0;
  packet.header.per_packet = sequence % 17 == 0;
  packet.payload = SealedPayload::received(Bytes(size, static_cast<std::uint8_t>(sequence)));
  return packet;
}

inline bool same_header(const MediaHeader& a, const MediaHeader& b) {
  return a.frame == b.frame && a.stream_sequence == b.stream_sequence && a.start == b.start && a.end == b.end && a.fec == b.fec &&
         a.retransmission == b.retransmission && a.per_packet == b.per_packet;
}

}  // namespace conclave::test
