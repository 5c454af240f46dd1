// Parent hashes, which prove that every key of a parent node came from a member below it (RFC 9420 section 7.9).
#pragma once

#include "mls/tree/ratchet_tree.h"

namespace conclave::mls {

/// The hash of a ParentHashInput.
crypto::Digest parent_hash(const crypto::CipherSuite& suite, ByteView encryption_key, ByteView parent_hash_above,
                           ByteView original_sibling_tree_hash);

/// The tree hash of `node` as it was when `unmerged`, leaves in order, had not been added (RFC 9420 section 7.9).
crypto::Digest original_tree_hash(RatchetTree& tree, NodeIndex node, std::span<const LeafIndex> unmerged);

/// Checks that each parent node is parent-hash valid: exactly one node below carries its parent hash and was its neighbour
/// in an UpdatePath (RFC 9420 section 7.9.2). `invalid_message` otherwise.
Result<void> verify_parent_hashes(RatchetTree& tree);

}  // namespace conclave::mls
