#include "crypto/signature.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <new>

#include "crypto/hash.h"
#include "crypto/libsodium.h"
#include "crypto/nist_curve.h"

namespace conclave::crypto {

namespace {

using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM_free>>;

constexpr std::size_t ed448_key_size = 57;
constexpr std::size_t ed448_signature_size = 114;

Error no_public_key() { return {ErrorCode::malformed, "not a public key of this signature scheme"}; }
Error no_private_key() { return {ErrorCode::malformed, "not a private key of this signature scheme"}; }

/// ECDSA: a curve and the hash that goes with it.
struct Ecdsa {
  const NistCurve& curve;
  HashAlgorithm hash;
};

std::optional<Ecdsa> ecdsa(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::ecdsa_p256_sha256: return Ecdsa{p256(), HashAlgorithm::sha256};
    case SignatureAlgorithm::ecdsa_p384_sha384: return Ecdsa{p384(), HashAlgorithm::sha384};
    case SignatureAlgorithm::ecdsa_p521_sha512: return Ecdsa{p521(), HashAlgorithm::sha512};
    default: return std::nullopt;
  }
}

EVP_PKEY* key_of(const std::shared_ptr<void>& parsed) { return static_cast<EVP_PKEY*>(parsed.get()); }

std::shared_ptr<void> share(Key key) { return {key.release(), [](void* raw) { EVP_PKEY_free(static_cast<EVP_PKEY*>(raw)); }}; }

/// An OpenSSL key from a point that was checked, and its scalar where there is one.
Key make_ecdsa_key(const NistCurve& curve, ByteView point, const BIGNUM* scalar) {
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!builder) throw std::bad_alloc();
  bool pushed = OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.name, 0) == 1 &&
                OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1;
  if (scalar != nullptr) pushed = pushed && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1;
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  const int selection = scalar != nullptr ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
  if (!pushed || !parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, selection, parameters.get()) != 1) {
    return nullptr;
  }
  return Key(key);
}

bool verify_ecdsa(EVP_PKEY* key, HashAlgorithm algorithm, ByteView message, ByteView signature) {
  const Digest digest = hash(algorithm, message);
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  // OpenSSL parses the signature, serialises it again and compares: strict DER.
  return context && EVP_PKEY_verify_init(context.get()) == 1 &&
         EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.view().data(), digest.size()) == 1;
}

bool verify_ed448(EVP_PKEY* key, ByteView message, ByteView signature) {
  if (signature.size() != ed448_signature_size) return false;
  const DigestContext context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

Result<Bytes> sign_ecdsa(EVP_PKEY* key, HashAlgorithm algorithm, ByteView message) {
  const Digest digest = hash(algorithm, message);
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  Bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
  std::size_t size = signature.size();
  if (!context || EVP_PKEY_sign_init(context.get()) != 1 ||
      EVP_PKEY_sign(context.get(), signature.data(), &size, digest.view().data(), digest.size()) != 1) {
    return Error{ErrorCode::internal, "OpenSSL did not sign"};
  }
  signature.resize(size);
  return signature;
}

Result<Bytes> sign_ed448(EVP_PKEY* key, ByteView message) {
  const DigestContext context(EVP_MD_CTX_new());
  Bytes signature(ed448_signature_size);
  std::size_t size = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1) {
    return Error{ErrorCode::internal, "OpenSSL did not sign"};
  }
  return signature;
}

}  // namespace

Result<SignaturePublicKey> SignaturePublicKey::parse(SignatureAlgorithm algorithm, ByteView bytes) {
  SignaturePublicKey key;
  key.algorithm_ = algorithm;
  if (const auto scheme = ecdsa(algorithm)) {
    if (!read_point(scheme->curve, bytes)) return no_public_key();
    key.parsed_ = share(make_ecdsa_key(scheme->curve, bytes, nullptr));
    if (!key.parsed_) return no_public_key();
  } else if (algorithm == SignatureAlgorithm::ed448) {
    if (bytes.size() != ed448_key_size) return no_public_key();
    key.parsed_ = share(Key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED448, nullptr, bytes.data(), bytes.size())));
    if (!key.parsed_) return no_public_key();
  } else if (algorithm != SignatureAlgorithm::ed25519 || bytes.size() != crypto_sign_PUBLICKEYBYTES) {
    return no_public_key();
  }
  key.bytes_.assign(bytes.begin(), bytes.end());
  return key;
}

