// Lists of proposals that RFC 9420 section 12.2 forbids, and proposals that are invalid by themselves (12.1).
#include "mls/support/insider.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

struct Scene {
  Scene() : alice(world.founder("alice")), joined(world.add(alice, {"mallory", "bob", "carol"})) {}

  Group& bob() { return joined[1]->in(); }
  Insider insider() { return {joined[0]->in(), world.random}; }

  void refused(const std::vector<Proposal>& proposals, const std::string& reason) { refused_commit(insider().draft(proposals, false), reason); }
  void refused_commit(Commit commit, const std::string& reason) {
    const std::string before = fingerprint(bob());
    const auto staged = bob().stage(insider().send_commit(std::move(commit)), noon);
    REQUIRE_FALSE(staged.ok());
    CHECK(staged.error().detail == reason);
    CHECK(staged.error().participant == 1);
    CHECK(fingerprint(bob()) == before);
  }
  /// The proposal alone is refused on arrival as well.
  void refused_on_arrival(const Proposal& proposal, const std::string& reason) {
    const auto received = bob().receive_proposal(insider().send(ProposalContent{proposal}), noon);
    REQUIRE_FALSE(received.ok());
    CHECK(received.error().detail == reason);
    CHECK(received.error().participant == 1);
    CHECK(bob().proposal_count() == 0);
  }
  void refused_everywhere(const Proposal& proposal, const std::string& reason) {
    refused({proposal}, reason);
    refused_on_arrival(proposal, reason);
  }

  /// A new client's key package, bent before it is signed again.
  template <class Bend>
  Proposal add(Bend bend) {
    Client& client = world.client("eve");
    KeyPackage package = world.bundle(client).key_package;
    bend(package, client);
    return Add{std::make_shared<KeyPackage>(std::move(package))};
  }
  void resign(KeyPackage& package, const Client& client) {
    need(package.leaf_node.sign(client.signer, {}, {}));
    need(package.sign(client.signer));
  }

  World world{3};
  Client& alice;
  std::vector<Client*> joined;
};

const auto as_it_is = [](KeyPackage&, const Client&) {};

}  // namespace

TEST_CASE("a key package that is not sound is not added", "[mls][attack]") {
  Scene scene;
  scene.refused_everywhere(scene.add([](KeyPackage& package, const Client&) { package.signature[3] ^= 1; }), "the signature of a key package does not verify");
  scene.refused_everywhere(scene.add([](KeyPackage& package, const Client& client) {
    package.leaf_node.signature[3] ^= 1;
    need(package.sign(client.signer));
  }), "the signature of a leaf does not verify");
  scene.refused_everywhere(scene.add([&](KeyPackage& package, const Client& client) {
    package.init_key = package.leaf_node.encryption_key;
    scene.resign(package, client);
  }), "a key package uses one key as init and encryption key");
  scene.refused_everywhere(scene.add([&](KeyPackage& package, const Client& client) {
    package.leaf_node.source = UpdatedLeaf{};
    scene.resign(package, client);
  }), "the leaf of a key package has another source");
  scene.refused_everywhere(scene.add([&](KeyPackage& package, const Client& client) {
    package.extensions.set(static_cast<ExtensionType>(0xF123), {1});
    scene.resign(package, client);
  }), "a key package has an extension outside of its capabilities");
  scene.refused_everywhere(scene.add([&](KeyPackage& package, const Client& client) {
    package.leaf_node.extensions.set(static_cast<ExtensionType>(0xF123), {1});
    scene.resign(package, client);
  }), "a leaf has an extension outside of its capabilities");
  scene.refused_everywhere(scene.add([&](KeyPackage& package, const Client& client) {
    package.cipher_suite = crypto::SuiteId::x25519_chacha20poly1305_sha256_ed25519;
    scene.resign(package, client);
  }), "an added key package is for another cipher suite");
  scene.refused_everywhere(scene.add([&](KeyPackage& package, const Client& client) {
    package.version = static_cast<ProtocolVersion>(2);
    scene.resign(package, client);
  }), "an added key package is of another version");
}

