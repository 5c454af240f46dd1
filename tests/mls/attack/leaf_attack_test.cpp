// Leaves and key packages that RFC 9420 sections 7.3 and 10.1 forbid, wherever they come from: Add, Update, Commit.
#include "mls/attack/scene.h"
#include "mls/tree/leaf_validation.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

using List = std::vector<Proposal>;

/// A leaf that is bent in this way is refused as part of an Add, of an Update and of a commit.
void refused_as_any_leaf(Scene& scene, const std::function<void(LeafNode&)>& bend, const std::string& reason, ErrorCode code = ErrorCode::invalid_message) {
  scene.refused_everywhere(scene.add_leaf(bend), reason, code);
  scene.refused_on_arrival(scene.update(bend), reason, code);
  scene.refused(scene.commit_leaf(bend), reason, code);
}

}  // namespace

TEST_CASE("a key package that is not sound is not added", "[mls][attack]") {
  Scene scene;
  const auto forged = ErrorCode::not_authentic;
  scene.refused_everywhere(scene.add([](KeyPackage& package, const Client&) { package.signature[3] ^= 1; }), "the signature of a key package does not verify", forged);
  scene.refused_everywhere(scene.add([](KeyPackage& package, const Client& client) {
    package.leaf_node.signature[3] ^= 1;
    need(package.sign(client.signer));
  }), "the signature of a leaf does not verify", forged);
  scene.refused_everywhere(scene.add([](KeyPackage& package, const Client& client) {
    package.init_key = package.leaf_node.encryption_key;
    Scene::resign(package, client);
  }), "a key package uses one key as init and encryption key");
  scene.refused_everywhere(scene.add([](KeyPackage& package, const Client& client) {
    package.extensions.set(static_cast<ExtensionType>(0xF123), {1});
    Scene::resign(package, client);
  }), "a key package has an extension outside of its capabilities");
  scene.refused_everywhere(scene.add([](KeyPackage& package, const Client& client) {
    package.cipher_suite = crypto::SuiteId::x25519_chacha20poly1305_sha256_ed25519;
    Scene::resign(package, client);
  }), "an added key package is for another cipher suite");
  scene.refused_everywhere(scene.add([](KeyPackage& package, const Client& client) {
    package.version = static_cast<ProtocolVersion>(2);
    Scene::resign(package, client);
  }), "an added key package is of another version");
}

TEST_CASE("keys that are no keys of the suite are refused", "[mls][attack]") {
  Scene scene;
  const std::string reason = "not a public key of this KEM";
  scene.refused_everywhere(scene.add([](KeyPackage& package, const Client& client) {
    package.init_key.pop_back();
    Scene::resign(package, client);
  }), reason, ErrorCode::malformed);
  refused_as_any_leaf(scene, [](LeafNode& leaf) { leaf.encryption_key.pop_back(); }, reason, ErrorCode::malformed);
  scene.refused_everywhere(scene.add([](KeyPackage& package, const Client&) { package.leaf_node.signature_key.pop_back(); }),
                           "not a public key of this signature scheme", ErrorCode::malformed);
  Commit commit = scene.insider().draft({});
  commit.path->nodes[1].encryption_key.pop_back();
  scene.refused(std::move(commit), reason, ErrorCode::malformed);
}

TEST_CASE("a leaf without the capabilities that it needs is refused wherever it comes from", "[mls][attack]") {
  Scene scene;
  const auto with = [](auto change) { return [change](LeafNode& leaf) { change(leaf.capabilities); }; };
  refused_as_any_leaf(scene, with([](Capabilities& each) { each.versions.clear(); }), "a leaf's capabilities lack the group's version");
  refused_as_any_leaf(scene, with([](Capabilities& each) { each.cipher_suites.clear(); }), "a leaf's capabilities lack the group's cipher suite");
  refused_as_any_leaf(scene, with([](Capabilities& each) { each.credentials = {CredentialType::x509}; }), "a leaf's capabilities lack the type of its own credential");
  refused_as_any_leaf(scene, [](LeafNode& leaf) { leaf.extensions.set(static_cast<ExtensionType>(0xF123), {1}); }, "a leaf has an extension outside of its capabilities");
}

