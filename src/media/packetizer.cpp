#include "media/packetizer.h"

namespace conclave::media {

namespace {
constexpr std::uint32_t sequence_mask = 0xFF'FFFF;
}

Result<std::vector<MediaPacket>> Packetizer::split(const SealedFrame& frame, std::size_t max_payload_size) {
  const auto size = frame.bytes().size();
  if (size == 0 || size > max_sealed_frame_size) return Error{ErrorCode::limit_exceeded, "size of a sealed frame"};
  if (max_payload_size == 0) return Error{ErrorCode::limit_exceeded, "no room for a payload"};
  const auto count = (size + max_payload_size - 1) / max_payload_size;
  if (count > max_fragments) return Error{ErrorCode::limit_exceeded, "too many fragments"};
  std::vector<MediaPacket> packets;
  packets.reserve(count);
  std::size_t offset = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto fragment = size / count + (i < size % count ? 1 : 0);
    MediaHeader header;
    header.frame = frame.info();
    header.stream_sequence = next_sequence_++ & sequence_mask;
    header.start = i == 0;
    header.end = i + 1 == count;
    packets.push_back({header, SealedPayload::fragment_of(frame, offset, fragment)});
    offset += fragment;
  }
  return packets;
}

void RetransmissionCache::add(const MediaPacket& packet, Time now) {
  if (!sent_.empty()) {
    const auto expected = (sent_.back().packet.header.stream_sequence + 1) & sequence_mask;
    if (packet.header.stream_sequence != expected) {
      sent_.clear();
      bytes_ = 0;
    }
  }
  bytes_ += packet.payload.size();
  sent_.push_back({packet, now});
  trim(now);
}

std::optional<MediaPacket> RetransmissionCache::find(std::uint32_t sequence, Time now) {
  trim(now);
  if (sent_.empty()) return std::nullopt;
  const auto index = (sequence - sent_.front().packet.header.stream_sequence) & sequence_mask;
  if (index >= sent_.size() || sent_[index].answers >= max_answers) return std::nullopt;
  ++sent_[index].answers;
  MediaPacket again = sent_[index].packet;
  again.header.retransmission = true;
  return again;
}

void RetransmissionCache::trim(Time now) {
  while (!sent_.empty() && (bytes_ > max_bytes_ || now - sent_.front().sent_at > max_age_)) drop_front();
}

void RetransmissionCache::drop_front() {
  bytes_ -= sent_.front().packet.payload.size();
  sent_.pop_front();
}

}  // namespace conclave::media
