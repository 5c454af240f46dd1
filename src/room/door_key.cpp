#include "room/door_key.h"

#include "base/bytes.h"

namespace conclave::room {
namespace {

constexpr std::string_view door_key_label = "conclave door key v1";

Bytes door_key_info(const RoomId& room_id) { return wire::encode(wire::Opaque{as_bytes(door_key_label)}, room_id); }

template <class Word>
std::optional<Word> parse_word(ByteView bytes) {
  if (bytes.size() < Word{}.label.size() || !equal(bytes.first(Word{}.label.size()), Word{}.label)) return std::nullopt;
  auto word = wire::decode<Word>(bytes);
  return word.ok() ? std::optional<Word>(std::move(*word)) : std::nullopt;
}

}  // namespace

std::optional<DoorRequest> DoorRequest::parse(ByteView bytes) { return parse_word<DoorRequest>(bytes); }
std::optional<DoorKey> DoorKey::parse(ByteView bytes) { return parse_word<DoorKey>(bytes); }

Result<DoorKey> DoorKey::seal(const crypto::CipherSuite& suite, const RoomId& room_id, const crypto::KemPrivateKey& admission_key,
                              const IdentityHash& recipient, const DoorRequest& request, crypto::Random& random) {
  CONCLAVE_ASSIGN(receiver, crypto::KemPublicKey::parse(suite.kem, request.public_key));
  CONCLAVE_ASSIGN(sealed, crypto::hpke_seal(suite, receiver, door_key_info(room_id), recipient, admission_key.expose(), random));
  DoorKey word;
  word.recipient = recipient;
  word.kem_output = std::move(sealed.kem_output);
  word.ciphertext = std::move(sealed.ciphertext);
  return word;
}

Result<crypto::KemPrivateKey> DoorKey::open(const crypto::CipherSuite& suite, const RoomId& room_id, const crypto::KemPrivateKey& requested_for,
                                            ByteView admission_key) const {
  CONCLAVE_ASSIGN(secret, crypto::hpke_open(suite, requested_for, kem_output, door_key_info(room_id), recipient, ciphertext));
  CONCLAVE_ASSIGN(key, crypto::KemPrivateKey::parse(suite.kem, secret.expose()));
  if (!equal(key.public_key().bytes(), admission_key)) return Error{ErrorCode::identity_mismatch, "a key that opens no knocks of this room"};
  return key;
}

}  // namespace conclave::room
