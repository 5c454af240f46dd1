#include "room/card.h"

#include "crypto/aead.h"

namespace conclave::room {
namespace {

constexpr std::string_view card_label = "conclave card v1";
constexpr std::size_t max_card_size = 4096;

Bytes signed_part(const RoomCard& card, const RoomId& room_id) {
  return wire::encode(room_id, card.version, card.suite, card.founder_key, card.admission_key);
}

crypto::AeadKey card_cipher(const InvitationKeys& keys) {
  return {crypto::AeadAlgorithm::chacha20_poly1305, keys.card_key.expose()};
}

}  // namespace

Result<Bytes> RoomCard::seal(const Identity& founder, const RoomId& room_id, const InvitationKeys& keys, std::uint16_t suite,
                             ByteView admission_key, crypto::Random& random) {
  RoomCard card;
  card.suite = suite;
  card.founder_key = to_bytes(founder.public_key());
  card.admission_key = to_bytes(admission_key);
  CONCLAVE_ASSIGN(signature, founder.sign(card_label, signed_part(card, room_id)));
  card.signature = std::move(signature);
  const Bytes plaintext = wire::encode(card);
  Bytes sealed(crypto::aead_nonce_size + plaintext.size() + crypto::aead_tag_size);
  const ByteSpan nonce = ByteSpan(sealed).first(crypto::aead_nonce_size);
  random.fill(nonce);
  card_cipher(keys).seal(nonce, room_id, plaintext, ByteSpan(sealed).subspan(crypto::aead_nonce_size));
  return sealed;
}

Result<RoomCard> RoomCard::open(const Link& link, const InvitationKeys& keys, ByteView sealed) {
  constexpr std::size_t overhead = crypto::aead_nonce_size + crypto::aead_tag_size;
  if (sealed.size() < overhead || sealed.size() > max_card_size) return Error{ErrorCode::malformed, "the room's card is damaged"};
  Bytes plaintext(sealed.size() - overhead);
  const bool authentic = card_cipher(keys).open(sealed.first(crypto::aead_nonce_size), link.room_id,
                                                sealed.subspan(crypto::aead_nonce_size), plaintext);
  if (!authentic) return Error{ErrorCode::not_authentic, "no such room, or the link does not belong to it"};
  CONCLAVE_ASSIGN(card, wire::decode<RoomCard>(plaintext));
  if (card.version != 1) return Error{ErrorCode::version_mismatch, "the room speaks another version of conclave"};
  if (crypto::find_suite(card.suite) == nullptr) return Error{ErrorCode::unsupported, "the room uses an unknown cipher suite"};
  const bool pinned = identity_hash(card.founder_key) == link.founder_hash &&
                      verify_identity_signature(card.founder_key, card_label, signed_part(card, link.room_id), card.signature);
  if (!pinned) return Error{ErrorCode::identity_mismatch, "the room was not founded by the one who made the link"};
  return card;
}

}  // namespace conclave::room
