// A malicious member proposes what no commit may cover, so that the commits of others fail.
#include "mls/attack/scene.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

constexpr auto unknown_type = static_cast<ExtensionType>(0xF00D);

Extensions requiring(RequiredCapabilities required) {
  Extensions extensions;
  extensions.set(std::move(required));
  return extensions;
}

/// Mallory proposes `poison` before Carol proposes to add somebody; Alice's commit covers the latter alone, and all follow it.
void check_left_out(Scene& scene, const std::vector<Proposal>& poison) {
  for (const Proposal& each : poison) scene.world.deliver_proposal(scene.named("mallory"), scene.insider().send(ProposalContent{each}));
  const Client eve{"eve", need(crypto::SignaturePrivateKey::generate(scene.world.suite().signature, scene.world.random)), {}};
  Client& carol = scene.named("carol");
  scene.world.deliver_proposal(carol, need(carol.in().propose_add(scene.world.bundle(eve).key_package, noon, scene.world.random)));

  const PendingCommit pending = need(scene.alice.in().commit({}, {}, noon, scene.world.random));
  const CommitSummary summary = scene.alice.in().pending()->summary();
  REQUIRE(summary.added.size() == 1);
  CHECK(equal(summary.added[0].leaf_node.signature_key, eve.signer.public_key().bytes()));
  CHECK(summary.updated.empty());
  CHECK(summary.psks.empty());
  CHECK_FALSE(summary.extensions.has_value());
  scene.world.deliver(scene.alice, pending.commit);
  need(scene.alice.in().merge_pending());
  scene.world.check_agreement();
}

}  // namespace

TEST_CASE("no proposal of a member makes the commits of others fail", "[mls][attack]") {
  Scene scene(true, requiring({{}, {}, {CredentialType::x509}}));
  const auto x509 = [](LeafNode& leaf) { leaf.capabilities.credentials = {CredentialType::x509}; };
  SECTION("an update with another member's key") {
    check_left_out(scene, {scene.update([&](LeafNode& leaf) { leaf.encryption_key = to_bytes(scene.bob().tree().leaf({3})->encryption_key()); })});
  }
  SECTION("an update that cannot do any more what the group requires, or read the others' credentials") {
    check_left_out(scene, {scene.update([](LeafNode& leaf) { leaf.capabilities.credentials = {CredentialType::basic}; })});
    check_left_out(scene, {scene.update([&](LeafNode& leaf) {
      leaf.credential = X509Credential{{{{1}}}};
      x509(leaf);
    })});
  }
  SECTION("extensions that not everybody supports") {
    Extensions extensions;
    extensions.set(unknown_type, {1});
    check_left_out(scene, {GroupContextExtensions{extensions}, GroupContextExtensions{requiring({{unknown_type}, {}, {}})}});
  }
  SECTION("a PSK that nobody has") { check_left_out(scene, {scene.mallory().psk_proposal({1, 2, 3}, scene.world.random)}); }
  SECTION("newcomers with keys of members, and those who cannot do what the group requires") {
    check_left_out(scene, {scene.add_leaf([&](LeafNode& leaf) { leaf.encryption_key = to_bytes(scene.bob().tree().leaf({3})->encryption_key()); }),
                           scene.add([&](KeyPackage& package, const Client&) { package = scene.world.bundle(scene.named("carol")).key_package; }),
                           scene.add_leaf([](LeafNode& leaf) { leaf.capabilities.credentials = {CredentialType::basic}; })});
  }
  SECTION("as many of them as one may propose") {
    std::vector<Proposal> poison;
    for (int i = 0; i < 100; ++i) {
      poison.push_back(scene.add_leaf([](LeafNode& leaf) { leaf.capabilities.credentials = {CredentialType::basic}; }));
      poison.push_back(scene.mallory().psk_proposal({1, static_cast<std::uint8_t>(i)}, scene.world.random));
    }
    check_left_out(scene, poison);
  }
}

