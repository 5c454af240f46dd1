#include "mls/schedule/group_context.h"
#include "mls/tree/update_path.h"
#include "mls/vectors/vector_support.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

struct Leaf {
  PrivateKeys keys;
  crypto::SignaturePrivateKey signer;
};

/// One case: the tree, and what every filled leaf knows of it.
struct Case {
  explicit Case(const nlohmann::json& json)
      : each(json), suite(suite_of(json)), tree(*RatchetTree::read(suite, hex(json, "ratchet_tree"), crypto::system_random())) {
    context.cipher_suite = suite.id;
    context.group_id = hex(each, "group_id");
    context.epoch = each.at("epoch").get<std::uint64_t>();
    context.confirmed_transcript_hash = hex(each, "confirmed_transcript_hash");
    for (const auto& leaf : each.at("leaves_private")) read_leaf(leaf);
  }

  void read_leaf(const nlohmann::json& json) {
    const LeafIndex index{json.at("index").get<std::uint32_t>()};
    Leaf& leaf = leaves[index];
    leaf.keys.set(node_of(index), *crypto::KemPrivateKey::parse(suite.kem, hex(json, "encryption_priv")));
    leaf.signer = *crypto::SignaturePrivateKey::parse(suite.signature, hex(json, "signature_priv"));
    CHECK(equal(leaf.signer.public_key().bytes(), tree.leaf(index)->signature_key()));
    for (const auto& entry : json.at("path_secrets")) {
      const NodeIndex node{entry.at("node").get<std::uint32_t>()};
      const auto node_secret = derive_secret<Secret<struct TestTag>>(suite, hex(entry, "path_secret"), "node");
      leaf.keys.set(node, *crypto::KemPrivateKey::derive(suite.kem, node_secret.expose()));
    }
    CHECK(leaf.keys.matches(tree));
  }

  Bytes provisional() {
    context.tree_hash = to_bytes(tree.tree_hash());
    return wire::encode(context);
  }

  const nlohmann::json& each;
  const crypto::CipherSuite& suite;
  RatchetTree tree;
  GroupContext context;
  std::map<LeafIndex, Leaf> leaves;
};

void check_given_path(Case& at, const nlohmann::json& json) {
  const LeafIndex sender{json.at("sender").get<std::uint32_t>()};
  const auto path = wire::decode<UpdatePath>(hex(json, "update_path"));
  REQUIRE(path.ok());
  at.tree.begin_changes();
  const auto steps = merge_path(at.tree, sender, *path);
  REQUIRE(steps.ok());
  CHECK(same(at.tree.tree_hash(), json.at("tree_hash_after")));
  const Bytes context = at.provisional();
  for (const auto& [index, leaf] : at.leaves) {
    if (index == sender) continue;
    PrivateKeys keys = leaf.keys;
    const auto secret = open_path(at.tree, keys, index, *path, *steps, context, {});
    REQUIRE(secret.ok());
    CHECK(same(secret->expose(), json.at("commit_secret")));
    const auto path_secret = hex(json.at("path_secrets")[index.value]);
    PrivateKeys implanted = leaf.keys;
    const auto same_secret = implant_path_secret(at.tree, implanted, common_ancestor(index, sender), PathSecret::copy_of(path_secret));
    REQUIRE(same_secret.ok());
    CHECK(same(same_secret->expose(), json.at("commit_secret")));
  }
  at.tree.rewind();
}

void check_own_path(Case& at, LeafIndex sender) {
  at.tree.begin_changes();
  PrivateKeys sender_keys = at.leaves[sender].keys;
  auto drafted = renew_path(at.tree, sender_keys, sender, at.tree.leaf(sender)->parsed(), at.leaves[sender].signer, at.context.group_id, crypto::system_random());
  REQUIRE(drafted.ok());
  const Bytes tree_hash = to_bytes(at.tree.tree_hash());
  const Bytes context = at.provisional();
  const auto path = encrypt_path(at.tree, *drafted, context, {}, crypto::system_random());
  REQUIRE(path.ok());
  sender_keys.prune(at.tree);
  CHECK(sender_keys.matches(at.tree));
  at.tree.rewind();

  at.tree.begin_changes();
  const auto steps = merge_path(at.tree, sender, *path);
  REQUIRE(steps.ok());
  CHECK(equal(at.tree.tree_hash(), tree_hash));
  for (const auto& [index, leaf] : at.leaves) {
    if (index == sender) continue;
    PrivateKeys keys = leaf.keys;
    const auto secret = open_path(at.tree, keys, index, *path, *steps, context, {});
    REQUIRE(secret.ok());
    CHECK(equal(secret->expose(), drafted->commit_secret.expose()));
  }
  at.tree.rewind();
}

}  // namespace

TEST_CASE("update paths of the working group give every leaf its secrets, and ours do", "[mls][vectors]") {
  for_each_case("treekem", [](const nlohmann::json& each) {
    Case at(each);
    const Bytes before = to_bytes(at.tree.tree_hash());
    for (const auto& path : each.at("update_paths")) {
      check_given_path(at, path);
      check_own_path(at, {path.at("sender").get<std::uint32_t>()});
      CHECK(equal(at.tree.tree_hash(), before));
    }
  });
}
