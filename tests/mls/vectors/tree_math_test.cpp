#include "mls/tree/tree_math.h"
#include "mls/vectors/vector_support.h"

using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

/// A node index, or null where there is no such node.
using MaybeNode = std::optional<std::uint32_t>;

MaybeNode expected(const nlohmann::json& json) { return json.is_null() ? MaybeNode() : MaybeNode(json.get<std::uint32_t>()); }

}  // namespace

TEST_CASE("tree math gives the working group's root, children, parents and siblings", "[mls][vectors]") {
  for_each_case("tree-math", [](const nlohmann::json& each) {
    const auto leaves = each.at("n_leaves").get<std::uint32_t>();
    CHECK(node_count(leaves) == each.at("n_nodes").get<std::uint32_t>());
    CHECK(root(leaves).value == each.at("root").get<std::uint32_t>());
    for (std::uint32_t i = 0; i < node_count(leaves); ++i) {
      const NodeIndex node{i};
      const bool top = node == root(leaves);
      CHECK(expected(each.at("left")[i]) == (is_leaf(node) ? MaybeNode() : MaybeNode(left(node).value)));
      CHECK(expected(each.at("right")[i]) == (is_leaf(node) ? MaybeNode() : MaybeNode(right(node).value)));
      CHECK(expected(each.at("parent")[i]) == (top ? MaybeNode() : MaybeNode(parent(node).value)));
      CHECK(expected(each.at("sibling")[i]) == (top ? MaybeNode() : MaybeNode(sibling(node).value)));
    }
  });
}
