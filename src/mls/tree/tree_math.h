// Positions in a full binary tree kept as an array (RFC 9420 appendix C). Leaf i stands at node 2i.
#pragma once

#include <bit>
#include <cassert>
#include <compare>
#include <cstdint>

#include "wire/fields.h"

namespace conclave::mls {

/// The position of a member among the leaves.
struct LeafIndex {
  std::uint32_t value = 0;
  CONCLAVE_FIELDS(value)
  friend constexpr auto operator<=>(LeafIndex, LeafIndex) = default;
};

/// The position of a node in the array.
struct NodeIndex {
  std::uint32_t value = 0;
  friend constexpr auto operator<=>(NodeIndex, NodeIndex) = default;
};

/// No group is larger: keeps every product of indices within 32 bits.
inline constexpr std::uint32_t max_leaf_count = std::uint32_t{1} << 24;

constexpr NodeIndex node_of(LeafIndex leaf) { return {leaf.value * 2}; }
constexpr bool is_leaf(NodeIndex node) { return (node.value & 1) == 0; }
/// Only for a node that is a leaf.
constexpr LeafIndex leaf_of(NodeIndex node) { return {node.value / 2}; }

/// 0 for leaves, one more per step up.
constexpr unsigned level(NodeIndex node) { return static_cast<unsigned>(std::countr_one(node.value)); }

/// Nodes of a tree with `leaf_count` leaves, a power of two (or 0).
constexpr std::uint32_t node_count(std::uint32_t leaf_count) { return leaf_count == 0 ? 0 : 2 * leaf_count - 1; }

/// The smallest full tree with room for `leaves` leaves.
constexpr std::uint32_t full_leaf_count(std::uint32_t leaves) { return leaves == 0 ? 0 : std::bit_ceil(leaves); }

/// The root of a tree with `leaf_count` leaves, a power of two.
constexpr NodeIndex root(std::uint32_t leaf_count) { return {leaf_count - 1}; }

/// Children of a node that is no leaf.
constexpr NodeIndex left(NodeIndex node) { return {node.value ^ (1U << (level(node) - 1))}; }
constexpr NodeIndex right(NodeIndex node) { return {node.value ^ (3U << (level(node) - 1))}; }

/// The parent of a node that is not the root.
constexpr NodeIndex parent(NodeIndex node) {
  const unsigned k = level(node);
  const std::uint32_t b = (node.value >> (k + 1)) & 1;
  return {(node.value | (1U << k)) ^ (b << (k + 1))};
}

/// The other child of the parent of a node that is not the root.
constexpr NodeIndex sibling(NodeIndex node) {
  const NodeIndex above = parent(node);
  return node < above ? right(above) : left(above);
}

/// The first and the last leaf under a node.
constexpr LeafIndex first_leaf(NodeIndex node) { return {(node.value - ((1U << level(node)) - 1)) / 2}; }
constexpr LeafIndex last_leaf(NodeIndex node) { return {(node.value + ((1U << level(node)) - 1)) / 2}; }

/// True when `leaf` lies in the subtree under `node` (a leaf lies under itself).
constexpr bool is_under(LeafIndex leaf, NodeIndex node) { return first_leaf(node) <= leaf && leaf <= last_leaf(node); }

/// The lowest node above both leaves, which differ.
constexpr NodeIndex common_ancestor(LeafIndex a, LeafIndex b) {
  NodeIndex node = node_of(a);
  while (!is_under(b, node)) node = parent(node);
  return node;
}

/// Iterates over the direct path of `leaf`: from its parent to the root of a tree with `leaf_count` leaves (RFC 9420 section 4.1.2).
class DirectPath {
 public:
  constexpr DirectPath(LeafIndex leaf, std::uint32_t leaf_count) : first_(node_of(leaf)), root_(root(leaf_count)) {}

  struct End {};
  struct Iterator {
    NodeIndex below;  ///< the child of `*this` on the path
    NodeIndex last;
    constexpr NodeIndex operator*() const { return parent(below); }
    constexpr Iterator& operator++() {
      below = parent(below);
      return *this;
    }
    constexpr bool operator!=(End) const { return below != last; }
  };
  [[nodiscard]] constexpr Iterator begin() const { return {first_, root_}; }
  [[nodiscard]] constexpr End end() const { return {}; }

 private:
  NodeIndex first_;
  NodeIndex root_;
};

}  // namespace conclave::mls
