// The sending end of one direction of a hop.
#pragma once

#include <cstdint>

#include "conclave/bytes.h"
#include "conclave/frame.h"
#include "transport/hop/keys.h"
#include "transport/hop/record.h"

namespace conclave::transport::hop {

/// Packets under one key. A header is three AES blocks, so 2^30 of them stay below the 2^34.5 blocks of RFC 9001 appendix B.1.
inline constexpr std::uint64_t packets_per_phase = std::uint64_t{1} << 30;

/// Numbers and seals packets. Never uses a number twice; changes the key every `phase_length` packets.
class Sealer {
 public:
  Sealer(DirectionSecret secret, std::uint32_t connection_id, std::uint64_t phase_length = packets_per_phase);

  /// A whole datagram. The payload is at most `max_payload_size` bytes.
  Bytes seal_media(const MediaHeader& header, ByteView payload);
  /// The first `media_overhead` bytes of the same datagram, for who sends the payload from where it lies.
  void seal_media_header(const MediaHeader& header, std::size_t payload_size, ByteSpan out);
  /// The whole datagram with the payload sealed too, for who does not want one ciphertext to be seen at two receivers.
  Bytes seal_whole_media(const MediaHeader& header, ByteView payload);
  /// A datagram of another type; `payload` fits the type.
  Bytes seal(PacketType type, ByteView payload);

 private:
  std::uint64_t begin(PacketType type, ByteSpan out);

  DirectionSecret secret_;
  PhaseKey key_;
  std::uint32_t connection_id_;
  std::uint64_t phase_length_;
  std::uint64_t left_in_phase_;
  std::uint64_t phase_ = 0;
  std::uint64_t next_number_ = 0;
};

}  // namespace conclave::transport::hop
