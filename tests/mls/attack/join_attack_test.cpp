// Welcomes into trees that were tampered with by the member who sends them (RFC 9420 section 12.4.3.1).
#include "mls/support/forge.h"
#include "mls/support/insider.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

/// Eight members who all committed, and Zoe, whose key package stands in leaf 2 instead of the member's who was there.
struct Scene {
  explicit Scene(bool everybody_commits = true) {
    Client& alice = world.founder("alice");
    CommitOptions options;
    options.force_path = false;
    world.add(alice, {"b", "c", "d", "e", "f", "g", "h"}, std::move(options));
    if (everybody_commits) {
      for (Client& each : world.clients) world.commit(each);
      world.commit(alice, {Remove{{2}}});
    }
    options.force_path = false;
    bundle = world.bundle(zoe);
    world.commit(alice, {Add{std::make_shared<KeyPackage>(bundle.key_package)}}, std::move(options));
    tree = need(RatchetTree::read(world.suite(), alice.in().tree().encode(), world.random));
    group_id = to_bytes(alice.in().group_id());
  }

  void set_parent(NodeIndex node, const std::function<void(ParentNode&)>& bend) {
    ParentNode parent = tree->parent(node)->parsed();
    bend(parent);
    tree->set_parent(node, TreeParent(parent));
  }
  /// Bends a leaf and lets its owner, who is in the plot, sign it again.
  void set_leaf(LeafIndex index, const std::function<void(LeafNode&)>& bend) {
    LeafNode leaf = tree->leaf(index)->parsed();
    bend(leaf);
    need(leaf.sign(world.clients[index.value].signer, group_id, index));
    tree->set_leaf(index, TreeLeaf(leaf));
  }

  Result<Group> join(std::function<void(GroupInfo&)> bend_signed = {}, std::function<void(GroupInfo&)> bend_sent = {}) {
    const ForgedWelcome forged{{0}, world.clients[0].signer, bundle.key_package, {}, std::move(bend_signed), std::move(bend_sent)};
    const Bytes welcome = forge_welcome(*tree, group_id, forged, world.random);
    return Group::join({welcome, bundle, {}, nullptr, nullptr, {}}, world.random);
  }
  void refused(const Result<Group>& joined, const std::string& reason) {
    REQUIRE_FALSE(joined.ok());
    CHECK(joined.error().detail == reason);
  }

  World world{30};
  Client& zoe = zoe_of(world);
  KeyPackageBundle bundle;
  std::optional<RatchetTree> tree;
  Bytes group_id;

 private:
  static Client& zoe_of(World& in) {
    static std::deque<Client> apart;
    apart.push_back({"zoe", need(crypto::SignaturePrivateKey::generate(in.suite().signature, in.random)), {}});
    return apart.back();
  }
};

}  // namespace

TEST_CASE("an untampered tree lets the newcomer in", "[mls]") {
  Scene scene;
  need(scene.join());
}

TEST_CASE("a parent node whose key no leaf vouches for keeps the newcomer out", "[mls][attack]") {
  Scene scene;
  const Bytes key = to_bytes(need(crypto::KemPrivateKey::generate(scene.world.suite().kem, scene.world.random)).public_key().bytes());
  scene.set_parent({9}, [&](ParentNode& parent) { parent.encryption_key = key; });
  scene.refused(scene.join(), "a parent node is not parent-hash valid");
}

TEST_CASE("a forged parent hash keeps the newcomer out", "[mls][attack]") {
  Scene scene;
  scene.set_parent({9}, [](ParentNode& parent) { parent.parent_hash[0] ^= 1; });
  scene.refused(scene.join(), "a parent node is not parent-hash valid");
}

TEST_CASE("wrong unmerged leaves keep the newcomer out", "[mls][attack]") {
  const auto with = [](NodeIndex node, std::vector<LeafIndex> unmerged, const std::string& reason) {
    Scene scene;
    scene.set_parent(node, [&](ParentNode& parent) { parent.unmerged_leaves = unmerged; });
    scene.refused(scene.join(), reason);
  };
  with({9}, {{5}, {4}}, "unmerged leaves are out of order");
  with({9}, {{4}, {4}}, "unmerged leaves are out of order");
  with({9}, {{1}}, "an unmerged leaf is blank or elsewhere");
  with({9}, {{400}}, "an unmerged leaf is blank or elsewhere");
  with({11}, {{4}}, "an unmerged leaf is missing from a parent in between");
}

