#include "room/identity_file.h"

#include "crypto/aead.h"

namespace conclave::room {
namespace {

constexpr std::array<std::uint8_t, 8> file_magic{'C', 'L', 'V', 'i', 'd', 'e', 'n', 't'};
constexpr std::size_t seed_size = 32;
constexpr unsigned mebibyte_shift = 20;
constexpr int max_work = 512;  // passes times MiB: four times what we ask for

using FileKey = Secret<struct FileKeyTag>;

struct IdentityFile {
  std::array<std::uint8_t, 8> magic = file_magic;
  std::uint8_t version = 1;
  std::uint8_t passes = 0;
  std::uint16_t memory = 0;
  std::array<std::uint8_t, 16> salt{};
  std::array<std::uint8_t, crypto::aead_nonce_size> nonce{};
  Bytes sealed;
  CONCLAVE_FIELDS(magic, version, passes, memory, salt, nonce, sealed)

  [[nodiscard]] Bytes header() const { return wire::encode(magic, version, passes, memory, salt, nonce); }
  [[nodiscard]] crypto::PasswordCost cost() const { return {passes, std::size_t{memory} << mebibyte_shift}; }
  [[nodiscard]] bool bearable() const { return passes >= 1 && passes <= 8 && memory >= 8 && memory <= 256 && passes * memory <= max_work; }

  [[nodiscard]] Result<crypto::AeadKey> key(ByteView passphrase) const {
    FileKey key(32);
    CONCLAVE_TRY(crypto::derive_from_password(passphrase, salt, cost(), key.expose_mutable()));
    return crypto::AeadKey(crypto::AeadAlgorithm::chacha20_poly1305, key.expose());
  }
};

Result<IdentityFile> read_file(ByteView bytes) {
  CONCLAVE_ASSIGN(file, wire::decode<IdentityFile>(bytes));
  if (file.magic != file_magic) return Error{ErrorCode::malformed, "this is no identity file"};
  if (file.version != 1) return Error{ErrorCode::unsupported, "an identity file of another version"};
  const bool sound = file.bearable() && file.sealed.size() == seed_size + crypto::aead_tag_size;
  if (!sound) return Error{ErrorCode::malformed, "the identity file is damaged"};
  return file;
}

}  // namespace

Result<crypto::PasswordCost> cost_of(ByteView bytes) {
  CONCLAVE_ASSIGN(file, read_file(bytes));
  return file.cost();
}

Result<Bytes> seal_identity(const Identity& identity, ByteView passphrase, crypto::PasswordCost cost, crypto::Random& random) {
  IdentityFile file;
  file.passes = static_cast<std::uint8_t>(std::min<std::uint64_t>(cost.passes, 255));
  file.memory = static_cast<std::uint16_t>(std::min<std::size_t>(cost.memory >> mebibyte_shift, 65535));
  if (passphrase.empty() || !file.bearable()) return Error{ErrorCode::invalid_argument, "an identity needs a passphrase and a cost within bounds"};
  random.fill(file.salt);
  random.fill(file.nonce);
  CONCLAVE_ASSIGN(key, file.key(passphrase));
  const SecretBuffer seed = identity.seed();
  file.sealed.resize(seed.size() + crypto::aead_tag_size);
  key.seal(file.nonce, file.header(), seed.expose(), file.sealed);
  return wire::encode(file);
}

Result<Identity> open_identity(ByteView bytes, ByteView passphrase) {
  CONCLAVE_ASSIGN(file, read_file(bytes));
  CONCLAVE_ASSIGN(key, file.key(passphrase));
  SecretBuffer seed(seed_size);
  if (!key.open(file.nonce, file.header(), file.sealed, seed.expose_mutable())) {
    return Error{ErrorCode::not_authentic, "the passphrase is wrong, or the identity file is damaged"};
  }
  return Identity::from_seed(seed.expose());
}

}  // namespace conclave::room
