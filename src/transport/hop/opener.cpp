#include "transport/hop/opener.h"

#include <algorithm>
#include <array>
#include <utility>

#include "transport/hop/associated_data.h"

namespace conclave::transport::hop {
namespace {

PathData path_data(ByteView bytes) {
  PathData data{};
  std::copy_n(bytes.begin(), data.size(), data.begin());
  return data;
}

Content content_of(PacketType type, ByteView opened, ByteView payload) {
  switch (type) {
    case PacketType::media: return MediaPacket{read_media_header(opened), SealedPayload::received(payload)};
    case PacketType::sealed_media:
      return MediaPacket{read_media_header(opened), SealedPayload::received(opened.subspan(media_header_size))};
    case PacketType::feedback: return TransportFeedback{Bytes(opened.begin(), opened.end())};
    case PacketType::path_challenge: return PathChallenge{path_data(opened)};
    case PacketType::path_response: break;
  }
  return PathResponse{path_data(opened)};
}

}  // namespace

Opener::Opener(const DirectionSecret& secret) : next_secret_(next_phase(secret)), current_(secret) {}

const PhaseKey* Opener::key_for(std::uint8_t key_phase) {
  if (key_phase == (phase_ & 3)) return &current_;
  if (key_phase == ((phase_ + 3) & 3)) return previous_.get();
  if (key_phase != ((phase_ + 1) & 3)) return nullptr;
  if (!next_) next_ = std::make_unique<PhaseKey>(next_secret_);
  return next_.get();
}

void Opener::advance_to(std::uint8_t key_phase) {
  if (key_phase != ((phase_ + 1) & 3)) return;
  ++phase_;
  next_secret_ = next_phase(next_secret_);
  previous_ = std::move(next_);
  std::swap(*previous_, current_);
}

std::variant<OpenedPacket, Drop> Opener::open(ByteView datagram) {
  const auto clear = read_clear_header(datagram);
  if (!clear) return Drop::malformed;
  const std::uint64_t number = widen(clear->packet_number, seen_.next());
  if (!seen_.fresh(number)) return Drop::replayed;
  const PhaseKey* const key = key_for(clear->key_phase);
  if (key == nullptr) return Drop::forged;

  const bool media = clear->type == PacketType::media;
  const ByteView body = datagram.subspan(clear_size);
  const ByteView sealed = media ? body.first(media_header_size + tag_size) : body;
  const ByteView payload = body.subspan(sealed.size());
  std::array<std::uint8_t, max_hop_packet_size> buffer;
  const ByteSpan opened = ByteSpan(buffer).first(sealed.size() - tag_size);
  if (!key->open(number, associated_data(datagram, payload.size()), sealed, opened)) return Drop::forged;
  if (media && read_media_header(opened).fec) return Drop::forged;  // anybody on the path could have written it

  const bool newest = number >= seen_.next();
  seen_.accept(number);
  ++accepted_;
  advance_to(clear->key_phase);
  OpenedPacket out{content_of(clear->type, opened, payload), newest};
  if (auto* packet = std::get_if<MediaPacket>(&out.content)) packet->header.hop_lost = lost();
  return out;
}

}  // namespace conclave::transport::hop
