// A ratchet tree as text.
#pragma once

#include <functional>
#include <string>

#include "mls/tree/ratchet_tree.h"

/// One line per node, children below their parent: its number, the first bytes of its key or `_` for a blank, a parent's
/// unmerged leaves in brackets, a leaf's name as `name` tells it.
///
///     7 3f9a1c
///     ├─ 3 b2a940 [2]
///     │  ├─ 1 _
std::string draw_tree(const conclave::mls::RatchetTree& tree, const std::function<std::string(const conclave::mls::LeafNode&)>& name);