TEST_CASE("GREASE, and other types that nobody knows, are ignored where the RFC says so", "[mls]") {
  Scene scene;
  const auto grease = [](LeafNode& leaf) {
    leaf.capabilities.cipher_suites.push_back(static_cast<crypto::SuiteId>(0x1A1A));
    leaf.capabilities.extensions.push_back(static_cast<ExtensionType>(0x2A2A));
    leaf.capabilities.extensions.push_back(static_cast<ExtensionType>(0xF321));
    leaf.capabilities.proposals.push_back(static_cast<ProposalType>(0x3A3A));
    leaf.capabilities.credentials.push_back(static_cast<CredentialType>(0x4A4A));
    leaf.extensions.set(static_cast<ExtensionType>(0x2A2A), {1, 2, 3});
  };
  const Proposal add = scene.add([&](KeyPackage& package, const Client& client) {
    grease(package.leaf_node);
    package.extensions.set(static_cast<ExtensionType>(0xF321), {4});
    Scene::resign(package, client);
  });
  scene.world.commit(scene.alice, {add});
  scene.world.check_agreement();
  LeafNode leaf = scene.mallory().tree().leaf({1})->parsed();
  grease(leaf);
  CommitOptions options;
  options.leaf.capabilities = leaf.capabilities;
  options.leaf.extensions = leaf.extensions;
  scene.world.commit(scene.named("mallory"), {}, std::move(options));
  scene.world.check_agreement();
}

TEST_CASE("a member whose credential type not everybody supports is refused", "[mls][attack]") {
  Scene scene;
  // Eve understands nothing but X.509, which all support, while the others present basic credentials; and the other way round.
  const std::string reason = "a member does not support a credential type in use";
  const auto x509_only = [](LeafNode& leaf) {
    leaf.credential = X509Credential{{{{1, 2, 3}}}};
    leaf.capabilities.credentials = {CredentialType::x509};
  };
  scene.refused(List{scene.add_leaf(x509_only)}, reason);
  Insider mallory = scene.insider();
  mallory.leaf_override = scene.bob().tree().leaf({1})->parsed();
  x509_only(*mallory.leaf_override);
  scene.refused(mallory.draft({}), reason);
  scene.world.commit(scene.named("dave"), {}, [] {
    CommitOptions options;
    options.leaf.capabilities = Capabilities::of_library(crypto::SuiteId{1});
    options.leaf.capabilities->credentials = {CredentialType::basic};
    return options;
  }());
  scene.refused(List{scene.add_leaf([](LeafNode& leaf) { leaf.credential = X509Credential{{{{1, 2, 3}}}}; })}, reason);
}

TEST_CASE("a key package outside of its lifetime, or with too long a one, is not added", "[mls][attack]") {
  Scene scene;
  const auto lifetime = [&](std::uint64_t from, std::uint64_t to) {
    return scene.add_leaf([&](LeafNode& leaf) { leaf.source = Lifetime{from, to}; });
  };
  const std::string expired = "a leaf's lifetime does not include the present";
  const std::string too_long = "a leaf's lifetime is longer than is acceptable";
  for (const Proposal& proposal : {lifetime(noon.value - 10, noon.value - 1), lifetime(noon.value + 1, noon.value + 10)}) {
    scene.refused(std::vector{proposal}, expired, ErrorCode::expired);
    // By reference it waits for what the clock says when it is committed.
    const Bytes message = scene.insider().send(ProposalContent{proposal});
    for (const char* name : {"bob", "carol", "dave"}) {
      const ReceivedProposal received = need(scene.named(name).in().receive_proposal(message, noon));
      REQUIRE(received.objection.has_value());
      CHECK(received.objection->detail == expired);
      CHECK(received.objection->participant == 1u);
    }
    Commit commit = scene.insider().draft({});
    commit.proposals.emplace_back(need(scene.bob().receive_proposal(message, noon)).reference);
    scene.refused(std::move(commit), expired, ErrorCode::expired);
    for (const char* name : {"bob", "carol", "dave"}) scene.named(name).in().clear_proposals();
  }
  scene.refused_everywhere(lifetime(noon.value, noon.value + max_lifetime_seconds + 1), too_long);
  scene.refused_everywhere(lifetime(0, ~std::uint64_t{0}), too_long);
  scene.refused_everywhere(lifetime(noon.value + 10, noon.value - 10), too_long);
}

