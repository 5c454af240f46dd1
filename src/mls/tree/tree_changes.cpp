// Recording, undoing and redoing changes of a ratchet tree.
#include <algorithm>

#include "mls/tree/ratchet_tree.h"

namespace conclave::mls {

void RatchetTree::begin_changes() {
  recording_ = true;
  changes_.leaf_count = leaf_count();
  changes_.entries.clear();
}

void RatchetTree::touch(NodeIndex node) {
  if (!recording_ || touched_[node.value]) return;
  touched_[node.value] = true;
  TreeChanges::Entry entry{node, {}, {}, {}};
  if (is_leaf(node)) {
    entry.leaf = leaves_[node.value / 2];
  } else {
    entry.parent = parents_[node.value / 2];
  }
  if (hash_known_[node.value]) {
    entry.hash = crypto::Digest(suite_->hash_size);
    std::ranges::copy(hash_slot(node), entry.hash.span().begin());
  }
  changes_.entries.push_back(std::move(entry));
}

/// The hashes of a node and of everything above it are to be computed anew.
void RatchetTree::mark_changed(NodeIndex node) {
  const NodeIndex top = root();
  for (;; node = mls::parent(node)) {
    touch(node);
    hash_known_[node.value] = false;
    if (node == top) return;
  }
}

TreeChanges RatchetTree::rewind() {
  recording_ = false;
  for (const auto& entry : changes_.entries) touched_[entry.node.value] = false;
  TreeChanges changes = std::move(changes_);
  changes_ = {};
  exchange(changes);
  return changes;
}

TreeChanges RatchetTree::redo(TreeChanges changes) {
  exchange(changes);
  return changes;
}

/// Swaps the recorded values with those in the tree. First every key leaves the index, then all come back: a key may
/// have moved from one node to another.
void RatchetTree::exchange(TreeChanges& changes) {
  const std::uint32_t target = changes.leaf_count;
  changes.leaf_count = leaf_count();
  if (target > leaf_count()) resize(target);
  for (const auto& entry : changes.entries) forget_keys(entry.node);
  for (auto& entry : changes.entries) {
    crypto::Digest hash;
    if (hash_known_[entry.node.value]) {
      hash = crypto::Digest(suite_->hash_size);
      std::ranges::copy(hash_slot(entry.node), hash.span().begin());
    }
    if (is_leaf(entry.node)) {
      std::swap(leaves_[entry.node.value / 2], entry.leaf);
    } else {
      std::swap(parents_[entry.node.value / 2], entry.parent);
    }
    hash_known_[entry.node.value] = entry.hash.size() != 0;
    std::ranges::copy(entry.hash.view(), hash_slot(entry.node).begin());
    entry.hash = hash;
  }
  for (const auto& entry : changes.entries) note_keys(entry.node);
  if (target < leaf_count()) resize(target);
}

}  // namespace conclave::mls
