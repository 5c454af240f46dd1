#include "mls/tree/tree_node.h"

namespace conclave::mls {

TreeLeaf::TreeLeaf(const LeafNode& leaf) : encoded_(wire::encode(leaf)), source_(leaf.source_type()) {
  const auto range_before = [](std::size_t end, const Bytes& field) {
    return Range{static_cast<std::uint32_t>(end - field.size()), static_cast<std::uint32_t>(field.size())};
  };
  encryption_key_ = range_before(wire::size_of(leaf.encryption_key), leaf.encryption_key);
  signature_key_ = range_before(wire::size_of(leaf.encryption_key, leaf.signature_key), leaf.signature_key);
  if (const auto* committed = std::get_if<CommittedLeaf>(&leaf.source)) {
    const std::size_t end =
        wire::size_of(leaf.encryption_key, leaf.signature_key, leaf.credential, leaf.capabilities, leaf.source);
    parent_hash_ = range_before(end, committed->parent_hash);
  }
}

LeafNode TreeLeaf::parsed() const {
  auto leaf = wire::decode<LeafNode>(encoded_);
  assert(leaf.ok());
  return std::move(leaf).value();
}

}  // namespace conclave::mls
