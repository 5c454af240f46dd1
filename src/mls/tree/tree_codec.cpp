// The ratchet tree as it travels (RFC 9420 section 12.4.3.3).
//
//     struct { NodeType node_type; select (Node.node_type) { case leaf: LeafNode; case parent: ParentNode; }; } Node;
//     optional<Node> ratchet_tree<V>;
#include <algorithm>

#include "mls/tree/ratchet_tree.h"

namespace conclave::mls {
namespace {

constexpr std::uint8_t leaf_type = 1;
constexpr std::uint8_t parent_type = 2;

/// One `optional<Node>` at `node`.
void write_node(wire::Writer& writer, const RatchetTree& tree, NodeIndex node) {
  const bool blank = tree.is_blank(node);
  writer.put_integer(static_cast<std::uint8_t>(blank ? 0 : 1));
  if (blank) return;
  writer.put_integer(is_leaf(node) ? leaf_type : parent_type);
  if (is_leaf(node)) {
    writer.put(tree.leaf(leaf_of(node))->encoded());
  } else {
    writer.put(tree.parent(node)->encoded());
  }
}

std::uint32_t nodes_to_write(const RatchetTree& tree) {
  std::uint32_t count = node_count(tree.leaf_count());
  while (count > 0 && tree.is_blank({count - 1})) --count;
  return count;
}

struct ReadNodes {
  std::vector<TreeLeaf> leaves;
  std::vector<TreeParent> parents;
};

/// The nodes in order; a leaf stands at every even place.
ReadNodes read_nodes(wire::Reader& reader) {
  ReadNodes nodes;
  bool last_is_blank = false;
  for (std::uint32_t i = 0; reader.remaining() > 0; ++i) {
    const auto presence = reader.read_integer<std::uint8_t>();
    if (presence > 1) reader.fail("a presence octet is neither 0 nor 1");
    if (i >= node_count(max_leaf_count)) reader.fail("a ratchet tree is too large");
    last_is_blank = presence == 0;
    const bool wants_leaf = is_leaf(NodeIndex{i});
    if (presence == 1 && reader.read_integer<std::uint8_t>() != (wants_leaf ? leaf_type : parent_type)) {
      reader.fail("a node of a ratchet tree stands where its type cannot");
    }
    if (wants_leaf) {
      nodes.leaves.emplace_back();
      if (last_is_blank) continue;
      LeafNode leaf;
      wire::read(reader, leaf);
      if (reader.ok()) nodes.leaves.back() = TreeLeaf(leaf);
    } else {
      nodes.parents.emplace_back();
      if (last_is_blank) continue;
      ParentNode parent;
      wire::read(reader, parent);
      if (reader.ok()) nodes.parents.back() = TreeParent(parent);
    }
  }
  if (last_is_blank || nodes.leaves.empty()) reader.fail("the last node of a ratchet tree is blank");
  return nodes;
}

/// A blank node is an octet in the message and some hundred here, for its tree hash as well: a large tree has to have members.
bool is_desert(const std::vector<TreeLeaf>& leaves) {
  constexpr std::size_t small = 1U << 16U;
  constexpr std::size_t places_per_member = 1024;
  if (leaves.size() <= small) return false;
  const auto members = std::ranges::count_if(leaves, [](const TreeLeaf& leaf) { return !leaf.blank(); });
  return static_cast<std::size_t>(members) * places_per_member < leaves.size();
}

}  // namespace

Result<RatchetTree> RatchetTree::read(const crypto::CipherSuite& suite, ByteView encoded, crypto::Random& random) {
  wire::Reader outer(encoded);
  wire::Reader reader(outer.read_opaque());
  CONCLAVE_TRY(outer.finish());
  ReadNodes nodes = read_nodes(reader);
  CONCLAVE_TRY(reader.finish());
  if (is_desert(nodes.leaves)) return Error{ErrorCode::limit_exceeded, "a large ratchet tree has hardly a member"};

  RatchetTree tree(suite, random);
  const auto parents = static_cast<std::uint32_t>(nodes.parents.size());
  tree.resize(full_leaf_count(std::max(static_cast<std::uint32_t>(nodes.leaves.size()), parents + 1)));
  for (std::uint32_t i = 0; i < nodes.leaves.size(); ++i) {
    if (!nodes.leaves[i].blank()) tree.set_leaf({i}, std::move(nodes.leaves[i]));
  }
  for (std::uint32_t i = 0; i < parents; ++i) {
    if (!nodes.parents[i].blank()) tree.set_parent({2 * i + 1}, std::move(nodes.parents[i]));
  }
  return tree;
}

Bytes RatchetTree::encode() const {
  const std::uint32_t count = nodes_to_write(*this);
  wire::Counter counter;
  for (std::uint32_t i = 0; i < count; ++i) write_node(counter, *this, {i});
  wire::Counter header;
  header.put_length(counter.size());
  Bytes out(header.size() + counter.size());
  wire::Writer writer(out);
  writer.put_length(counter.size());
  for (std::uint32_t i = 0; i < count; ++i) write_node(writer, *this, {i});
  return out;
}

}  // namespace conclave::mls