TEST_CASE("a key package without the capabilities it needs is not added", "[mls][attack]") {
  Scene scene;
  const auto bent = [&](auto change) {
    return scene.add([&](KeyPackage& package, const Client& client) {
      change(package.leaf_node.capabilities);
      scene.resign(package, client);
    });
  };
  scene.refused_everywhere(bent([](Capabilities& each) { each.versions.clear(); }), "a leaf's capabilities lack the group's version");
  scene.refused_everywhere(bent([](Capabilities& each) { each.cipher_suites.clear(); }), "a leaf's capabilities lack the group's cipher suite");
  scene.refused_everywhere(bent([](Capabilities& each) { each.credentials = {CredentialType::x509}; }), "a leaf's capabilities lack the type of its own credential");
}

TEST_CASE("a key package outside of its lifetime, or with too long a one, is not added", "[mls][attack]") {
  Scene scene;
  const auto lifetime = [&](std::uint64_t from, std::uint64_t to) {
    return scene.add([&](KeyPackage& package, const Client& client) {
      package.leaf_node.source = Lifetime{from, to};
      scene.resign(package, client);
    });
  };
  const std::string expired = "a leaf's lifetime does not include the present";
  const std::string too_long = "a leaf's lifetime is longer than is acceptable";
  scene.refused_everywhere(lifetime(noon.value - 10, noon.value - 1), expired);
  scene.refused_everywhere(lifetime(noon.value + 1, noon.value + 10), expired);
  scene.refused_everywhere(lifetime(0, ~std::uint64_t{0}), too_long);
  scene.refused_everywhere(lifetime(noon.value + 10, noon.value - 10), too_long);
}

TEST_CASE("keys of members are not added a second time", "[mls][attack]") {
  Scene scene;
  const Proposal twice = scene.add(as_it_is);
  scene.refused({twice, twice}, "a signature key stands in the group already");
  scene.refused({scene.add([&](KeyPackage& package, const Client&) { package = scene.world.bundle(*scene.joined[2]).key_package; })},
                "a signature key stands in the group already");
  scene.refused({scene.add([&](KeyPackage& package, const Client& client) {
    package.leaf_node.encryption_key = to_bytes(scene.bob().tree().leaf({2})->encryption_key());
    scene.resign(package, client);
  })}, "an encryption key stands in the group already");
}

TEST_CASE("a committer neither removes itself nor a leaf twice nor a blank one", "[mls][attack]") {
  Scene scene;
  scene.refused({Remove{{1}}}, "a commit updates or removes its committer");
  scene.refused({Remove{{3}}, Remove{{3}}}, "a commit updates or removes a leaf twice");
  scene.refused_everywhere(Remove{{77}}, "a removal names a blank leaf");
}

TEST_CASE("updates are checked like leaves, and never come from the committer", "[mls][attack]") {
  Scene scene;
  Insider mallory = scene.insider();
  LeafNode leaf = scene.bob().tree().leaf({1})->parsed();
  leaf.source = UpdatedLeaf{};
  mallory.sign_leaf(leaf);
  scene.refused_on_arrival(Update{std::make_shared<LeafNode>(leaf)}, "an update keeps its encryption key");
  leaf.encryption_key = to_bytes(need(crypto::KemPrivateKey::generate(scene.world.suite().kem, scene.world.random)).public_key().bytes());
  mallory.sign_leaf(leaf);
  scene.refused({Update{std::make_shared<LeafNode>(leaf)}}, "a commit updates or removes its committer");
  leaf.source = Lifetime{0, ~std::uint64_t{0}};
  mallory.sign_leaf(leaf);
  scene.refused_on_arrival(Update{std::make_shared<LeafNode>(leaf)}, "the leaf of an update has another source");
  leaf.source = UpdatedLeaf{};
  need(leaf.sign(mallory.signer(), scene.bob().group_id(), {2}));
  scene.refused_on_arrival(Update{std::make_shared<LeafNode>(leaf)}, "the signature of a leaf does not verify");
}

