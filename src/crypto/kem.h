// The KEMs of HPKE (RFC 9180 section 4.1): Diffie-Hellman on X25519, X448 and the NIST curves.
#pragma once

#include <memory>

#include "base/result.h"
#include "base/secret.h"
#include "base/secret_buffer.h"
#include "crypto/random.h"
#include "crypto/suite.h"

namespace conclave::crypto {

using KemSharedSecret = Secret<struct KemSharedSecretTag>;

/// A public key that was checked once: right size, a point on its curve, not the identity. Cheap to copy.
class KemPublicKey {
 public:
  KemPublicKey() = default;
  /// Parses a serialised key (RFC 9180 section 7.1.1). `malformed` when it is not one.
  static Result<KemPublicKey> parse(KemAlgorithm kem, ByteView bytes);
  [[nodiscard]] ByteView bytes() const { return bytes_; }
  friend bool operator==(const KemPublicKey& a, const KemPublicKey& b) { return a.bytes_ == b.bytes_; }

 private:
  friend class KemPrivateKey;
  friend struct KemImplementation;
  KemAlgorithm kem_{};
  Bytes bytes_;
};

struct Encapsulation {
  KemSharedSecret shared_secret;
  Bytes enc;  ///< the KEM output, sent in the clear
};

/// A private key, parsed once.
class KemPrivateKey {
 public:
  KemPrivateKey() = default;
  /// Parses a serialised private key. `malformed` when it is out of range.
  static Result<KemPrivateKey> parse(KemAlgorithm kem, ByteView bytes);
  /// DeriveKeyPair (RFC 9180 section 7.1.3) from at least Nsk bytes of input key material.
  static Result<KemPrivateKey> derive(KemAlgorithm kem, ByteView input_key_material);
  static Result<KemPrivateKey> generate(KemAlgorithm kem, Random& random);
  [[nodiscard]] KemPrivateKey clone() const;
  [[nodiscard]] ByteView expose() const { return bytes_.expose(); }
  [[nodiscard]] const KemPublicKey& public_key() const { return public_key_; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

  /// Decap. `malformed` when `enc` is no key of this KEM or the result is the identity.
  [[nodiscard]] Result<KemSharedSecret> decapsulate(ByteView enc) const;

 private:
  friend struct KemImplementation;
  KemAlgorithm kem_{};
  SecretBuffer bytes_;
  KemPublicKey public_key_;
};

/// Encap to `receiver`.
Result<Encapsulation> encapsulate(KemAlgorithm kem, const KemPublicKey& receiver, Random& random);

}  // namespace conclave::crypto
