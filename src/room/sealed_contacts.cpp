#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "room/contacts.h"

namespace conclave::room {
namespace {

constexpr std::array<std::uint8_t, 8> contacts_magic{'C', 'L', 'V', 'c', 'n', 't', 'c', 't'};
constexpr std::string_view contacts_label = "conclave contacts v1";
constexpr std::array<std::uint8_t, crypto::aead_nonce_size> contacts_nonce{};  // each file has a key of its own

struct SealedContacts {
  std::array<std::uint8_t, 8> magic = contacts_magic;
  std::uint8_t version = 1;
  std::array<std::uint8_t, 32> salt{};
  Bytes sealed;
  CONCLAVE_FIELDS(magic, version, salt, sealed)

  [[nodiscard]] Bytes header() const { return wire::encode(magic, version, salt); }
  [[nodiscard]] crypto::AeadKey key(const Identity& identity) const {
    constexpr auto sha256 = crypto::HashAlgorithm::sha256;
    const SecretBuffer seed = identity.seed();
    Secret<struct ContactsKeyTag> extracted(32), expanded(32);
    crypto::hkdf_extract(sha256, salt, seed.expose(), extracted.expose_mutable());
    crypto::hkdf_expand(sha256, extracted.expose(), as_bytes(contacts_label), expanded.expose_mutable());
    return {crypto::AeadAlgorithm::chacha20_poly1305, expanded.expose()};
  }
};

}  // namespace

Result<Bytes> seal_contacts(ByteView contacts, const Identity& identity, crypto::Random& random) {
  SealedContacts file;
  random.fill(file.salt);
  file.sealed.resize(contacts.size() + crypto::aead_tag_size);
  file.key(identity).seal(contacts_nonce, file.header(), contacts, file.sealed);
  return wire::encode(file);
}

Result<SecretBuffer> open_contacts(ByteView bytes, const Identity& identity) {
  CONCLAVE_ASSIGN(file, wire::decode<SealedContacts>(bytes));
  if (file.magic != contacts_magic) return Error{ErrorCode::malformed, "these are no sealed contacts"};
  if (file.version != 1) return Error{ErrorCode::unsupported, "sealed contacts of another version"};
  if (file.sealed.size() < crypto::aead_tag_size) return Error{ErrorCode::malformed, "sealed contacts are cut short"};
  SecretBuffer contacts(file.sealed.size() - crypto::aead_tag_size);
  if (!file.key(identity).open(contacts_nonce, file.header(), file.sealed, contacts.expose_mutable())) {
    return Error{ErrorCode::not_authentic, "the contacts are another identity's, or damaged"};
  }
  return contacts;
}

}  // namespace conclave::room
