#include "mls/objects/labels.h"

#include <array>
#include <cstring>

#include "base/bytes.h"
#include "crypto/hkdf.h"

CONCLAVE_WIRE_HERE(conclave::mls::HpkeCiphertext)

namespace conclave::mls {
namespace {

/// "MLS 1.0 " + label, on the stack: the labels of the RFC have at most 30 characters.
class FullLabel {
 public:
  explicit FullLabel(std::string_view label) : size_(prefix.size() + label.size()) {
    assert(size_ <= text_.size());
    std::memcpy(text_.data(), prefix.data(), prefix.size());
    if (!label.empty()) std::memcpy(text_.data() + prefix.size(), label.data(), label.size());
  }
  [[nodiscard]] wire::Opaque opaque() const { return {ByteView(text_.data(), size_)}; }

 private:
  static constexpr std::string_view prefix = "MLS 1.0 ";
  std::array<std::uint8_t, 300> text_;
  std::size_t size_;
};

}  // namespace

crypto::Digest ref_hash(const crypto::CipherSuite& suite, std::string_view label, ByteView value) {
  return crypto::hash(suite.hash, wire::encode(wire::Opaque{as_bytes(label)}, wire::Opaque{value}));
}

Result<Bytes> sign_with_label(const crypto::SignaturePrivateKey& key, std::string_view label, ByteView content) {
  const SecretBuffer sign_content = wire::encode_secret(FullLabel(label).opaque(), wire::Opaque{content});
  return key.sign(sign_content.expose());
}

bool verify_with_label(const crypto::SignaturePublicKey& key, std::string_view label, ByteView content, ByteView signature) {
  const SecretBuffer sign_content = wire::encode_secret(FullLabel(label).opaque(), wire::Opaque{content});
  return key.verify(sign_content.expose(), signature);
}

crypto::HpkeInfo encrypt_context(const crypto::CipherSuite& suite, std::string_view label, ByteView context) {
  return {suite, wire::encode(FullLabel(label).opaque(), wire::Opaque{context})};
}

Result<HpkeCiphertext> encrypt_with_context(const crypto::HpkeInfo& context, const crypto::KemPublicKey& receiver, ByteView plaintext,
                                            crypto::Random& random) {
  CONCLAVE_ASSIGN(sealed, crypto::hpke_seal(context, receiver, {}, plaintext, random));
  return HpkeCiphertext{std::move(sealed.kem_output), std::move(sealed.ciphertext)};
}

Result<HpkeCiphertext> encrypt_with_label(const crypto::CipherSuite& suite, const crypto::KemPublicKey& receiver,
                                          std::string_view label, ByteView context, ByteView plaintext,
                                          crypto::Random& random) {
  return encrypt_with_context(encrypt_context(suite, label, context), receiver, plaintext, random);
}

Result<SecretBuffer> decrypt_with_label(const crypto::CipherSuite& suite, const crypto::KemPrivateKey& receiver,
                                        std::string_view label, ByteView context, const HpkeCiphertext& ciphertext) {
  const Bytes info = wire::encode(FullLabel(label).opaque(), wire::Opaque{context});
  return crypto::hpke_open(suite, receiver, ciphertext.kem_output, info, {}, ciphertext.ciphertext);
}

void expand_with_label(const crypto::CipherSuite& suite, ByteView secret, std::string_view label, ByteView context, ByteSpan out) {
  const Bytes info = wire::encode(static_cast<std::uint16_t>(out.size()), FullLabel(label).opaque(), wire::Opaque{context});
  crypto::hkdf_expand(suite.hash, secret, info, out);
}

void derive_tree_secret(const crypto::CipherSuite& suite, ByteView secret, std::string_view label, std::uint32_t generation, ByteSpan out) {
  std::array<std::uint8_t, 4> context;
  wire::Writer(context).put_integer(generation);
  expand_with_label(suite, secret, label, context, out);
}

Bytes mac(const crypto::CipherSuite& suite, ByteView key, ByteView data) {
  Bytes tag(suite.hash_size);
  crypto::HmacKey(suite.hash, key).mac({data}, tag);
  return tag;
}

bool verify_mac(const crypto::CipherSuite& suite, ByteView key, ByteView data, ByteView tag) {
  return crypto::HmacKey(suite.hash, key).verify({data}, tag);
}

}  // namespace conclave::mls
