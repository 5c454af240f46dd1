// Changes of a tree that are undone unless they are taken.
#pragma once

#include "mls/tree/ratchet_tree.h"

namespace conclave::mls {

/// Records all changes of a tree while it lives, and undoes them at its end.
class Transaction {
 public:
  explicit Transaction(RatchetTree& tree) : tree_(&tree) { tree.begin_changes(); }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    if (tree_ != nullptr) tree_->rewind();
  }

  /// Undoes the changes and hands them over, to be redone on the same tree.
  TreeChanges take() { return std::exchange(tree_, nullptr)->rewind(); }

 private:
  RatchetTree* tree_;
};

}  // namespace conclave::mls
