// Welcomes into trees that were tampered with by the member who sends them (RFC 9420 section 12.4.3.1).
#include "mls/support/forge.h"
#include "mls/support/refusal.h"

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

  ForgedWelcome honest() { return {{0}, world.clients[0].signer, bundle.key_package, {}}; }
  Result<Group> join(const ForgedWelcome& forged) {
    const Bytes welcome = forge_welcome(*tree, group_id, forged, world.random);
    return Group::join({welcome, bundle, {}, nullptr, nullptr, {}}, world.random);
  }
  Result<Group> join(std::function<void(GroupInfo&)> bend_signed = {}, std::function<void(GroupInfo&)> bend_sent = {}) {
    ForgedWelcome forged = honest();
    forged.bend_signed = std::move(bend_signed);
    forged.bend_sent = std::move(bend_sent);
    return join(forged);
  }
  Result<Group> join_with(std::function<void(GroupSecrets&)> bend) {
    ForgedWelcome forged = honest();
    forged.bend_secrets = std::move(bend);
    return join(forged);
  }
  Result<Group> join_by(std::function<void(Welcome&)> bend) {
    ForgedWelcome forged = honest();
    forged.bend_welcome = std::move(bend);
    return join(forged);
  }
  /// Refused for this reason, and laid at the door of whoever signed it.
  void refused(const Result<Group>& joined, const std::string& reason, ErrorCode code = ErrorCode::invalid_message,
               std::optional<std::uint32_t> blamed = 0) {
    check_refusal(joined, {reason, code, blamed});
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
  scene.refused(scene.join(), "a parent node is not parent-hash valid");
}

TEST_CASE("a key of the tree that is no key of the suite keeps the newcomer out", "[mls][attack]") {
  Scene parents;
  parents.set_parent({9}, [](ParentNode& parent) { parent.encryption_key.pop_back(); });
  parents.refused(parents.join(), "not a public key of this KEM", ErrorCode::malformed);
  Scene leaves(false);
  leaves.set_leaf({6}, [](LeafNode& leaf) { leaf.encryption_key.pop_back(); });
  leaves.refused(leaves.join(), "not a public key of this KEM", ErrorCode::malformed, 6);
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
  scene.refused(scene.join(), "the signature of a leaf does not verify", ErrorCode::not_authentic, 6);
}

TEST_CASE("a leaf of the tree that is not sound by itself keeps the newcomer out and is named", "[mls][attack]") {
  const auto with = [](const std::function<void(LeafNode&)>& bend, const std::string& reason) {
    Scene scene(false);
    scene.set_leaf({6}, bend);
    scene.refused(scene.join(), reason, ErrorCode::invalid_message, 6);
  };
  with([](LeafNode& leaf) { leaf.capabilities.versions.clear(); }, "a leaf's capabilities lack the group's version");
  with([](LeafNode& leaf) { leaf.capabilities.cipher_suites.clear(); }, "a leaf's capabilities lack the group's cipher suite");
  with([](LeafNode& leaf) { leaf.extensions.set(static_cast<ExtensionType>(0xF00D), {1}); }, "a leaf has an extension outside of its capabilities");
}

TEST_CASE("a member that cannot do what the group needs keeps the newcomer out", "[mls][attack]") {
  Scene scene;
  const auto with_extensions = [&](ExtensionType type, const Bytes& data) {
    ForgedWelcome forged = scene.honest();
    forged.extensions.set(type, data);
    return scene.join(forged);
  };
  scene.refused(with_extensions(static_cast<ExtensionType>(0xF00D), {1}), "a member does not support an extension of the group");
  const auto requiring = [&](RequiredCapabilities required) { return with_extensions(ExtensionType::required_capabilities, wire::encode(required)); };
  scene.refused(requiring({{static_cast<ExtensionType>(0xF00D)}, {}, {}}), "a member lacks a required capability");
  scene.refused(requiring({{}, {static_cast<ProposalType>(0xF00D)}, {}}), "a member lacks a required capability");
  scene.refused(requiring({{}, {}, {static_cast<CredentialType>(0xF00D)}}), "a member lacks a required capability");
  scene.refused(with_extensions(ExtensionType::required_capabilities, {9}), "a vector is longer than what contains it", ErrorCode::malformed);
  need(requiring({{}, {}, {CredentialType::basic}}));
  scene.set_leaf({7}, [](LeafNode& leaf) { leaf.capabilities.credentials = {CredentialType::x509}; });
  scene.refused(scene.join(), "a member does not support a credential type in use");
}

