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

/// The resolution of `child` without `descendant`, which must all be unmerged leaves of the parent.
bool is_neighbour(const std::vector<NodeIndex>& resolution, NodeIndex descendant, std::span<const LeafIndex> unmerged) {
  if (resolution.size() != unmerged.size() + 1) return false;
  return std::ranges::all_of(resolution, [&](NodeIndex node) {
    return node == descendant || (is_leaf(node) && std::ranges::binary_search(unmerged, leaf_of(node)));
  });
}

/// How many nodes under `child` are linked to `node` by their parent hash.
std::size_t count_links(RatchetTree& tree, NodeIndex node, NodeIndex child, NodeIndex sibling) {
  const ParentNode parent = tree.parent(node)->parsed();
  const std::vector<NodeIndex> resolution = tree.resolution(child);
  const auto unmerged = those_under(child, parent.unmerged_leaves);
  if (resolution.size() != unmerged.size() + 1) return 0;
  const crypto::Digest expected = parent_hash(tree.suite(), parent.encryption_key, parent.parent_hash,
                                              original_tree_hash(tree, sibling, parent.unmerged_leaves).view());
  return static_cast<std::size_t>(std::ranges::count_if(resolution, [&](NodeIndex descendant) {
    return equal(parent_hash_of(tree, descendant), expected.view()) && is_neighbour(resolution, descendant, unmerged);
  }));
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
    const std::size_t links = count_links(tree, node, left(node), right(node)) + count_links(tree, node, right(node), left(node));
    if (links != 1) return Error{ErrorCode::invalid_message, "a parent node is not parent-hash valid"};
  }
  return {};
}

}  // namespace conclave::mls
