// A parity packet: which packets of its stream it covers, and what it knows of them (docs/wire.md).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "conclave/frame.h"
#include "transport/fec/erasure_code.h"

namespace conclave::transport::fec {

/// Packets that one parity is of, at most: what a receiver has to compute for one that says nothing true.
inline constexpr std::size_t max_covered = 24;
// A symbol is of one packet: uint16 length of its payload; bytes 5-9 of its media header, without the retransmission flag; its payload; zeros.
inline constexpr std::size_t symbol_overhead = 7;
// The payload of a parity packet: uint8 row; uint48 places; the parity of the symbols.
inline constexpr std::size_t parity_overhead = 7;
/// Of a packet that parity can cover, in bytes: its parity fits a packet, too.
inline constexpr std::size_t max_covered_payload = max_media_payload_size - parity_overhead - symbol_overhead;

/// The packets of a stream that one parity is of: `base` is the sequence of the first, and the highest of 48 bits stands for it, the next for
/// the one after it.
struct Covered {
  std::uint32_t base = 0;
  std::uint64_t places = 0;
  friend bool operator==(const Covered&, const Covered&) = default;

  [[nodiscard]] std::size_t count() const { return static_cast<std::size_t>(std::popcount(places)); }
  [[nodiscard]] bool has(std::size_t place) const { return (places >> (max_places - 1 - place) & 1U) != 0; }
  void add(std::size_t place) { places |= std::uint64_t{1} << (max_places - 1 - place); }
  [[nodiscard]] std::uint32_t sequence(std::size_t place) const { return static_cast<std::uint32_t>(base + place) & 0xffffff; }
  /// Where a packet would stand; `max_places` or more: nowhere.
  [[nodiscard]] std::size_t place_of(std::uint32_t sequence) const { return (sequence - base) & 0xffffff; }
};

struct Parity {
  Covered covered;
  std::uint8_t row = 0;
  ByteView symbol;  ///< of the packet that it was read from
};

/// Carries the flag for repair, its base as stream sequence, and nothing else of a frame but stream and priority.
MediaPacket write_parity(std::uint16_t stream_id, std::uint8_t priority, const Parity& parity);
/// Nothing when the packet says anything else than parity can say.
std::optional<Parity> read_parity(const MediaPacket& packet);

[[nodiscard]] inline std::size_t symbol_size(const MediaPacket& packet) { return symbol_overhead + packet.payload.size(); }
/// `out` has `symbol_size` or more bytes, all zero.
void write_symbol(const MediaPacket& packet, ByteSpan out);
/// The packet, as if it had been sent again. Nothing when no packet has that symbol.
std::optional<MediaPacket> read_symbol(ByteView symbol, std::uint16_t stream_id, std::uint32_t sequence);

}  // namespace conclave::transport::fec