TEST_CASE("where proposals fail only together, a commit covers some of them and is valid", "[mls][attack]") {
  Scene scene;
  // Everybody could read X.509 credentials so far; the update takes that back while newcomers come with one.
  const auto receive = [&](const Proposal& proposal) { scene.world.deliver_proposal(scene.named("mallory"), scene.insider().send(ProposalContent{proposal})); };
  receive(scene.update([](LeafNode& leaf) { leaf.capabilities.credentials = {CredentialType::basic}; }));
  for (int i = 0; i < 10; ++i) receive(scene.add_leaf([](LeafNode& leaf) { leaf.credential = X509Credential{{{{1}}}}; }));
  receive(scene.add());
  const PendingCommit pending = need(scene.alice.in().commit({}, {}, noon, scene.world.random));
  need(scene.bob().merge(need(scene.bob().stage(pending.commit, noon))));
  CHECK(scene.bob().member_count() > 5);
}

TEST_CASE("a reinitialization is committed alone, whatever others propose", "[mls][attack]") {
  Scene scene;
  scene.world.deliver_proposal(scene.named("mallory"), scene.insider().send(ProposalContent{scene.add()}));
  scene.world.commit(scene.alice, {ReInit{{1, 2}, ProtocolVersion::mls10, scene.world.suite().id, {}}});
  CHECK(scene.bob().reinitialized_as().has_value());
  CHECK(scene.bob().member_count() == 5);
}

TEST_CASE("what a received proposal lacks to be committed is said when it comes", "[mls][attack]") {
  Scene scene(true, requiring({{}, {}, {CredentialType::x509}}));
  const auto objection = [&](const Proposal& proposal) {
    const auto received = need(scene.bob().receive_proposal(scene.insider().send(ProposalContent{proposal}), noon));
    if (received.objection) CHECK(received.objection->participant == 1u);
    return received.objection ? received.objection->detail : std::string();
  };
  CHECK(objection(scene.add()).empty());
  CHECK(objection(scene.add_leaf([](LeafNode& leaf) { leaf.capabilities.credentials = {CredentialType::basic}; })) == "a member lacks a required capability");
  CHECK(objection(scene.add_leaf([&](LeafNode& leaf) { leaf.encryption_key = to_bytes(scene.bob().tree().leaf({3})->encryption_key()); })) ==
        "an encryption key stands in the group already");
  CHECK(objection(scene.mallory().psk_proposal({1, 2, 3}, scene.world.random)) == "a pre-shared key is not at hand");
  CHECK(objection(GroupContextExtensions{requiring({{unknown_type}, {}, {}})}) == "a member lacks a required capability");
}

TEST_CASE("a sender has so many proposals noted in an epoch and no more, and none of the others' room", "[mls][attack]") {
  Scene scene;
  const auto psk = [&](Group& group) { return group.psk_proposal({1}, scene.world.random); };
  const Refusal too_many{"a sender has proposed too much in one epoch", ErrorCode::limit_exceeded, 1};
  for (int i = 0; i < 256; ++i) need(scene.bob().receive_proposal(scene.insider().send(ProposalContent{psk(scene.mallory())}), noon));
  const Bytes one_more = scene.insider().send(ProposalContent{psk(scene.mallory())});
  check_refused(scene.bob(), [&](Group& group) { return group.receive_proposal(one_more, noon); }, too_many);
  Group& carol = scene.named("carol").in();
  need(scene.bob().receive_proposal(need(carol.propose(psk(carol), noon, scene.world.random)), noon));
  for (int i = 1; i < 256; ++i) need(carol.propose(psk(carol), noon, scene.world.random));
  CHECK(carol.propose(psk(carol), noon, scene.world.random).error().code == ErrorCode::limit_exceeded);
}

