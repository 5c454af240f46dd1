// Sealed frames for tests: this program has no session, so it lends the name of the one class that may make them.
#pragma once

#include <random>

#include "conclave/frame.h"
#include "media/packetizer.h"

namespace conclave {
class FrameSealer {
 public:
  static SealedFrame make(FrameInfo info, Bytes bytes) { return SealedFrame(info, std::move(bytes)); }
};
}  // namespace conclave

namespace conclave::test {

inline Bytes random_bytes(std::mt19937& random, std::size_t size) {
  Bytes bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

inline SealedFrame sealed_frame(std::uint16_t number, Bytes bytes) {
  FrameInfo info;
  info.stream_id = 7;
  info.frame_number = number;
  return FrameSealer::make(info, std::move(bytes));
}

/// The packets of a frame that is within the limits.
inline std::vector<MediaPacket> split(media::Packetizer& packetizer, const SealedFrame& frame, std::size_t limit) {
  auto packets = packetizer.split(frame, limit);
  return packets.ok() ? std::move(packets).value() : std::vector<MediaPacket>{};
}

/// What the network makes of a packet: the same header, bytes of its own.
inline MediaPacket over_the_wire(const MediaPacket& packet) {
  return {packet.header, SealedPayload::received(packet.payload.bytes())};
}

constexpr Time at_ms(std::int64_t ms) { return Time(std::chrono::milliseconds(ms)); }
constexpr Duration ms(std::int64_t count) { return std::chrono::milliseconds(count); }

}  // namespace conclave::test
