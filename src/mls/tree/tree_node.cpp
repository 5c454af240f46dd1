#include "mls/tree/tree_node.h"

#include <cstring>

CONCLAVE_WIRE_HERE(conclave::mls::ParentNode)

namespace conclave::mls {
namespace {

constexpr std::size_t header = sizeof(std::uint32_t);

template <class T>
T parse(ByteView encoded) {
  auto value = wire::decode<T>(encoded);
  assert(value.ok());
  return std::move(value).value();
}

/// The nth vector of bytes at the front of a node.
ByteView opaque_field(ByteView encoded, unsigned position) {
  wire::Reader reader(encoded);
  for (; position > 0; --position) reader.read_opaque();
  return reader.read_opaque();
}

}  // namespace

NodeBlock::NodeBlock(std::size_t size) : block_(std::make_shared_for_overwrite<std::uint8_t[]>(header + size)) {
  const auto number = static_cast<std::uint32_t>(size);
  std::memcpy(block_.get(), &number, header);
}

ByteSpan NodeBlock::space() const {
  std::uint32_t size = 0;
  std::memcpy(&size, block_.get(), header);
  return {block_.get() + header, size};
}

ByteView NodeBlock::encoded() const { return blank() ? ByteView() : ByteView(space()); }

std::size_t NodeBlock::heap_size() const { return (encoded().size() + header + 24 + 8 + 15) / 16 * 16; }

TreeLeaf::TreeLeaf(const LeafNode& leaf) : NodeBlock(wire::size_of(leaf)) {
  wire::Writer writer(space());
  wire::write(writer, leaf);
}

ByteView TreeLeaf::encryption_key() const { return opaque_field(encoded(), 0); }
ByteView TreeLeaf::signature_key() const { return opaque_field(encoded(), 1); }
LeafNode TreeLeaf::parsed() const { return parse<LeafNode>(encoded()); }

Bytes TreeLeaf::parent_hash() const {
  LeafNode leaf = parsed();
  auto* committed = std::get_if<CommittedLeaf>(&leaf.source);
  return committed == nullptr ? Bytes() : std::move(committed->parent_hash);
}

TreeParent::TreeParent(const ParentNode& node) : NodeBlock(wire::size_of(node)) {
  wire::Writer writer(space());
  wire::write(writer, node);
}

ByteView TreeParent::encryption_key() const { return opaque_field(encoded(), 0); }
ByteView TreeParent::parent_hash() const { return opaque_field(encoded(), 1); }
ParentNode TreeParent::parsed() const { return parse<ParentNode>(encoded()); }

std::vector<LeafIndex> TreeParent::unmerged_leaves() const {
  wire::Reader reader(opaque_field(encoded(), 2));
  std::vector<LeafIndex> leaves;
  leaves.reserve(reader.remaining() / sizeof(std::uint32_t));
  while (reader.remaining() > 0) leaves.push_back({reader.read_integer<std::uint32_t>()});
  return leaves;
}

}  // namespace conclave::mls
