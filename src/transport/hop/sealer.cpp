#include "transport/hop/sealer.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "transport/hop/associated_data.h"

namespace conclave::transport::hop {

Sealer::Sealer(DirectionSecret secret, std::uint32_t connection_id, std::uint64_t phase_length)
    : secret_(std::move(secret)), key_(secret_), connection_id_(connection_id), phase_length_(phase_length), left_in_phase_(phase_length) {}

std::uint64_t Sealer::begin(PacketType type, ByteSpan out) {
  const std::uint64_t number = next_number_++;
  if (left_in_phase_ == 0) {
    secret_ = next_phase(secret_);
    key_ = PhaseKey(secret_);
    ++phase_;
    left_in_phase_ = phase_length_;
  }
  --left_in_phase_;
  write_clear_header({static_cast<std::uint8_t>(phase_ & 3), type, connection_id_, static_cast<std::uint32_t>(number)}, out);
  return number;
}

Bytes Sealer::seal_media(const MediaHeader& header, ByteView payload) {
  assert(payload.size() <= max_payload_size);
  Bytes datagram(media_overhead + payload.size());
  seal_media_header(header, payload.size(), ByteSpan(datagram).first(media_overhead));
  std::copy(payload.begin(), payload.end(), datagram.begin() + media_overhead);
  return datagram;
}

void Sealer::seal_media_header(const MediaHeader& header, std::size_t payload_size, ByteSpan out) {
  assert(out.size() == media_overhead);
  const std::uint64_t number = begin(PacketType::media, out);
  const ByteSpan sealed = out.subspan(clear_size);
  write_media_header(header, sealed.first(media_header_size));
  key_.seal(number, associated_data(out, payload_size), sealed.first(media_header_size), sealed);
}

Bytes Sealer::seal_whole_media(const MediaHeader& header, ByteView payload) {
  assert(payload.size() <= max_payload_size);
  Bytes datagram(media_overhead + payload.size());
  const std::uint64_t number = begin(PacketType::sealed_media, datagram);
  const ByteSpan sealed = ByteSpan(datagram).subspan(clear_size);
  write_media_header(header, sealed.first(media_header_size));
  std::copy(payload.begin(), payload.end(), sealed.begin() + media_header_size);
  key_.seal(number, associated_data(datagram, 0), sealed.first(media_header_size + payload.size()), sealed);
  return datagram;
}

Bytes Sealer::seal(PacketType type, ByteView payload) {
  Bytes datagram(clear_size + payload.size() + tag_size);
  const std::uint64_t number = begin(type, datagram);
  key_.seal(number, associated_data(datagram, 0), payload, ByteSpan(datagram).subspan(clear_size));
  return datagram;
}

}  // namespace conclave::transport::hop