TEST_CASE("PSKs with a wrong nonce, a wrong usage, or named twice are refused", "[mls][attack]") {
  Scene scene;
  const auto psk = [](ResumptionPskUsage usage, std::size_t nonce) { return PreSharedKey{{ResumptionPskId{usage, {1}, 1}, Bytes(nonce, 1)}}; };
  scene.refused_everywhere(psk(ResumptionPskUsage::application, 31), "the nonce of a PSK has the wrong size");
  scene.refused_everywhere(psk(ResumptionPskUsage::reinit, 32), "a reinit PSK is used outside of a reinitialization");
  scene.refused_everywhere(psk(ResumptionPskUsage::branch, 32), "a branch PSK is used outside of a branching");
  scene.refused({psk(ResumptionPskUsage::application, 32), psk(ResumptionPskUsage::application, 32)}, "a commit names a PSK twice");
  scene.refused({psk(ResumptionPskUsage::application, 32)}, "a pre-shared key is not at hand");
}

TEST_CASE("a reinitialization stands alone and lowers no version", "[mls][attack]") {
  Scene scene;
  const ReInit reinit{{9}, ProtocolVersion::mls10, scene.world.suite().id, {}};
  scene.refused({reinit, Remove{{3}}}, "a reinitialization stands beside other proposals");
  scene.refused({reinit, reinit}, "a reinitialization stands beside other proposals");
  ReInit lower = reinit;
  lower.version = static_cast<ProtocolVersion>(0);
  scene.refused_everywhere(lower, "a reinitialization lowers the version");
}

TEST_CASE("an external init of a member, and two changes of extensions, are refused", "[mls][attack]") {
  Scene scene;
  scene.refused_everywhere(ExternalInit{Bytes(32, 1)}, "an external init stands outside of an external commit");
  scene.refused({GroupContextExtensions{}, GroupContextExtensions{}}, "a commit changes the group's extensions twice");
}

TEST_CASE("extensions that not everybody supports are refused", "[mls][attack]") {
  Scene scene;
  Extensions unknown;
  unknown.set(static_cast<ExtensionType>(0xF00D), {1});
  scene.refused_commit(scene.insider().draft({GroupContextExtensions{unknown}}), "a member does not support an extension of the group");
  Extensions required;
  required.set(RequiredCapabilities{{}, {static_cast<ProposalType>(0xF00D)}, {}});
  scene.refused_commit(scene.insider().draft({GroupContextExtensions{required}}), "a member lacks a required capability");
  Extensions broken;
  broken.set(ExtensionType::required_capabilities, {7});
  scene.refused_on_arrival(GroupContextExtensions{broken}, "a vector is longer than what contains it");
}

TEST_CASE("a reference to a proposal that never came is refused", "[mls][attack]") {
  Scene scene;
  Commit commit = scene.insider().draft({});
  ProposalRef reference;
  reference.hash = crypto::Digest(32);
  commit.proposals.emplace_back(reference);
  scene.refused_commit(std::move(commit), "a commit refers to a proposal that never came");
}

TEST_CASE("a proposal of the last epoch is not committed in this one", "[mls][attack]") {
  Scene scene;
  const Bytes proposal = need(scene.joined[2]->in().propose_remove({0}, scene.world.random));
  const auto received = need(scene.bob().receive_proposal(proposal, noon));
  CommitOptions without_proposals;
  without_proposals.with_proposals = false;
  scene.world.commit(scene.alice, {}, std::move(without_proposals));
  CHECK(scene.bob().proposal_count() == 0);
  CHECK(scene.bob().receive_proposal(proposal, noon).error().code == ErrorCode::wrong_epoch);
  Commit commit = scene.insider().draft({});
  commit.proposals.emplace_back(received.reference);
  scene.refused_commit(std::move(commit), "a commit refers to a proposal that never came");
}
