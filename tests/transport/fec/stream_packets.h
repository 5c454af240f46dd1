// Packets as a stream of pictures has them.
#pragma once

#include <random>

#include "conclave/frame.h"
#include "transport/fec/parity.h"

namespace conclave::test {

inline MediaPacket picture_packet(std::uint32_t sequence, std::size_t size) {
  MediaPacket packet;
  packet.header.frame.stream_id = 0x1234;
  packet.header.frame.frame_number = static_cast<std::uint16_t>(sequence / 3 + 65'530);
  packet.header.frame.keyframe = sequence % 5 == 0;
  packet.header.frame.discardable = sequence % 2 == 0;
  packet.header.frame.temporal_layer = static_cast<std::uint8_t>(sequence % 3);
  packet.header.frame.spatial_layer = static_cast<std::uint8_t>(sequence % 4);
  packet.header.frame.priority = 3;
  packet.header.frame.base_layer_index = static_cast<std::uint8_t>(sequence / 4);
  packet.header.stream_sequence = sequence & 0xffffff;
  packet.header.start = sequence % 3 == 0;
  packet.header.end = sequence % 3 == 2;
  Bytes payload(size);
  std::mt19937 random(sequence);
  for (auto& byte : payload) byte = static_cast<std::uint8_t>(random());
  packet.payload = SealedPayload::received(payload);
  return packet;
}

/// But for the mark of a retransmission.
inline bool same_packet(const MediaPacket& a, const MediaPacket& b) {
  const auto view = a.payload.bytes();
  const auto other = b.payload.bytes();
  return a.header.frame == b.header.frame && a.header.stream_sequence == b.header.stream_sequence && a.header.start == b.header.start &&
         a.header.end == b.header.end && a.header.fec == b.header.fec && a.header.per_packet == b.header.per_packet &&
         std::equal(view.begin(), view.end(), other.begin(), other.end());
}

}  // namespace conclave::test
