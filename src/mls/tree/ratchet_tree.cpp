#include "mls/tree/ratchet_tree.h"

#include <algorithm>

namespace conclave::mls {

RatchetTree::RatchetTree(const crypto::CipherSuite& suite, crypto::Random& random) : suite_(&suite), keys_(random) {}

ByteView RatchetTree::encryption_key(NodeIndex node) const {
  if (is_leaf(node)) return leaves_[node.value / 2].encryption_key();
  return parents_[node.value / 2].encryption_key();
}

std::vector<NodeIndex> RatchetTree::resolution(NodeIndex node) const {
  std::vector<NodeIndex> out;
  append_resolution(node, out);
  return out;
}

void RatchetTree::append_resolution(NodeIndex node, std::vector<NodeIndex>& out) const {
  if (!is_blank(node)) {
    out.push_back(node);
    if (!is_leaf(node)) {
      for (const LeafIndex unmerged : parent(node)->unmerged_leaves()) out.push_back(node_of(unmerged));
    }
  } else if (!is_leaf(node)) {
    append_resolution(left(node), out);
    append_resolution(right(node), out);
  }
}

bool RatchetTree::has_empty_resolution(NodeIndex node) const {
  if (!is_blank(node)) return false;
  return is_leaf(node) || (has_empty_resolution(left(node)) && has_empty_resolution(right(node)));
}

std::vector<PathStep> RatchetTree::filtered_direct_path(LeafIndex leaf) const {
  std::vector<PathStep> path;
  NodeIndex below = node_of(leaf);
  for (const NodeIndex node : DirectPath(leaf, leaf_count())) {
    const NodeIndex copath = sibling(below);
    if (!has_empty_resolution(copath)) path.push_back({node, copath});
    below = node;
  }
  return path;
}

LeafIndex RatchetTree::first_free_leaf() const {
  std::uint32_t index = no_free_leaf_below_;
  while (index < leaf_count() && !leaves_[index].blank()) ++index;
  return {index};
}

LeafIndex RatchetTree::place(TreeLeaf leaf) {
  const LeafIndex index = first_free_leaf();
  if (index.value >= leaf_count()) resize(full_leaf_count(index.value + 1));
  set_leaf(index, std::move(leaf));
  no_free_leaf_below_ = index.value + 1;
  return index;
}

LeafIndex RatchetTree::add(TreeLeaf leaf) {
  const LeafIndex index = place(std::move(leaf));
  for (const NodeIndex node : DirectPath(index, leaf_count())) {
    if (parent(node) == nullptr) continue;
    ParentNode changed = parent(node)->parsed();
    auto& unmerged = changed.unmerged_leaves;
    unmerged.insert(std::ranges::lower_bound(unmerged, index), index);
    set_parent(node, TreeParent(changed));
  }
  return index;
}

void RatchetTree::update(LeafIndex index, TreeLeaf leaf) {
  set_leaf(index, std::move(leaf));
  blank_path(index);
}

void RatchetTree::remove(LeafIndex index) {
  set_leaf(index, {});
  blank_path(index);
}

void RatchetTree::blank_path(LeafIndex index) {
  for (const NodeIndex node : DirectPath(index, leaf_count())) {
    if (parent(node) != nullptr) set_parent(node, {});
  }
}

void RatchetTree::truncate() {
  std::uint32_t last = leaf_count();
  while (last > 0 && leaves_[last - 1].blank()) --last;
  const std::uint32_t wanted = full_leaf_count(last);
  if (wanted == leaf_count()) return;
  for (std::uint32_t i = wanted == 0 ? 0 : wanted - 1; i < parents_.size(); ++i) {
    if (!parents_[i].blank()) set_parent({2 * i + 1}, {});
  }
  resize(wanted);
}

void RatchetTree::set_leaf(LeafIndex index, TreeLeaf leaf) {
  const NodeIndex node = node_of(index);
  mark_changed(node);
  forget_keys(node);
  leaves_[index.value] = std::move(leaf);
  note_keys(node);
}

void RatchetTree::set_parent(NodeIndex node, TreeParent parent) {
  mark_changed(node);
  forget_keys(node);
  parents_[node.value / 2] = std::move(parent);
  note_keys(node);
}

void RatchetTree::forget_keys(NodeIndex node) {
  if (is_blank(node)) return;
  keys_.erase(KeyIndex::Kind::encryption, encryption_key(node));
  if (!is_leaf(node)) return;
  const TreeLeaf& old = *leaf(leaf_of(node));
  keys_.erase(KeyIndex::Kind::signature, old.signature_key());
  counts_.remove(old.parsed());
  --member_count_;
  no_free_leaf_below_ = std::min(no_free_leaf_below_, leaf_of(node).value);
}

void RatchetTree::note_keys(NodeIndex node) {
  if (is_blank(node)) return;
  keys_.insert(KeyIndex::Kind::encryption, encryption_key(node));
  if (!is_leaf(node)) return;
  const TreeLeaf& now = *leaf(leaf_of(node));
  keys_.insert(KeyIndex::Kind::signature, now.signature_key());
  counts_.add(now.parsed());
  ++member_count_;
}

void RatchetTree::resize(std::uint32_t leaf_count) {
  leaves_.resize(leaf_count);
  parents_.resize(leaf_count == 0 ? 0 : leaf_count - 1);
  const std::uint32_t nodes = node_count(leaf_count);
  hashes_.resize(nodes * suite_->hash_size);
  hash_known_.resize(nodes);
  if (nodes > touched_.size()) touched_.resize(nodes);  // never shrinks: what was recorded once stays recorded
  no_free_leaf_below_ = std::min(no_free_leaf_below_, leaf_count);
}

std::size_t RatchetTree::heap_size() const {
  std::size_t size = leaves_.capacity() * sizeof(TreeLeaf) + parents_.capacity() * sizeof(TreeParent) + hashes_.capacity() + keys_.heap_size();
  for (const TreeLeaf& leaf : leaves_) size += leaf.blank() ? 0 : leaf.heap_size();
  for (const TreeParent& parent : parents_) size += parent.blank() ? 0 : parent.heap_size();
  return size;
}

}  // namespace conclave::mls
