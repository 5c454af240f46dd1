// The checks on one leaf (RFC 9420 section 7.3) that need no tree. Those that need one are `RatchetTree::check_leaf`.
#pragma once

#include "mls/tree/leaf_node.h"

namespace conclave::mls {

/// The longest lifetime that a key package may claim: a year and a day (RFC 9420 section 7.2 asks for a maximum).
inline constexpr std::uint64_t max_lifetime_seconds = 366 * 86400;

/// Checks keys, capabilities against what the leaf itself uses, lifetime, and the signature (costly, so last);
/// returns the parsed signature key. `group_id` and `place` are where the leaf stands, ignored for key packages.
/// Without `now` the lifetime is not looked at.
Result<crypto::SignaturePublicKey> validate_leaf(const crypto::CipherSuite& suite, const LeafNode& leaf, ByteView group_id,
                                                 LeafIndex place, std::optional<UnixSeconds> now);

/// A lifetime, where the leaf has one, is no longer than that, also of a leaf that has expired since.
Result<void> check_lifetime_length(const LeafNode& leaf);

/// Every extension is of a default type or of one that the capabilities list. Both lists may be long: n log n.
bool supports_all(const Capabilities& capabilities, const Extensions& extensions);

/// All of that but the signature.
Result<crypto::SignaturePublicKey> validate_leaf_content(const crypto::CipherSuite& suite, const LeafNode& leaf,
                                                         std::optional<UnixSeconds> now);

}  // namespace conclave::mls
