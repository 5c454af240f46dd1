// The key with which a member signs its frames, bound to its leaf by the leaf's own signature.
#pragma once

#include "crypto/signature.h"
#include "mls/objects/extension.h"

namespace conclave::session {

/// A leaf extension of the private-use type 0xF0C3; every member has one.
///
///     struct { opaque public_key<V>; } SigningKey;   /* Ed25519 */
struct SigningKey {
  static constexpr auto type = static_cast<mls::ExtensionType>(0xF0C3);
  Bytes public_key;
  CONCLAVE_FIELDS(public_key)
};

/// The key of a leaf: `invalid_message` where it has none, or none that is a key.
inline Result<crypto::SignaturePublicKey> signing_key_of(const mls::Extensions& leaf) {
  CONCLAVE_ASSIGN(extension, leaf.get<SigningKey>());
  if (!extension) return Error{ErrorCode::invalid_message, "a member without a key for its frames"};
  return crypto::SignaturePublicKey::parse(crypto::SignatureAlgorithm::ed25519, extension->public_key);
}

}  // namespace conclave::session
