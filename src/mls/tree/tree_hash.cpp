// Tree hashes (RFC 9420 section 7.8).
//
//     struct { uint32 leaf_index; optional<LeafNode> leaf_node; } LeafNodeHashInput;
//     struct { optional<ParentNode> parent_node; opaque left_hash<V>; opaque right_hash<V>; } ParentNodeHashInput;
//     struct { NodeType node_type; select … } TreeHashInput;
#include <algorithm>

#include "mls/tree/ratchet_tree.h"

namespace conclave::mls {

crypto::Digest leaf_tree_hash(const crypto::CipherSuite& suite, LeafIndex index, const TreeLeaf* leaf) {
  std::array<std::uint8_t, 6> head;
  wire::Writer writer(head);
  writer.put_integer(std::uint8_t{1});
  writer.put_integer(index.value);
  writer.put_integer(static_cast<std::uint8_t>(leaf != nullptr ? 1 : 0));
  return crypto::hash(suite.hash, {head, leaf != nullptr ? leaf->encoded() : ByteView()});
}

crypto::Digest parent_tree_hash(const crypto::CipherSuite& suite, const TreeParent* parent, ByteView left_hash, ByteView right_hash) {
  constexpr std::uint8_t node_type = 2;
  const wire::Opaque left{left_hash};
  const wire::Opaque right{right_hash};
  if (parent == nullptr) return crypto::hash(suite.hash, wire::encode(node_type, std::uint8_t{0}, left, right));
  return crypto::hash(suite.hash, wire::encode(node_type, std::uint8_t{1}, wire::Raw{parent->encoded()}, left, right));
}

ByteSpan RatchetTree::hash_slot(NodeIndex node) {
  return ByteSpan(hashes_).subspan(node.value * suite_->hash_size, suite_->hash_size);
}

ByteView RatchetTree::tree_hash(NodeIndex node) {
  if (!hash_known_[node.value]) compute_hash(node);
  return hash_slot(node);
}

void RatchetTree::compute_hash(NodeIndex node) {
  const crypto::Digest hash = is_leaf(node)
                                  ? leaf_tree_hash(*suite_, leaf_of(node), leaf(leaf_of(node)))
                                  : parent_tree_hash(*suite_, parent(node), tree_hash(left(node)), tree_hash(right(node)));
  std::ranges::copy(hash.view(), hash_slot(node).begin());
  hash_known_[node.value] = true;
}

}  // namespace conclave::mls
