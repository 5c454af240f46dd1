// The nodes as the ratchet tree keeps them: immutable, in one block of memory each, shared between the tree and its
// recorded changes. A parsed `LeafNode` would take four times the memory.
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

/// The serialised node, or nothing for a blank one. Copies share it.
class NodeBlock {
 public:
  NodeBlock() = default;
  [[nodiscard]] bool blank() const { return block_ == nullptr; }
  [[nodiscard]] ByteView encoded() const;
  /// Bytes of heap behind a node that is not blank.
  [[nodiscard]] std::size_t heap_size() const;

 protected:
  explicit NodeBlock(std::size_t size);
  [[nodiscard]] ByteSpan space() const;

 private:
  std::shared_ptr<std::uint8_t[]> block_;  ///< a 32-bit size and the bytes
};

class TreeLeaf : public NodeBlock {
 public:
  TreeLeaf() = default;
  explicit TreeLeaf(const LeafNode& leaf);

  [[nodiscard]] ByteView encryption_key() const;
  [[nodiscard]] ByteView signature_key() const;
  /// Empty unless the leaf came with a commit.
  [[nodiscard]] Bytes parent_hash() const;
  /// The whole leaf, parsed afresh.
  [[nodiscard]] LeafNode parsed() const;
};

class TreeParent : public NodeBlock {
 public:
  TreeParent() = default;
  explicit TreeParent(const ParentNode& node);

  [[nodiscard]] ByteView encryption_key() const;
  [[nodiscard]] ByteView parent_hash() const;
  [[nodiscard]] std::vector<LeafIndex> unmerged_leaves() const;
  [[nodiscard]] ParentNode parsed() const;
};

}  // namespace conclave::mls

CONCLAVE_WIRE_ELSEWHERE(conclave::mls::ParentNode)