TEST_CASE("whoever uses up its tries takes none of the others'", "[mls][attack]") {
  Scene scene;
  const auto x509 = [](LeafNode& leaf) { leaf.credential = X509Credential{{{{1}}}}; };
  // An update that takes X.509 back, and hundreds of newcomers with it: each fails beside the update, and each by itself is fine.
  World& world = scene.world;
  const auto mallory = [&](const Proposal& proposal) { world.deliver_proposal(scene.named("mallory"), scene.insider().send(ProposalContent{proposal})); };
  mallory(scene.update([](LeafNode& leaf) { leaf.capabilities.credentials = {CredentialType::basic}; }));
  for (int i = 0; i < 200; ++i) mallory(scene.add_leaf(x509));
  std::size_t honest = 0;
  for (const char* name : {"carol", "dave"}) {
    Client& who = scene.named(name);
    for (int i = 0; i < 3; ++i, ++honest) {
      const Client guest{name + std::to_string(i), need(crypto::SignaturePrivateKey::generate(world.suite().signature, world.random)), {}};
      world.deliver_proposal(who, need(who.in().propose_add(world.bundle(guest).key_package, noon, world.random)));
    }
  }
  const PendingCommit pending = need(scene.alice.in().commit({}, {}, noon, world.random));
  std::size_t covered = 0;
  for (const auto& added : scene.alice.in().pending()->summary().added) {
    const auto leaf = member_of(added.proposer);
    covered += leaf && *leaf != scene.mallory().own_leaf() ? 1 : 0;
  }
  CHECK(covered == honest);
  need(scene.bob().merge(need(scene.bob().stage(pending.commit, noon))));
}

TEST_CASE("a key package that a member's clock takes for expired is noted, and whoever's clock allows it commits it", "[mls]") {
  World world(10);
  Client& alice = world.founder("alice");
  Client& bob = *world.add(alice, {"bob"})[0];
  const UnixSeconds late{noon.value + 86401};
  const Bytes message = need(alice.in().propose_add(world.bundle(world.client("carol")).key_package, noon, world.random));
  const ReceivedProposal received = need(bob.in().receive_proposal(message, late));
  REQUIRE(received.objection.has_value());
  CHECK(received.objection->code == ErrorCode::expired);
  const PendingCommit pending = need(alice.in().commit({}, {}, noon, world.random));
  CHECK(bob.in().stage(pending.commit, late).error().code == ErrorCode::expired);  // by a clock that is wrong still
  need(bob.in().merge(need(bob.in().stage(pending.commit, noon))));
  need(alice.in().merge_pending());
  CHECK(equal(alice.in().epoch_authenticator(), bob.in().epoch_authenticator()));
}

TEST_CASE("nothing is sent outside of its lifetime, whatever is taken from others", "[mls][attack]") {
  World world(9);
  GroupOptions lenient;
  lenient.check_lifetimes = false;
  Client& alice = world.founder("alice", {}, lenient);
  Client& bob = *world.add(alice, {"bob"}, {}, lenient)[0];
  const KeyPackage package = world.bundle(world.client("carol")).key_package;
  const Add add{std::make_shared<KeyPackage>(package)};
  for (const UnixSeconds when : {UnixSeconds{noon.value + 86401}, UnixSeconds{noon.value - 3601}}) {
    const auto code = [](const auto& result) { return result.ok() ? ErrorCode::internal : result.error().code; };
    CHECK(code(alice.in().propose_add(package, when, world.random)) == ErrorCode::expired);
    CHECK(code(alice.in().propose(add, when, world.random)) == ErrorCode::expired);
    CHECK(code(alice.in().commit({add}, {}, when, world.random)) == ErrorCode::expired);
  }
  // By the time that the proposal is committed it may have expired.
  world.deliver_proposal(alice, need(alice.in().propose_add(package, noon, world.random)));
  need(bob.in().commit({}, {}, UnixSeconds{noon.value + 86401}, world.random));
  CHECK(bob.in().pending()->summary().added.empty());
  need(bob.in().commit({}, {}, noon, world.random));
  CHECK(bob.in().pending()->summary().added.size() == 1);
}
