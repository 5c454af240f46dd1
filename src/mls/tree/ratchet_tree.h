// The ratchet tree (RFC 9420 sections 4 and 7): a flat array of shared, immutable nodes with cached tree hashes.
#pragma once

#include <span>

#include "crypto/hash.h"
#include "mls/tree/capability_counts.h"
#include "mls/tree/key_index.h"
#include "mls/tree/tree_node.h"

namespace conclave::mls {

/// A node of a filtered direct path, and the child of it that is not on the path (RFC 9420 section 4.1.2).
struct PathStep {
  NodeIndex node;
  NodeIndex copath;
};

/// What stood in the places that a commit changes: recorded while it is staged, exchanged with the tree to undo
/// and to redo it. O(log n) entries per change.
struct TreeChanges {
  struct Entry {
    NodeIndex node;
    TreeLeaf leaf;
    TreeParent parent;
    crypto::Digest hash;  ///< empty where it was not known
  };
  std::uint32_t leaf_count = 0;
  std::vector<Entry> entries;
};

class RatchetTree {
 public:
  /// An empty tree. `random` seeds the index of keys.
  RatchetTree(const crypto::CipherSuite& suite, crypto::Random& random);

  /// Reads the content of a `ratchet_tree` extension (RFC 9420 section 12.4.3.3). Nothing about keys or hashes is checked yet.
  /// `malformed` when a node stands where its type cannot, or the last one is blank; `limit_exceeded` for more than 65,536 leaves of which
  /// not one in 1,024 has a member.
  static Result<RatchetTree> read(const crypto::CipherSuite& suite, ByteView encoded, crypto::Random& random);
  [[nodiscard]] Bytes encode() const;

  [[nodiscard]] const crypto::CipherSuite& suite() const { return *suite_; }
  /// Places for leaves, a power of two (0 for an empty tree); members are those that are not blank.
  [[nodiscard]] std::uint32_t leaf_count() const { return static_cast<std::uint32_t>(leaves_.size()); }
  [[nodiscard]] std::uint32_t member_count() const { return member_count_; }
  [[nodiscard]] NodeIndex root() const { return mls::root(leaf_count()); }

  /// Null where the tree is blank or too small.
  [[nodiscard]] const TreeLeaf* leaf(LeafIndex index) const {
    return index.value < leaves_.size() && !leaves_[index.value].blank() ? &leaves_[index.value] : nullptr;
  }
  [[nodiscard]] const TreeParent* parent(NodeIndex node) const { return parents_[node.value / 2].blank() ? nullptr : &parents_[node.value / 2]; }
  [[nodiscard]] bool is_blank(NodeIndex node) const { return is_leaf(node) ? leaf(leaf_of(node)) == nullptr : parent(node) == nullptr; }
  /// The encryption key of a node that is not blank.
  [[nodiscard]] ByteView encryption_key(NodeIndex node) const;

  [[nodiscard]] bool has_encryption_key(ByteView key) const { return keys_.contains(KeyIndex::Kind::encryption, key); }
  [[nodiscard]] bool has_signature_key(ByteView key) const { return keys_.contains(KeyIndex::Kind::signature, key); }
  [[nodiscard]] const CapabilityCounts& capabilities() const { return counts_; }

  /// The resolution of a node (RFC 9420 section 4.1.1).
  [[nodiscard]] std::vector<NodeIndex> resolution(NodeIndex node) const;
  [[nodiscard]] bool has_empty_resolution(NodeIndex node) const;
  /// The filtered direct path of a leaf, from the leaf upwards (RFC 9420 section 4.1.2).
  [[nodiscard]] std::vector<PathStep> filtered_direct_path(LeafIndex leaf) const;
  /// Where the next member would be added; the tree may have to grow for it (RFC 9420 section 12.1.1).
  [[nodiscard]] LeafIndex first_free_leaf() const;

  /// Puts a member into the leftmost free leaf, which becomes unmerged at its ancestors (RFC 9420 section 12.1.1).
  LeafIndex add(TreeLeaf leaf);
  /// The same without unmerged leaves, for whoever joins with a path of its own (RFC 9420 section 12.4.2).
  LeafIndex place(TreeLeaf leaf);
  /// Replaces a leaf and blanks its direct path (RFC 9420 section 12.1.2).
  void update(LeafIndex index, TreeLeaf leaf);
  /// Blanks a leaf and its direct path (RFC 9420 section 12.1.3). `truncate()` follows after the last removal of a commit.
  void remove(LeafIndex index);
  void truncate();
  /// Blanks every parent of a leaf.
  void blank_path(LeafIndex index);
  void set_leaf(LeafIndex index, TreeLeaf leaf);
  void set_parent(NodeIndex node, TreeParent parent);

  /// The tree hash of a node (RFC 9420 section 7.8), computed where it is not cached. Valid until the next change.
  ByteView tree_hash(NodeIndex node);
  ByteView tree_hash() { return tree_hash(root()); }

  /// Starts recording changes.
  void begin_changes();
  /// Undoes everything since `begin_changes()` and hands it back, so that it can be redone.
  TreeChanges rewind();
  /// Redoes what `rewind()` gave, on the same tree; returns what it replaced.
  TreeChanges redo(TreeChanges changes);

  /// Bytes of heap that this tree holds, nodes included.
  [[nodiscard]] std::size_t heap_size() const;

 private:
  void resize(std::uint32_t leaf_count);
  void touch(NodeIndex node);
  void mark_changed(NodeIndex node);
  void forget_keys(NodeIndex node);
  void note_keys(NodeIndex node);
  void exchange(TreeChanges& changes);
  [[nodiscard]] ByteSpan hash_slot(NodeIndex node);
  void compute_hash(NodeIndex node);
  void append_resolution(NodeIndex node, std::vector<NodeIndex>& out) const;

  const crypto::CipherSuite* suite_;
  std::vector<TreeLeaf> leaves_;
  std::vector<TreeParent> parents_;  ///< parent at node 2i+1 stands at i
  Bytes hashes_;                       ///< `suite_->hash_size` per node
  std::vector<bool> hash_known_;
  KeyIndex keys_;
  CapabilityCounts counts_;
  std::uint32_t member_count_ = 0;
  std::uint32_t no_free_leaf_below_ = 0;

  bool recording_ = false;
  TreeChanges changes_;
  std::vector<bool> touched_;
};

/// The hash of a leaf or parent node given its children's hashes (RFC 9420 section 7.8). `leaf` or `parent` may be null: blank.
crypto::Digest leaf_tree_hash(const crypto::CipherSuite& suite, LeafIndex index, const TreeLeaf* leaf);
crypto::Digest parent_tree_hash(const crypto::CipherSuite& suite, const TreeParent* parent, ByteView left_hash, ByteView right_hash);

}  // namespace conclave::mls
