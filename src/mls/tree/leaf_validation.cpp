#include "mls/tree/leaf_validation.h"

#include <algorithm>

#include "crypto/kem.h"

namespace conclave::mls {
namespace {

Result<void> check_capabilities(const crypto::CipherSuite& suite, const LeafNode& leaf) {
  const Capabilities& capabilities = leaf.capabilities;
  const auto invalid = [](const char* detail) { return Error{ErrorCode::invalid_message, detail}; };
  if (std::ranges::find(capabilities.versions, ProtocolVersion::mls10) == capabilities.versions.end()) {
    return invalid("a leaf's capabilities lack the group's version");
  }
  if (std::ranges::find(capabilities.cipher_suites, suite.id) == capabilities.cipher_suites.end()) {
    return invalid("a leaf's capabilities lack the group's cipher suite");
  }
  if (!capabilities.supports(type_of(leaf.credential))) {
    return invalid("a leaf's capabilities lack the type of its own credential");
  }
  if (!supports_all(capabilities, leaf.extensions)) return invalid("a leaf has an extension outside of its capabilities");
  return {};
}

Result<void> check_lifetime(const LeafNode& leaf, UnixSeconds now) {
  CONCLAVE_TRY(check_lifetime_length(leaf));
  const auto* lifetime = std::get_if<Lifetime>(&leaf.source);
  if (lifetime != nullptr && !lifetime->contains(now)) return Error{ErrorCode::expired, "a leaf's lifetime does not include the present"};
  return {};
}

}  // namespace

Result<void> check_lifetime_length(const LeafNode& leaf) {
  const auto* lifetime = std::get_if<Lifetime>(&leaf.source);
  if (lifetime == nullptr) return {};
  if (lifetime->not_after < lifetime->not_before || lifetime->not_after - lifetime->not_before > max_lifetime_seconds) {
    return Error{ErrorCode::invalid_message, "a leaf's lifetime is longer than is acceptable"};
  }
  return {};
}

bool supports_all(const Capabilities& capabilities, const Extensions& extensions) {
  std::vector<ExtensionType> listed = capabilities.extensions;
  std::ranges::sort(listed);
  return std::ranges::all_of(extensions, [&listed](const Extension& extension) {
    return is_default(extension.extension_type) || std::ranges::binary_search(listed, extension.extension_type);
  });
}

Result<crypto::SignaturePublicKey> validate_leaf_content(const crypto::CipherSuite& suite, const LeafNode& leaf,
                                                         std::optional<UnixSeconds> now) {
  CONCLAVE_TRY(check_capabilities(suite, leaf));
  if (now) CONCLAVE_TRY(check_lifetime(leaf, *now));
  CONCLAVE_TRY(crypto::KemPublicKey::parse(suite.kem, leaf.encryption_key));
  return crypto::SignaturePublicKey::parse(suite.signature, leaf.signature_key);
}

Result<crypto::SignaturePublicKey> validate_leaf(const crypto::CipherSuite& suite, const LeafNode& leaf, ByteView group_id,
                                                 LeafIndex place, std::optional<UnixSeconds> now) {
  CONCLAVE_ASSIGN(key, validate_leaf_content(suite, leaf, now));
  if (!leaf.verify(key, group_id, place)) {
    return Error{ErrorCode::not_authentic, "the signature of a leaf does not verify"};
  }
  return key;
}

}  // namespace conclave::mls
