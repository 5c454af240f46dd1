#include "tree_picture.h"

#include "base/bytes.h"

using namespace conclave;
using namespace conclave::mls;

namespace {

class Picture {
 public:
  Picture(const RatchetTree& tree, const std::function<std::string(const LeafNode&)>& name) : tree_(tree), name_(name) {}

  /// `lead` stands before the node itself, `indent` before what is below it.
  void draw(NodeIndex node, const std::string& lead, const std::string& indent) {
    text_ += lead + describe(node) + "\n";
    if (is_leaf(node)) return;
    draw(left(node), indent + "├─ ", indent + "│  ");
    draw(right(node), indent + "└─ ", indent + "   ");
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  [[nodiscard]] std::string describe(NodeIndex node) const {
    const std::string number = std::to_string(node.value);
    if (tree_.is_blank(node)) return number + " _";
    const std::string out = number + " " + to_hex(tree_.encryption_key(node).first(3));
    return out + (is_leaf(node) ? describe_leaf(leaf_of(node)) : describe_unmerged(node));
  }
  [[nodiscard]] std::string describe_leaf(LeafIndex leaf) const {
    const LeafNode node = tree_.leaf(leaf)->parsed();
    static constexpr const char* sources[] = {"", "key package", "update", "commit"};
    return "  " + name_(node) + " (" + sources[static_cast<int>(node.source_type())] + ")";
  }
  [[nodiscard]] std::string describe_unmerged(NodeIndex node) const {
    std::string list;
    for (const LeafIndex leaf : tree_.parent(node)->unmerged_leaves()) {
      list += list.empty() ? " [" : " ";
      list += std::to_string(node_of(leaf).value);
    }
    if (!list.empty()) list += "]";
    return list;
  }

  const RatchetTree& tree_;
  const std::function<std::string(const LeafNode&)>& name_;
  std::string text_;
};

}  // namespace

std::string draw_tree(const RatchetTree& tree, const std::function<std::string(const LeafNode&)>& name) {
  Picture picture(tree, name);
  picture.draw(tree.root(), "", "");
  return picture.text();
}
