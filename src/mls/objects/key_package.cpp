#include "mls/objects/key_package.h"

#include "base/bytes.h"
#include "mls/objects/labels.h"
#include "mls/tree/grease.h"
#include "mls/tree/leaf_validation.h"

CONCLAVE_WIRE_HERE(conclave::mls::KeyPackage)

namespace conclave::mls {

crypto::Digest KeyPackage::reference(const crypto::CipherSuite& suite) const {
  return ref_hash(suite, "MLS 1.0 KeyPackage Reference", wire::encode(*this));
}

Result<void> KeyPackage::sign(const crypto::SignaturePrivateKey& key) {
  CONCLAVE_ASSIGN(signed_bytes, sign_with_label(key, "KeyPackageTBS", to_be_signed()));
  signature = std::move(signed_bytes);
  return {};
}

Bytes KeyPackage::to_be_signed() const { return wire::encode(version, cipher_suite, init_key, leaf_node, extensions); }

Result<crypto::SignaturePublicKey> KeyPackage::validate(std::optional<UnixSeconds> now) const {
  const crypto::CipherSuite* suite = crypto::find_suite(static_cast<std::uint16_t>(cipher_suite));
  if (version != ProtocolVersion::mls10) return Error{ErrorCode::unsupported, "the key package is of another version of MLS"};
  if (suite == nullptr) return Error{ErrorCode::unsupported, "the key package is for an unknown cipher suite"};
  if (leaf_node.source_type() != LeafNodeSource::key_package) {
    return Error{ErrorCode::invalid_message, "the leaf of a key package has another source"};
  }
  if (init_key == leaf_node.encryption_key) {
    return Error{ErrorCode::invalid_message, "a key package uses one key as init and encryption key"};
  }
  if (!supports_all(leaf_node.capabilities, extensions)) {
    return Error{ErrorCode::invalid_message, "a key package has an extension outside of its capabilities"};
  }
  CONCLAVE_TRY(crypto::KemPublicKey::parse(suite->kem, init_key));
  CONCLAVE_ASSIGN(key, validate_leaf(*suite, leaf_node, {}, {}, now));
  if (!verify_with_label(key, "KeyPackageTBS", to_be_signed(), signature)) {
    return Error{ErrorCode::not_authentic, "the signature of a key package does not verify"};
  }
  return key;
}

Result<KeyPackageBundle> KeyPackageBundle::generate(const crypto::CipherSuite& suite, const crypto::SignaturePrivateKey& signer,
                                                    ClientProfile profile, Extensions extensions, crypto::Random& random) {
  CONCLAVE_ASSIGN(init_key, crypto::KemPrivateKey::generate(suite.kem, random));
  CONCLAVE_ASSIGN(encryption_key, crypto::KemPrivateKey::generate(suite.kem, random));
  add_grease(extensions, random);
  add_grease(profile.leaf_extensions, random);
  profile.capabilities.drop_defaults();
  profile.capabilities.announce(extensions);
  profile.capabilities.announce(profile.leaf_extensions);
  add_grease(profile.capabilities, random);

  KeyPackage package;
  package.cipher_suite = suite.id;
  package.init_key = to_bytes(init_key.public_key().bytes());
  package.extensions = std::move(extensions);
  package.leaf_node.encryption_key = to_bytes(encryption_key.public_key().bytes());
  package.leaf_node.credential = std::move(profile.credential);
  package.leaf_node.capabilities = std::move(profile.capabilities);
  package.leaf_node.source = profile.lifetime;
  package.leaf_node.extensions = std::move(profile.leaf_extensions);
  CONCLAVE_TRY(package.leaf_node.sign(signer, {}, {}));
  CONCLAVE_TRY(package.sign(signer));
  return KeyPackageBundle{std::move(package), std::move(init_key), std::move(encryption_key), signer.clone()};
}

KeyPackageBundle KeyPackageBundle::clone() const {
  return {key_package, init_key.clone(), encryption_key.clone(), signature_key.clone()};
}

}  // namespace conclave::mls