TEST_CASE("a leaf of another source than its message wants is refused", "[mls][attack]") {
  Scene scene;
  const auto updated = [](LeafNode& leaf) { leaf.source = UpdatedLeaf{}; };
  const auto committed = [](LeafNode& leaf) { leaf.source = CommittedLeaf{Bytes(32, 1)}; };
  const auto packaged = [](LeafNode& leaf) { leaf.source = Lifetime{noon.value - 1, noon.value + 1}; };
  for (const auto& bend : {std::function<void(LeafNode&)>(updated), std::function<void(LeafNode&)>(committed)}) {
    scene.refused_everywhere(scene.add_leaf(bend), "the leaf of a key package has another source");
  }
  scene.refused_on_arrival(scene.update(committed), "the leaf of an update has another source");
  scene.refused_on_arrival(scene.update(packaged), "the leaf of an update has another source");
  scene.refused(scene.commit_leaf(updated), "the parent hash of a committed leaf is wrong");
  scene.refused(scene.commit_leaf(packaged), "the parent hash of a committed leaf is wrong");
}

TEST_CASE("a leaf that was signed for another place or group is refused", "[mls][attack]") {
  Scene scene;
  const std::string reason = "the signature of a leaf does not verify";
  for (const auto& [group_id, place] : {std::pair{to_bytes(scene.bob().group_id()), LeafIndex{2}}, std::pair{Bytes(4, 4), LeafIndex{1}}}) {
    Commit commit = scene.insider().draft({});
    need(commit.path->leaf_node.sign(scene.insider().signer(), group_id, place));
    scene.refused(std::move(commit), reason, ErrorCode::not_authentic);
    LeafNode leaf = *std::get<Update>(scene.update()).leaf_node;
    need(leaf.sign(scene.insider().signer(), group_id, place));
    scene.refused_on_arrival(Update{std::make_shared<LeafNode>(leaf)}, reason, ErrorCode::not_authentic);
  }
}

TEST_CASE("keys of members are not added a second time", "[mls][attack]") {
  Scene scene;
  const Proposal twice = scene.add();
  const Bytes carols_key = to_bytes(scene.bob().tree().leaf({3})->encryption_key());
  const std::string signature = "a signature key stands in the group already";
  const std::string encryption = "an encryption key stands in the group already";
  scene.refused(List{twice, twice}, signature);
  scene.refused(List{scene.add([&](KeyPackage& package, const Client&) { package = scene.world.bundle(scene.named("carol")).key_package; })}, signature);
  scene.refused(List{scene.add_leaf([&](LeafNode& leaf) { leaf.encryption_key = carols_key; })}, encryption);
  scene.refused(List{scene.add_leaf([&](LeafNode& leaf) { leaf.encryption_key = to_bytes(scene.bob().tree().encryption_key(scene.bob().tree().root())); })}, encryption);
}

TEST_CASE("an update keeps neither its own encryption key nor takes another's keys", "[mls][attack]") {
  Scene scene;
  const auto own = [&](LeafNode& leaf) { leaf.encryption_key = to_bytes(scene.bob().tree().leaf({1})->encryption_key()); };
  const auto anothers = [&](LeafNode& leaf) { leaf.encryption_key = to_bytes(scene.bob().tree().leaf({3})->encryption_key()); };
  scene.refused_on_arrival(scene.update(own), "an update keeps its encryption key");

  // Another's key counts when the update is committed: by then the other may be gone.
  const std::string reason = "an encryption key stands in the group already";
  const Bytes message = scene.insider().send(ProposalContent{scene.update(anothers)});
  const ReceivedProposal received = need(scene.bob().receive_proposal(message, noon));
  CHECK(received.objection->detail == reason);
  CHECK(received.objection->participant == 1u);
  Insider carol(scene.named("carol").in(), scene.world.random);
  Commit commit = carol.draft({});
  commit.proposals.emplace_back(received.reference);
  scene.refused(carol.send_commit(commit), reason, ErrorCode::invalid_message, 3);
}
