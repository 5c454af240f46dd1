// Signatures: Ed25519, Ed448 and ECDSA on the NIST curves.
#pragma once

#include <memory>

#include "base/result.h"
#include "base/secret_buffer.h"
#include "crypto/random.h"
#include "crypto/suite.h"

namespace conclave::crypto {

/// A verification key, parsed and checked once; kept parsed, shared between copies.
class SignaturePublicKey {
 public:
  SignaturePublicKey() = default;
  /// Raw bytes for the Edwards curves, an uncompressed point for ECDSA (RFC 9420 section 5.1.1). `malformed` when it is no key.
  static Result<SignaturePublicKey> parse(SignatureAlgorithm algorithm, ByteView bytes);
  [[nodiscard]] ByteView bytes() const { return bytes_; }
  [[nodiscard]] bool verify(ByteView message, ByteView signature) const;
  friend bool operator==(const SignaturePublicKey& a, const SignaturePublicKey& b) { return a.bytes_ == b.bytes_; }

 private:
  friend class SignaturePrivateKey;
  SignatureAlgorithm algorithm_{};
  Bytes bytes_;
  std::shared_ptr<void> parsed_;  ///< an EVP_PKEY where OpenSSL verifies; null for Ed25519
};

/// A signing key. Move-only.
class SignaturePrivateKey {
 public:
  SignaturePrivateKey() = default;
  /// The seed for the Edwards curves, the scalar for ECDSA. `malformed` when it is no key.
  static Result<SignaturePrivateKey> parse(SignatureAlgorithm algorithm, ByteView bytes);
  static Result<SignaturePrivateKey> generate(SignatureAlgorithm algorithm, Random& random);
  [[nodiscard]] SignaturePrivateKey clone() const;
  /// The serialised private key, as `parse` reads it.
  [[nodiscard]] ByteView expose() const { return bytes_.expose(); }
  [[nodiscard]] const SignaturePublicKey& public_key() const { return public_key_; }
  [[nodiscard]] SignatureAlgorithm algorithm() const { return algorithm_; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  /// The signature over `message`; DER-encoded for ECDSA.
  [[nodiscard]] Result<Bytes> sign(ByteView message) const;

 private:
  SignatureAlgorithm algorithm_{};
  SecretBuffer bytes_;
  SecretBuffer expanded_;         ///< libsodium's 64-byte form, for Ed25519
  std::shared_ptr<void> parsed_;  ///< an EVP_PKEY where OpenSSL signs; null for Ed25519
  SignaturePublicKey public_key_;
};

}  // namespace conclave::crypto
