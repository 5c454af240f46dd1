// The nodes as the ratchet tree keeps them: immutable, shared between the tree and its recorded changes.
#pragma once

#include <memory>

#include "mls/tree/leaf_node.h"

namespace conclave::mls {

///     struct {
///       HPKEPublicKey encryption_key;
///       opaque parent_hash<V>;
///       uint32 unmerged_leaves<V>;
///     } ParentNode;                      (RFC 9420 section 7.1)
struct ParentNode {
  Bytes encryption_key;
  Bytes parent_hash;
  std::vector<LeafIndex> unmerged_leaves;  ///< sorted
  CONCLAVE_FIELDS(encryption_key, parent_hash, unmerged_leaves)
  friend bool operator==(const ParentNode&, const ParentNode&) = default;
};

/// A leaf node in its serialised form, a single block of memory, with the fields at hand that every commit needs.
/// A parsed `LeafNode` takes four times the memory.
class TreeLeaf {
 public:
  explicit TreeLeaf(const LeafNode& leaf);

  [[nodiscard]] ByteView encoded() const { return encoded_; }
  [[nodiscard]] ByteView encryption_key() const { return at(encryption_key_); }
  [[nodiscard]] ByteView signature_key() const { return at(signature_key_); }
  /// Empty unless the leaf came with a commit.
  [[nodiscard]] ByteView parent_hash() const { return at(parent_hash_); }
  [[nodiscard]] LeafNodeSource source() const { return source_; }
  /// The whole leaf, parsed afresh.
  [[nodiscard]] LeafNode parsed() const;

 private:
  struct Range {
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
  };
  [[nodiscard]] ByteView at(Range range) const { return ByteView(encoded_).subspan(range.offset, range.size); }

  Bytes encoded_;
  Range encryption_key_;
  Range signature_key_;
  Range parent_hash_;
  LeafNodeSource source_;
};

using SharedLeaf = std::shared_ptr<const TreeLeaf>;
using SharedParent = std::shared_ptr<const ParentNode>;

}  // namespace conclave::mls