bool SignaturePublicKey::verify(ByteView message, ByteView signature) const {
  if (bytes_.empty()) return false;
  if (algorithm_ == SignatureAlgorithm::ed25519) {
    // Refuses keys of small order or in a second spelling, too, and an S that is not reduced.
    return signature.size() == crypto_sign_BYTES &&
           crypto_sign_verify_detached(signature.data(), message.data(), message.size(), bytes_.data()) == 0;
  }
  if (algorithm_ == SignatureAlgorithm::ed448) return verify_ed448(key_of(parsed_), message, signature);
  return verify_ecdsa(key_of(parsed_), ecdsa(algorithm_)->hash, message, signature);
}

Result<SignaturePrivateKey> SignaturePrivateKey::parse(SignatureAlgorithm algorithm, ByteView bytes) {
  SignaturePrivateKey key;
  key.algorithm_ = algorithm;
  Bytes public_bytes;
  if (const auto scheme = ecdsa(algorithm)) {
    const BigNumber scalar = read_scalar(scheme->curve, bytes);
    if (!scalar) return no_private_key();
    public_bytes = base_multiple(scheme->curve, *scalar);
    key.bytes_ = padded_scalar(scheme->curve, bytes);
    key.parsed_ = share(make_ecdsa_key(scheme->curve, public_bytes, scalar.get()));
    if (!key.parsed_) return no_private_key();
  } else if (algorithm == SignatureAlgorithm::ed448) {
    if (bytes.size() != ed448_key_size) return no_private_key();
    key.bytes_ = SecretBuffer::copy_of(bytes);
    key.parsed_ = share(Key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED448, nullptr, bytes.data(), bytes.size())));
    public_bytes.resize(ed448_key_size);
    std::size_t size = public_bytes.size();
    if (!key.parsed_ || EVP_PKEY_get_raw_public_key(key_of(key.parsed_), public_bytes.data(), &size) != 1) return no_private_key();
  } else {
    if (algorithm != SignatureAlgorithm::ed25519 || bytes.size() != crypto_sign_SEEDBYTES) return no_private_key();
    key.bytes_ = SecretBuffer::copy_of(bytes);
    key.expanded_ = SecretBuffer(crypto_sign_SECRETKEYBYTES);
    public_bytes.resize(crypto_sign_PUBLICKEYBYTES);
    crypto_sign_seed_keypair(public_bytes.data(), key.expanded_.expose_mutable().data(), bytes.data());
  }
  CONCLAVE_ASSIGN(public_key, SignaturePublicKey::parse(algorithm, public_bytes));
  key.public_key_ = std::move(public_key);
  return key;
}

Result<SignaturePrivateKey> SignaturePrivateKey::generate(SignatureAlgorithm algorithm, Random& random) {
  const auto scheme = ecdsa(algorithm);
  const std::size_t size = scheme ? scheme->curve.field_size
                                  : (algorithm == SignatureAlgorithm::ed448 ? ed448_key_size : crypto_sign_SEEDBYTES);
  SecretBuffer bytes(size);
  for (int attempt = 0; attempt < 256; ++attempt) {  // a scalar out of range is drawn again
    random.fill(bytes.expose_mutable());
    if (algorithm == SignatureAlgorithm::ecdsa_p521_sha512) bytes.expose_mutable()[0] &= 0x01;
    if (!scheme || read_scalar(scheme->curve, bytes.expose())) return parse(algorithm, bytes.expose());
  }
  return Error{ErrorCode::internal, "the source of randomness gives no scalar"};
}

SignaturePrivateKey SignaturePrivateKey::clone() const {
  SignaturePrivateKey copy;
  copy.algorithm_ = algorithm_;
  copy.bytes_ = bytes_.clone();
  copy.expanded_ = expanded_.clone();
  copy.parsed_ = parsed_;
  copy.public_key_ = public_key_;
  return copy;
}

Result<Bytes> SignaturePrivateKey::sign(ByteView message) const {
  if (bytes_.empty()) return Error{ErrorCode::invalid_state, "an empty key cannot sign"};
  if (algorithm_ == SignatureAlgorithm::ed25519) {
    Bytes signature(crypto_sign_BYTES);
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), expanded_.expose().data());
    return signature;
  }
  if (algorithm_ == SignatureAlgorithm::ed448) return sign_ed448(key_of(parsed_), message);
  return sign_ecdsa(key_of(parsed_), ecdsa(algorithm_)->hash, message);
}

}  // namespace conclave::crypto
