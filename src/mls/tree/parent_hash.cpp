#include "mls/tree/parent_hash.h"

#include <algorithm>

#include "base/bytes.h"

namespace conclave::mls {
namespace {

std::span<const LeafIndex> those_under(NodeIndex node, std::span<const LeafIndex> leaves) {
  const auto first = std::ranges::lower_bound(leaves, first_leaf(node));
  const auto last = std::ranges::upper_bound(leaves, last_leaf(node));
  return {first, last};
}

Bytes parent_hash_of(const RatchetTree& tree, NodeIndex node) {
  return is_leaf(node) ? tree.leaf(leaf_of(node))->parent_hash() : to_bytes(tree.parent(node)->parent_hash());
}

/// The only node of the resolution that is no unmerged leaf of the parent; nothing where there are more, or none. Whoever is
/// linked to the parent is this node (RFC 9420 section 7.9.2).
std::optional<NodeIndex> sole_merged(const std::vector<NodeIndex>& resolution, std::span<const LeafIndex> unmerged) {
  if (resolution.size() != unmerged.size() + 1) return std::nullopt;
  std::optional<NodeIndex> found;
  for (const NodeIndex node : resolution) {
    if (is_leaf(node) && std::ranges::binary_search(unmerged, leaf_of(node))) continue;
    if (found) return std::nullopt;
    found = node;
  }
  return found;
}

/// True when a node under `child` is linked to `node` by its parent hash.
bool is_linked(RatchetTree& tree, NodeIndex node, NodeIndex child, NodeIndex sibling) {
  const ParentNode parent = tree.parent(node)->parsed();
  const auto descendant = sole_merged(tree.resolution(child), those_under(child, parent.unmerged_leaves));
  if (!descendant) return false;
  const crypto::Digest expected = parent_hash(tree.suite(), parent.encryption_key, parent.parent_hash,
                                              original_tree_hash(tree, sibling, parent.unmerged_leaves).view());
  return equal(parent_hash_of(tree, *descendant), expected.view());
}

}  // namespace

crypto::Digest parent_hash(const crypto::CipherSuite& suite, ByteView encryption_key, ByteView parent_hash_above,
                           ByteView original_sibling_tree_hash) {
  return crypto::hash(suite.hash, wire::encode(wire::Opaque{encryption_key}, wire::Opaque{parent_hash_above},
                                               wire::Opaque{original_sibling_tree_hash}));
}

crypto::Digest original_tree_hash(RatchetTree& tree, NodeIndex node, std::span<const LeafIndex> unmerged) {
  const auto here = those_under(node, unmerged);
  if (here.empty()) {
    crypto::Digest cached(tree.suite().hash_size);
    std::ranges::copy(tree.tree_hash(node), cached.span().begin());
    return cached;
  }
  if (is_leaf(node)) return leaf_tree_hash(tree.suite(), leaf_of(node), nullptr);
  const crypto::Digest left_hash = original_tree_hash(tree, left(node), here);
  const crypto::Digest right_hash = original_tree_hash(tree, right(node), here);
  const TreeParent* now = tree.parent(node);
  if (now == nullptr) return parent_tree_hash(tree.suite(), nullptr, left_hash.view(), right_hash.view());
  ParentNode before = now->parsed();
  std::erase_if(before.unmerged_leaves, [&](LeafIndex leaf) { return std::ranges::binary_search(here, leaf); });
  const TreeParent original(before);
  return parent_tree_hash(tree.suite(), &original, left_hash.view(), right_hash.view());
}

Result<void> verify_parent_hashes(RatchetTree& tree) {
  for (std::uint32_t i = 1; i < node_count(tree.leaf_count()); i += 2) {
    const NodeIndex node{i};
    if (tree.is_blank(node)) continue;
    if (is_linked(tree, node, left(node), right(node)) == is_linked(tree, node, right(node), left(node))) return Error{ErrorCode::invalid_message, "a parent node is not parent-hash valid"};
  }
  return {};
}

}  // namespace conclave::mls