TEST_CASE("a group info that is not what its signer's group is keeps the newcomer out", "[mls][attack]") {
  Scene scene;
  const auto forged = ErrorCode::not_authentic;
  const std::string signature = "the signature of a group info does not verify";
  const std::string tag = "the confirmation tag of a Welcome does not verify";
  const std::string other = "the group info is of another version or suite";
  scene.refused(scene.join({}, [](GroupInfo& info) { info.signature[0] ^= 1; }), signature, forged);
  scene.refused(scene.join([](GroupInfo& info) { info.signer = {5}; }), signature, forged, 5);
  scene.refused(scene.join([](GroupInfo& info) { info.signer = {400}; }), "the signer of a group info is a blank leaf", ErrorCode::invalid_message, 400);
  scene.refused(scene.join([](GroupInfo& info) { info.group_context.tree_hash[0] ^= 1; }), "the tree is not the one of the group info");
  scene.refused(scene.join([](GroupInfo& info) { info.confirmation_tag[0] ^= 1; }), tag, forged);
  scene.refused(scene.join([](GroupInfo& info) { info.confirmation_tag.resize(4); }), tag, forged);
  scene.refused(scene.join([](GroupInfo& info) { info.confirmation_tag.clear(); }), tag, forged);
  scene.refused(scene.join([](GroupInfo& info) { info.group_context.cipher_suite = crypto::SuiteId{3}; }), other, ErrorCode::invalid_message, {});
  scene.refused(scene.join([](GroupInfo& info) { info.group_context.version = static_cast<ProtocolVersion>(2); }), other, ErrorCode::invalid_message, {});
  need(scene.join([](GroupInfo& info) { info.extensions.set(static_cast<ExtensionType>(0x6A6A), {1}); }));  // what nobody knows is ignored there
}

TEST_CASE("a Welcome that is not for us, or was touched, is refused", "[mls][attack]") {
  Scene scene;
  const std::string not_for_us = "the Welcome is not for this key package";
  scene.refused(scene.join_by([](Welcome& welcome) { welcome.secrets[0].new_member[0] ^= 1; }), not_for_us, ErrorCode::unknown_key, {});
  scene.refused(scene.join_by([](Welcome& welcome) { welcome.secrets.clear(); }), not_for_us, ErrorCode::unknown_key, {});
  scene.refused(scene.join_by([](Welcome& welcome) { welcome.cipher_suite = crypto::SuiteId{3}; }), not_for_us, ErrorCode::unknown_key, {});
  scene.refused(scene.join_by([](Welcome& welcome) { welcome.cipher_suite = static_cast<crypto::SuiteId>(99); }), "the Welcome is of an unknown cipher suite",
                ErrorCode::unsupported, {});
  scene.refused(scene.join_by([](Welcome& welcome) { welcome.encrypted_group_info[9] ^= 1; }), "the HPKE ciphertext does not open", ErrorCode::not_authentic, {});
  scene.refused(scene.join_with([](GroupSecrets& secrets) { secrets.joiner_secret.expose_mutable()[0] ^= 1; }), "the group info of a Welcome does not decrypt",
                ErrorCode::not_authentic, {});
}

TEST_CASE("a Welcome with a PSK that is not at hand is refused", "[mls][attack]") {
  Scene scene;
  PskStore psks;
  psks.add_external({1}, SecretBuffer::copy_of(Bytes(32, 1)));
  ForgedWelcome forged = scene.honest();
  forged.psks = {{ExternalPskId{{1}}, Bytes(32)}};
  forged.psk_secrets = &psks;
  scene.refused(scene.join(forged), "a pre-shared key is not at hand", ErrorCode::unknown_key, {});
  const Bytes welcome = forge_welcome(*scene.tree, scene.group_id, forged, scene.world.random);
  need(Group::join({welcome, scene.bundle, {}, &psks, nullptr, {}}, scene.world.random));
}

TEST_CASE("a Welcome with secrets that do not fit is refused", "[mls][attack]") {
  Scene scene;
  const std::string size = "a secret in a Welcome has the wrong size";
  scene.refused(scene.join_with([](GroupSecrets& secrets) { secrets.joiner_secret = JoinerSecret::copy_of(Bytes(31)); }), size, ErrorCode::malformed, {});
  scene.refused(scene.join_with([](GroupSecrets& secrets) { secrets.path_secret = PathSecret::copy_of(Bytes(33)); }), size, ErrorCode::malformed, {});
  // The newcomer in leaf 2 and the signer in leaf 0 have node 3 in common: blank after the removal, filled by the next commit.
  const auto with_path_secret = [&] { return scene.join_with([](GroupSecrets& secrets) { secrets.path_secret = PathSecret::copy_of(Bytes(32, 1)); }); };
  REQUIRE_FALSE(scene.tree->is_blank({3}));
  scene.refused(with_path_secret(), "a path secret does not give the tree's key");
  Scene fresh(false);
  REQUIRE(fresh.tree->is_blank({3}));
  fresh.refused(fresh.join_with([](GroupSecrets& secrets) { secrets.path_secret = PathSecret::copy_of(Bytes(32, 1)); }),
                "a path secret was given for a blank node");
}

TEST_CASE("a tree without the newcomer's leaf keeps it out", "[mls][attack]") {
  Scene scene(false);
  scene.tree->remove({8});
  scene.tree->truncate();
  scene.refused(scene.join(), "the tree has no leaf of ours");
}

TEST_CASE("a Welcome that its receiver is said to have signed is refused", "[mls][attack]") {
  Scene scene(false);
  ForgedWelcome forged{{8}, scene.zoe.signer, scene.bundle.key_package, {}};
  scene.refused(scene.join(forged), "the Welcome claims to be signed by us", ErrorCode::invalid_message, 8);
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
