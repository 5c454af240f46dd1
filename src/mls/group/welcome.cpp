#include "mls/group/welcome.h"

#include <algorithm>

#include "base/bytes.h"
#include "crypto/aead.h"

CONCLAVE_WIRE_HERE(conclave::mls::GroupInfo)
CONCLAVE_WIRE_HERE(conclave::mls::GroupSecrets)
CONCLAVE_WIRE_HERE(conclave::mls::Welcome)

namespace conclave::mls {
namespace {

struct WelcomeKey {
  Secret<struct WelcomeKeyTag, 32> key;
  Bytes nonce;
};

WelcomeKey welcome_key(const crypto::CipherSuite& suite, const WelcomeSecret& secret) {
  WelcomeKey out{Secret<struct WelcomeKeyTag, 32>(suite.aead_key_size), Bytes(suite.aead_nonce_size)};
  expand_with_label(suite, secret.expose(), "key", {}, out.key.expose_mutable());
  expand_with_label(suite, secret.expose(), "nonce", {}, out.nonce);
  return out;
}

}  // namespace

Result<void> GroupInfo::sign(const crypto::SignaturePrivateKey& key) {
  CONCLAVE_ASSIGN(signed_bytes, sign_with_label(key, "GroupInfoTBS", to_be_signed()));
  signature = std::move(signed_bytes);
  return {};
}

bool GroupInfo::verify(const crypto::SignaturePublicKey& key) const {
  return verify_with_label(key, "GroupInfoTBS", to_be_signed(), signature);
}

const EncryptedGroupSecrets* Welcome::find(const crypto::CipherSuite& suite, const KeyPackage& key_package) const {
  if (key_package.cipher_suite != cipher_suite) return nullptr;
  const crypto::Digest reference = key_package.reference(suite);
  const auto found = std::ranges::find_if(secrets, [&](const auto& entry) { return equal(entry.new_member, reference.view()); });
  return found == secrets.end() ? nullptr : &*found;
}

Result<GroupSecrets> Welcome::open_secrets(const crypto::CipherSuite& suite, const EncryptedGroupSecrets& entry,
                                           const crypto::KemPrivateKey& init_key) const {
  CONCLAVE_ASSIGN(plaintext, decrypt_with_label(suite, init_key, "Welcome", encrypted_group_info, entry.encrypted_group_secrets));
  CONCLAVE_ASSIGN(group_secrets, wire::decode<GroupSecrets>(plaintext.expose()));
  const auto right_size = [&](const auto& secret) { return secret.size() == suite.hash_size; };
  if (!right_size(group_secrets.joiner_secret) || (group_secrets.path_secret && !right_size(*group_secrets.path_secret))) {
    return Error{ErrorCode::malformed, "a secret in a Welcome has the wrong size"};
  }
  return group_secrets;
}

Result<GroupInfo> Welcome::open_group_info(const crypto::CipherSuite& suite, const WelcomeSecret& secret) const {
  const WelcomeKey key = welcome_key(suite, secret);
  if (encrypted_group_info.size() < crypto::aead_tag_size) return Error{ErrorCode::malformed, "a group info is shorter than its tag"};
  SecretBuffer plaintext(encrypted_group_info.size() - crypto::aead_tag_size);
  if (!crypto::AeadKey(suite.aead, key.key.expose()).open(key.nonce, {}, encrypted_group_info, plaintext.expose_mutable())) {
    return Error{ErrorCode::not_authentic, "the group info of a Welcome does not decrypt"};
  }
  return wire::decode<GroupInfo>(plaintext.expose());
}

Bytes seal_group_info(const crypto::CipherSuite& suite, const WelcomeSecret& secret, const GroupInfo& info) {
  const WelcomeKey key = welcome_key(suite, secret);
  const Bytes plaintext = wire::encode(info);
  Bytes out(plaintext.size() + crypto::aead_tag_size);
  crypto::AeadKey(suite.aead, key.key.expose()).seal(key.nonce, {}, plaintext, out);
  return out;
}

crypto::HpkeInfo welcome_context(const crypto::CipherSuite& suite, ByteView encrypted_group_info) {
  return encrypt_context(suite, "Welcome", encrypted_group_info);
}

Result<EncryptedGroupSecrets> seal_group_secrets(const crypto::HpkeInfo& welcome_context, const KeyPackage& receiver, const GroupSecrets& secrets,
                                                 crypto::Random& random) {
  const crypto::CipherSuite& suite = welcome_context.suite();
  CONCLAVE_ASSIGN(init_key, crypto::KemPublicKey::parse(suite.kem, receiver.init_key));
  const SecretBuffer plaintext = wire::encode_secret(secrets);
  CONCLAVE_ASSIGN(sealed, encrypt_with_context(welcome_context, init_key, plaintext.expose(), random));
  return EncryptedGroupSecrets{to_bytes(receiver.reference(suite).view()), std::move(sealed)};
}

}  // namespace conclave::mls
