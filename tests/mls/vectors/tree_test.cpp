#include "mls/group/proposal_list.h"
#include "mls/tree/leaf_validation.h"
#include "mls/tree/parent_hash.h"
#include "mls/vectors/vector_support.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

RatchetTree read_tree(const crypto::CipherSuite& suite, ByteView bytes) {
  auto tree = RatchetTree::read(suite, bytes, crypto::system_random());
  REQUIRE(tree.ok());
  return std::move(*tree);
}

}  // namespace

TEST_CASE("proposals change the working group's trees as they should, and can be undone and redone", "[mls][vectors]") {
  for_each_case("tree-operations", [](const nlohmann::json& each) {
    const crypto::CipherSuite& suite = suite_of(each);
    RatchetTree tree = read_tree(suite, hex(each, "tree_before"));
    CHECK(same(tree.tree_hash(), each.at("tree_hash_before")));
    auto proposal = wire::decode<Proposal>(hex(each, "proposal"));
    REQUIRE(proposal.ok());
    const SentProposal sent{std::move(*proposal), MemberSender{{each.at("proposal_sender").get<std::uint32_t>()}}, {}, true};
    const ProposalList list{std::make_shared<SentProposal>(sent)};

    tree.begin_changes();
    REQUIRE(apply_proposals(tree, list).ok());
    CHECK(same(tree.encode(), each.at("tree_after")));
    CHECK(same(tree.tree_hash(), each.at("tree_hash_after")));
    TreeChanges changes = tree.rewind();
    CHECK(same(tree.encode(), each.at("tree_before")));
    CHECK(same(tree.tree_hash(), each.at("tree_hash_before")));
    changes = tree.redo(std::move(changes));
    CHECK(same(tree.encode(), each.at("tree_after")));
    CHECK(same(tree.tree_hash(), each.at("tree_hash_after")));
    tree.redo(std::move(changes));
    CHECK(same(tree.encode(), each.at("tree_before")));
  });
}

TEST_CASE("resolutions, tree hashes, parent hashes and leaf signatures of the working group's trees hold", "[mls][vectors]") {
  for_each_case("tree-validation", [](const nlohmann::json& each) {
    const crypto::CipherSuite& suite = suite_of(each);
    RatchetTree tree = read_tree(suite, hex(each, "tree"));
    const Bytes group_id = hex(each, "group_id");
    for (std::uint32_t i = 0; i < node_count(tree.leaf_count()); ++i) {
      std::vector<std::uint32_t> resolution;
      for (const NodeIndex node : tree.resolution({i})) resolution.push_back(node.value);
      CHECK(resolution == each.at("resolutions")[i].get<std::vector<std::uint32_t>>());
      CHECK(same(tree.tree_hash({i}), each.at("tree_hashes")[i]));
    }
    CHECK(verify_parent_hashes(tree).ok());
    for (std::uint32_t i = 0; i < tree.leaf_count(); ++i) {
      const TreeLeaf* leaf = tree.leaf({i});
      if (leaf != nullptr) CHECK(validate_leaf(suite, leaf->parsed(), group_id, {i}, std::nullopt).ok());
    }
    CHECK(same(tree.encode(), each.at("tree")));
  });
}