TEST_CASE("an unmerged leaf that was not new keeps the newcomer out", "[mls][attack]") {
  Scene scene;
  scene.set_parent({9}, [](ParentNode& parent) { parent.unmerged_leaves = {{5}}; });
  REQUIRE_FALSE(scene.join().ok());
}

TEST_CASE("a key that stands in the tree twice keeps the newcomer out", "[mls][attack]") {
  const std::string reason = "a key stands in the tree twice";
  Scene parents;
  parents.set_parent({9}, [&](ParentNode& parent) { parent.encryption_key = to_bytes(parents.tree->encryption_key({13})); });
  parents.refused(parents.join(), reason);
  Scene leaves;
  leaves.set_leaf({4}, [&](LeafNode& leaf) { leaf.encryption_key = to_bytes(leaves.tree->leaf({5})->encryption_key()); });
  leaves.refused(leaves.join(), reason);
  Scene signatures;
  LeafNode leaf = signatures.tree->leaf({4})->parsed();
  need(leaf.sign(signatures.world.clients[5].signer, signatures.group_id, {4}));
  signatures.tree->set_leaf({4}, TreeLeaf(leaf));
  signatures.refused(signatures.join(), reason);
}

TEST_CASE("a leaf with a wrong signature keeps the newcomer out and is named", "[mls][attack]") {
  Scene scene(false);
  LeafNode leaf = scene.tree->leaf({6})->parsed();
  leaf.signature[0] ^= 1;
  scene.tree->set_leaf({6}, TreeLeaf(leaf));
  const auto joined = scene.join();
  REQUIRE_FALSE(joined.ok());
  CHECK(joined.error().code == ErrorCode::not_authentic);
  CHECK(joined.error().participant == 6);
}

TEST_CASE("a member that cannot do what the group needs keeps the newcomer out", "[mls][attack]") {
  Scene scene;
  scene.set_leaf({7}, [](LeafNode& leaf) { leaf.capabilities.credentials = {CredentialType::x509}; });
  scene.refused(scene.join(), "a member does not support a credential type in use");
}

TEST_CASE("a group info that is not what its signer's group is keeps the newcomer out", "[mls][attack]") {
  Scene scene;
  scene.refused(scene.join({}, [](GroupInfo& info) { info.signature[0] ^= 1; }), "the signature of a group info does not verify");
  scene.refused(scene.join([](GroupInfo& info) { info.signer = {5}; }), "the signature of a group info does not verify");
  scene.refused(scene.join([](GroupInfo& info) { info.signer = {400}; }), "the signer of a group info is a blank leaf");
  scene.refused(scene.join([](GroupInfo& info) { info.group_context.tree_hash[0] ^= 1; }), "the tree is not the one of the group info");
  scene.refused(scene.join([](GroupInfo& info) { info.confirmation_tag[0] ^= 1; }), "the confirmation tag of a Welcome does not verify");
  scene.refused(scene.join([](GroupInfo& info) { info.confirmation_tag.resize(4); }), "the confirmation tag of a Welcome does not verify");
  scene.refused(scene.join([](GroupInfo& info) { info.group_context.cipher_suite = crypto::SuiteId::x25519_chacha20poly1305_sha256_ed25519; }),
                "the group info is of another version or suite");
}

TEST_CASE("a tree without the newcomer's leaf keeps it out", "[mls][attack]") {
  Scene scene;
  scene.tree->remove({2});
  REQUIRE_FALSE(scene.join().ok());
}

TEST_CASE("a ratchet tree with nodes out of place, blank at its end, or empty does not read", "[mls][attack]") {
  Scene scene;
  const auto reads = [&](const Bytes& content) {
    return RatchetTree::read(scene.world.suite(), wire::encode(wire::Opaque{content}), scene.world.random).ok();
  };
  const Bytes leaf = to_bytes(scene.tree->leaf({0})->encoded());
  const auto node = [](std::uint8_t type, const Bytes& body) { return wire::encode(std::uint8_t{1}, type, wire::Raw{body}); };
  CHECK(reads(node(1, leaf)));
  CHECK_FALSE(reads(node(2, to_bytes(scene.tree->parent({1})->encoded()))));
  CHECK_FALSE(reads(wire::encode(wire::Raw{node(1, leaf)}, std::uint8_t{0})));
  CHECK_FALSE(reads(wire::encode(wire::Raw{node(1, leaf)}, wire::Raw{node(1, leaf)})));
  CHECK_FALSE(reads({}));
}
