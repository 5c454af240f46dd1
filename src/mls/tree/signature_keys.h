// Members' signature keys, kept parsed between messages: for a NIST curve, parsing one costs a third of using it.
#pragma once

#include "crypto/signature.h"
#include "mls/tree/tree_math.h"

namespace conclave::mls {

/// A few members' keys. What is kept is compared with the leaf before it is used, so nothing has to be forgotten when a tree changes.
class SignatureKeys {
 public:
  /// The parsed `encoded`, which is the signature key of `leaf`. `malformed` when it is no key.
  Result<crypto::SignaturePublicKey> parsed(crypto::SignatureAlgorithm algorithm, LeafIndex leaf, ByteView encoded);

 private:
  static constexpr std::size_t kept = 16;
  std::vector<crypto::SignaturePublicKey> keys_;  ///< by leaf modulo `kept`; empty until the first key comes
};

}  // namespace conclave::mls
