#include "room/message.h"

#include "conclave/text.h"

namespace conclave::room {
namespace {

constexpr std::array<std::uint8_t, 8> message_label{'C', 'L', 'V', 'r', 'o', 'o', 'm', '1'};
constexpr std::string_view succession_label = "conclave succession v1";
constexpr std::size_t max_endorsements = 16;

constexpr bool is_known(Symbol symbol) { return symbol >= Symbol::applause && symbol <= Symbol::surprise; }

struct Endorsements {
  std::vector<Endorsement> list;
  CONCLAVE_FIELDS(list)
};

Bytes voice_of(const RoomId& room_id, const Endorsement& e) { return wire::encode(room_id, e.epoch, e.claimant); }

Result<void> make_sound(RoomMessage& message) {
  if (auto* chat = std::get_if<Chat>(&message)) {
    if (chat->text.size() > max_text_size) return Error{ErrorCode::malformed, "a chat message is too long"};
    chat->text = to_bytes(as_bytes(inert_text(chat->text)));
  }
  const auto* reaction = std::get_if<Reaction>(&message);
  if (reaction != nullptr && !is_known(reaction->symbol)) return Error{ErrorCode::unsupported, "an unknown reaction"};
  const auto* hand = std::get_if<Hand>(&message);
  if (hand != nullptr && hand->raised > 1) return Error{ErrorCode::malformed, "a hand is neither up nor down"};
  return {};
}

}  // namespace

Result<Endorsement> Endorsement::sign(const Identity& heir, const RoomId& room_id, std::uint64_t epoch, const IdentityHash& claimant) {
  Endorsement voice;
  voice.epoch = epoch;
  voice.claimant = claimant;
  voice.heir_key = to_bytes(heir.public_key());
  CONCLAVE_ASSIGN(signature, heir.sign(succession_label, voice_of(room_id, voice)));
  voice.signature = std::move(signature);
  return voice;
}

bool Endorsement::verify(const RoomId& room_id) const {
  return verify_identity_signature(heir_key, succession_label, voice_of(room_id, *this), signature);
}

Bytes encode_message(const RoomMessage& message) { return wire::encode(message_label, message); }

Result<RoomMessage> parse_message(ByteView bytes) {
  if (bytes.size() < message_label.size() || !equal(bytes.first(message_label.size()), message_label)) {
    return Error{ErrorCode::unsupported, "a message of another kind"};
  }
  auto message = wire::decode<RoomMessage>(bytes.subspan(message_label.size()));
  if (message.ok()) CONCLAVE_TRY(make_sound(*message));
  return message;
}

std::vector<Endorsement> parse_endorsements(ByteView authenticated_data) {
  auto read = wire::decode<Endorsements>(authenticated_data);
  if (!read.ok() || read->list.size() > max_endorsements) return {};
  return std::move(read->list);
}

Bytes encode_endorsements(std::vector<Endorsement> endorsements) { return wire::encode(Endorsements{std::move(endorsements)}); }

Rights needed_for(const RoomMessage& message) { return std::holds_alternative<Chat>(message) ? Rights(Right::chat) : Rights(); }

}  // namespace conclave::room
