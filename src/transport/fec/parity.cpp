#include "transport/fec/parity.h"

#include <algorithm>
#include <array>

#include "transport/hop/record.h"

namespace conclave::transport::fec {
namespace {

// Frame number, flags, layers and base layer index stand together in a media header.
constexpr std::size_t first_of_frame = 5;
constexpr std::size_t frame_bytes = 5;
constexpr std::size_t places_size = 6;

}  // namespace

MediaPacket write_parity(std::uint16_t stream_id, std::uint8_t priority, const Parity& parity) {
  MediaPacket packet;
  packet.header.frame.stream_id = stream_id;
  packet.header.frame.priority = priority;
  packet.header.stream_sequence = parity.covered.base;
  packet.header.fec = true;
  Bytes payload;
  payload.reserve(parity_overhead + parity.symbol.size());
  append(payload, parity.row, 1);
  append(payload, parity.covered.places, places_size);
  payload.insert(payload.end(), parity.symbol.begin(), parity.symbol.end());
  packet.payload = SealedPayload::received(payload);
  return packet;
}

std::optional<Parity> read_parity(const MediaPacket& packet) {
  const MediaHeader& header = packet.header;
  FrameInfo only;
  only.stream_id = header.frame.stream_id;
  only.priority = header.frame.priority;
  if (!header.fec || header.start || header.end || header.retransmission || header.per_packet || header.frame != only) return std::nullopt;
  const ByteView payload = packet.payload.bytes();
  if (payload.size() <= parity_overhead + symbol_overhead) return std::nullopt;
  const Parity parity{{header.stream_sequence, get(payload.data() + 1, places_size)}, payload[0], payload.subspan(parity_overhead)};
  if (parity.row >= max_rows || !parity.covered.has(0) || parity.covered.count() > max_covered) return std::nullopt;
  return parity;
}

void write_symbol(const MediaPacket& packet, ByteSpan out) {
  std::array<std::uint8_t, hop::media_header_size> bytes{};
  MediaHeader header = packet.header;
  header.retransmission = false;
  hop::write_media_header(header, bytes);
  put(out.data(), packet.payload.size(), 2);
  std::copy_n(bytes.begin() + first_of_frame, frame_bytes, out.begin() + 2);
  std::ranges::copy(packet.payload.bytes(), out.begin() + symbol_overhead);
}

std::optional<MediaPacket> read_symbol(ByteView symbol, std::uint16_t stream_id, std::uint32_t sequence) {
  if (symbol.size() <= symbol_overhead) return std::nullopt;
  const auto size = static_cast<std::size_t>(get(symbol.data(), 2));
  const ByteView body = symbol.subspan(symbol_overhead);
  if (size == 0 || size > body.size()) return std::nullopt;
  const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
  if (!std::ranges::all_of(body.subspan(size), is_zero)) return std::nullopt;
  std::array<std::uint8_t, hop::media_header_size> bytes{};
  std::copy_n(symbol.begin() + 2, frame_bytes, bytes.begin() + first_of_frame);
  MediaPacket packet{hop::read_media_header(bytes), SealedPayload::received(body.first(size))};
  if (packet.header.fec || packet.header.retransmission) return std::nullopt;
  packet.header.frame.stream_id = stream_id;
  packet.header.stream_sequence = sequence;
  packet.header.retransmission = true;
  return packet;
}

}  // namespace conclave::transport::fec
