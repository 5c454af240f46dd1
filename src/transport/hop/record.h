// The datagram that carries media and feedback over one hop, beside QUIC on the same path (docs/wire.md).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "conclave/bytes.h"
#include "conclave/frame.h"
#include "conclave/time.h"
#include "transport/byte_io.h"
#include "transport/feedback.h"

namespace conclave::transport::hop {

// clear:  1 B  10 kk tttt (key phase, type)   4 B hop connection id   4 B packet number
// media:  sealed header 13 B   tag 16 B   payload, untouched; its size is authenticated, its bytes are not
// sealed media: sealed header 13 B and payload   tag 16 B
// others: sealed payload       tag 16 B
inline constexpr std::size_t clear_size = 9;
inline constexpr std::size_t media_header_size = 13;
inline constexpr std::size_t tag_size = 16;
inline constexpr std::size_t media_overhead = clear_size + media_header_size + tag_size;
inline constexpr std::size_t feedback_overhead = clear_size + tag_size;
inline constexpr std::size_t max_payload_size = max_datagram_size - media_overhead;
/// What is longer was not made by us, whatever the path MTU.
inline constexpr std::size_t max_hop_packet_size = 1500;
static_assert(max_feedback_size + feedback_overhead <= max_datagram_size);

enum class PacketType : std::uint8_t { media = 0, feedback = 1, path_challenge = 2, path_response = 3, sealed_media = 4 };

/// Eight random bytes that must come back from the address to which they were sent (as in RFC 9000 section 8.2).
using PathData = std::array<std::uint8_t, 8>;

/// True for a datagram of ours: the first two bits are 10. QUIC version 1 sets the second bit in every packet.
inline bool is_hop_packet(ByteView datagram) { return !datagram.empty() && (datagram[0] & 0xc0) == 0x80; }

/// What stands in the clear. Not authenticated until the packet is opened.
struct ClearHeader {
  std::uint8_t key_phase = 0;  ///< 0–3
  PacketType type = PacketType::media;
  std::uint32_t connection_id = 0;
  std::uint32_t packet_number = 0;  ///< the low 32 bits
};

/// Nothing when the datagram is no hop packet, has an unknown type or a size that the type cannot have.
std::optional<ClearHeader> read_clear_header(ByteView datagram);
/// `out` has `clear_size` bytes or more.
void write_clear_header(const ClearHeader& header, ByteSpan out);

/// `out` has `media_header_size` bytes. Fields wider than their place are cut.
void write_media_header(const MediaHeader& header, ByteSpan out);
/// `in` has `media_header_size` bytes; every value of them is a header.
MediaHeader read_media_header(ByteView in);

/// A time in units of 64 us, modulo 2^24.
inline std::uint32_t send_time(Time now) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(now.time_since_epoch().count()) >> 6) & 0xffffff;
}

/// The number nearest to `expected` whose low 32 bits are `low` (as RFC 9000 appendix A.3).
std::uint64_t widen(std::uint32_t low, std::uint64_t expected);

}  // namespace conclave::transport::hop
