#include "crypto/pem.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <string_view>

namespace conclave::crypto {
namespace {

constexpr std::size_t max_text = std::size_t{1} << 20;
constexpr std::size_t max_certificates = 64;
constexpr std::size_t scalar_size = 32;  // of P-256; an Ed25519 seed has as many

struct FreePem {
  void operator()(BIO* value) const { BIO_free(value); }
  void operator()(X509* value) const { X509_free(value); }
  void operator()(EVP_PKEY* value) const { EVP_PKEY_free(value); }
  void operator()(BIGNUM* value) const { BN_clear_free(value); }
};

std::unique_ptr<BIO, FreePem> reading(ByteView text) {
  return std::unique_ptr<BIO, FreePem>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// Nobody is asked for a passphrase.
int no_passphrase(char*, int, int, void*) { return -1; }

Result<Bytes> der_of(X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0) return Error{ErrorCode::malformed, "a certificate does not encode"};
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* at = der.data();
  i2d_X509(certificate, &at);
  return der;
}

Result<SignaturePrivateKey> p256_key(EVP_PKEY* key) {
  std::array<char, 64> group{};
  std::size_t length = 0;
  const bool named = EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) == 1;
  if (!named || std::string_view(group.data(), length) != "prime256v1") return Error{ErrorCode::unsupported, "a private key on another curve than P-256"};
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &number) != 1) return Error{ErrorCode::malformed, "a private key without a private part"};
  const std::unique_ptr<BIGNUM, FreePem> owned(number);
  SecretBuffer scalar(scalar_size);
  if (BN_bn2binpad(number, scalar.expose_mutable().data(), scalar_size) != scalar_size) return Error{ErrorCode::malformed, "a private key is too long"};
  return SignaturePrivateKey::parse(SignatureAlgorithm::ecdsa_p256_sha256, scalar.expose());
}

}  // namespace

Result<std::vector<Bytes>> certificates_in_pem(ByteView text) {
  std::vector<Bytes> found;
  if (text.size() > max_text) return Error{ErrorCode::malformed, "a file of certificates is too long"};
  ERR_clear_error();
  const auto source = reading(text);
  for (;;) {
    const std::unique_ptr<X509, FreePem> certificate(PEM_read_bio_X509(source.get(), nullptr, no_passphrase, nullptr));
    if (!certificate) break;
    if (found.size() == max_certificates) return Error{ErrorCode::malformed, "a file holds too many certificates"};
    auto der = der_of(certificate.get());
    if (!der.ok()) return der.error();
    found.push_back(std::move(*der));
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (found.empty() || !at_end) return Error{ErrorCode::malformed, "a file holds no certificate, or a damaged one"};
  return found;
}

Result<SignaturePrivateKey> private_key_in_pem(ByteView text) {
  if (text.size() > max_text) return Error{ErrorCode::malformed, "a file of a private key is too long"};
  const auto source = reading(text);
  const std::unique_ptr<EVP_PKEY, FreePem> key(PEM_read_bio_PrivateKey(source.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (!key) return Error{ErrorCode::malformed, "a file holds no private key, or one under a passphrase"};
  if (EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_EC) return p256_key(key.get());
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) return Error{ErrorCode::unsupported, "a private key is neither Ed25519 nor ECDSA on P-256"};
  SecretBuffer seed(scalar_size);
  std::size_t length = scalar_size;
  if (EVP_PKEY_get_raw_private_key(key.get(), seed.expose_mutable().data(), &length) != 1) return Error{ErrorCode::malformed, "a private key without a private part"};
  return SignaturePrivateKey::parse(SignatureAlgorithm::ed25519, seed.expose());
}

}  // namespace conclave::crypto
