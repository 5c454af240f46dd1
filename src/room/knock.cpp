#include "room/knock.h"

namespace conclave::room {
namespace {

constexpr std::string_view knock_label = "conclave knock v1";

///     struct {
///         opaque kem_output<V>;
///         opaque challenge<V>;
///         opaque ciphertext<V>;
///     } SealedKnock;
struct SealedKnock {
  Bytes kem_output;
  Bytes challenge;
  Bytes ciphertext;
  CONCLAVE_FIELDS(kem_output, challenge, ciphertext)
};

}  // namespace

Result<Bytes> seal_knock(const RoomCard& card, const RoomId& room_id, ByteView challenge, ByteView key_package,
                         crypto::Random& random) {
  const crypto::CipherSuite* suite = crypto::find_suite(card.suite);
  if (suite == nullptr) return Error{ErrorCode::unsupported, "the room uses an unknown cipher suite"};
  CONCLAVE_ASSIGN(receiver, crypto::KemPublicKey::parse(suite->kem, card.admission_key));
  const Bytes info = wire::encode(wire::Opaque{as_bytes(knock_label)}, room_id);
  CONCLAVE_ASSIGN(sealed, crypto::hpke_seal(*suite, receiver, info, challenge, key_package, random));
  return wire::encode(SealedKnock{std::move(sealed.kem_output), to_bytes(challenge), std::move(sealed.ciphertext)});
}

Result<Bytes> sign_knock(const InvitationKeys& keys, const RoomId& room_id, ByteView challenge, ByteView sealed) {
  return sign_knock(keys.gate_key, room_id, challenge, sealed);
}

Result<Bytes> sign_knock(const crypto::SignaturePrivateKey& key, const RoomId& room_id, ByteView challenge, ByteView sealed) {
  Bytes message = to_bytes(as_bytes(knock_label));
  message.insert(message.end(), room_id.begin(), room_id.end());
  message.insert(message.end(), challenge.begin(), challenge.end());
  message.insert(message.end(), sealed.begin(), sealed.end());
  return key.sign(message);
}

Result<Bytes> open_knock(const crypto::CipherSuite& suite, const crypto::KemPrivateKey& admission_key, const RoomId& room_id,
                         ByteView sealed) {
  if (sealed.size() > max_knock_size) return Error{ErrorCode::malformed, "a knock is too long"};
  CONCLAVE_ASSIGN(knock, wire::decode<SealedKnock>(sealed));
  const Bytes info = wire::encode(wire::Opaque{as_bytes(knock_label)}, room_id);
  CONCLAVE_ASSIGN(key_package,
                  crypto::hpke_open(suite, admission_key, knock.kem_output, info, knock.challenge, knock.ciphertext));
  return to_bytes(key_package.expose());
}

}  // namespace conclave::room
