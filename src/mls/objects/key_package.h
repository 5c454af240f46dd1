// What a client publishes so that others can add it to a group (RFC 9420 section 10).
#pragma once

#include "crypto/hash.h"
#include "crypto/kem.h"
#include "crypto/random.h"
#include "mls/tree/leaf_node.h"

namespace conclave::mls {

///     struct {
///       ProtocolVersion version;
///       CipherSuite cipher_suite;
///       HPKEPublicKey init_key;
///       LeafNode leaf_node;
///       Extension extensions<V>;
///       opaque signature<V>;   /* SignWithLabel(., "KeyPackageTBS", KeyPackageTBS) */
///     } KeyPackage;
struct KeyPackage {
  ProtocolVersion version = ProtocolVersion::mls10;
  crypto::SuiteId cipher_suite{};
  Bytes init_key;
  LeafNode leaf_node;
  Extensions extensions;
  Bytes signature;
  CONCLAVE_FIELDS(version, cipher_suite, init_key, leaf_node, extensions, signature)
  friend bool operator==(const KeyPackage&, const KeyPackage&) = default;

  /// MakeKeyPackageRef (RFC 9420 section 5.2). `suite` is the package's own.
  [[nodiscard]] crypto::Digest reference(const crypto::CipherSuite& suite) const;

  Result<void> sign(const crypto::SignaturePrivateKey& key);

  /// The checks of RFC 9420 section 10.1 that need no group: suite, version, keys, both signatures, source, lifetime,
  /// extensions within capabilities. Returns the parsed signature key.
  /// `unsupported`, `malformed`, `not_authentic`, `expired` or `invalid_message`. No `now`: lifetimes are not looked at.
  [[nodiscard]] Result<crypto::SignaturePublicKey> validate(std::optional<UnixSeconds> now) const;

 private:
  [[nodiscard]] Bytes to_be_signed() const;
};

/// What a client's leaf says about it, beyond its keys.
struct ClientProfile {
  Credential credential;
  Capabilities capabilities;
  Extensions leaf_extensions;
  Lifetime lifetime;
};

/// A key package together with the private keys behind it. Whoever joins with it needs all of it, once.
struct KeyPackageBundle {
  KeyPackage key_package;
  crypto::KemPrivateKey init_key;
  crypto::KemPrivateKey encryption_key;
  crypto::SignaturePrivateKey signature_key;

  /// Fresh keys under a copy of `signer`. The extensions become those of the key package; types outside of the RFC's
  /// defaults are added to the leaf's capabilities. GREASE is added to both lists of extensions and to the capabilities.
  static Result<KeyPackageBundle> generate(const crypto::CipherSuite& suite, const crypto::SignaturePrivateKey& signer,
                                           ClientProfile profile, Extensions extensions, crypto::Random& random);

  /// A second owner of the same keys.
  [[nodiscard]] KeyPackageBundle clone() const;
};

}  // namespace conclave::mls

CONCLAVE_WIRE_ELSEWHERE(conclave::mls::KeyPackage)
