#include "mls/tree/signature_keys.h"

#include "base/bytes.h"

namespace conclave::mls {

Result<crypto::SignaturePublicKey> SignatureKeys::parsed(crypto::SignatureAlgorithm algorithm, LeafIndex leaf, ByteView encoded) {
  keys_.resize(kept);
  crypto::SignaturePublicKey& place = keys_[leaf.value % kept];
  if (!equal(place.bytes(), encoded)) {
    CONCLAVE_ASSIGN(key, crypto::SignaturePublicKey::parse(algorithm, encoded));
    place = std::move(key);
  }
  return place;
}

}  // namespace conclave::mls
