// External commits, resync, external senders, new members' proposals, reinitialization and branching.
#include "mls/support/outsider.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

ExternalJoin request_of(World& world, const Client& client, ByteView group_info) {
  ExternalJoin request;
  request.group_info = group_info;
  request.signer = client.signer.clone();
  request.profile = world.profile(client.name);
  return request;
}

Succession succession_of(World& world, const Client& client) {
  Succession out;
  out.signer = client.signer.clone();
  out.profile = world.profile(client.name);
  return out;
}

}  // namespace

TEST_CASE("an outsider joins by an external commit, in every cipher suite", "[mls]") {
  for (const crypto::CipherSuite& suite : crypto::all_suites()) {
    World world(20, suite.id);
    Client& alice = world.founder("alice");
    world.add(alice, {"bob"});
    Client& carol = world.client("carol");
    const Bytes info = need(alice.in().group_info(true));
    auto joined = need(Group::join_external(request_of(world, carol, info), world.random));
    const auto staged = need(alice.in().stage(joined.commit, noon));
    CHECK(staged.summary().external);
    CHECK(staged.summary().committer == LeafIndex{2});
    CHECK(staged.summary().committer_after.has_value());
    world.deliver(carol, joined.commit);
    carol.group = std::move(joined.group);
    world.check_agreement();
    world.commit(carol);
    world.check_agreement();
  }
}

TEST_CASE("a member that lost its state comes back by a resync", "[mls]") {
  World world(21);
  Client& alice = world.founder("alice");
  Client& bob = *world.add(alice, {"bob", "carol"})[0];
  const LeafIndex former = bob.in().own_leaf();
  const Bytes info = need(alice.in().group_info(true));
  CHECK_FALSE(Group::join_external(request_of(world, bob, info), world.random).ok());  // its key is in the group still
  ExternalJoin request = request_of(world, bob, info);
  request.resync = former;
  bob.group.reset();
  auto joined = need(Group::join_external(std::move(request), world.random));
  const auto staged = need(alice.in().stage(joined.commit, noon));
  REQUIRE(staged.summary().removed.size() == 1);
  CHECK(staged.summary().removed[0].leaf == former);
  world.deliver(bob, joined.commit);
  bob.group = std::move(joined.group);
  world.check_agreement();
}

TEST_CASE("external senders propose what they may, when the group lists them", "[mls]") {
  World world(23);
  const auto service = need(crypto::SignaturePrivateKey::generate(world.suite().signature, world.random));
  Extensions extensions;
  extensions.set(ExternalSenders{{{to_bytes(service.public_key().bytes()), BasicCredential{{1}}}}});
  Client& alice = world.founder("alice", extensions);
  Client& bob = *world.add(alice, {"bob"})[0];
  const Bytes removal = from_outside(alice.in(), Remove{bob.in().own_leaf()}, ExternalSenderIndex{0}, service);
  for (Client* each : {&alice, &bob}) need(each->in().receive_proposal(removal, noon));
  world.commit(alice);
  CHECK(bob.in().was_removed());
}

TEST_CASE("a newcomer proposes its own addition", "[mls]") {
  World world(24);
  Client& alice = world.founder("alice");
  Client& bob = *world.add(alice, {"bob"})[0];
  Client& carol = world.client("carol");
  const KeyPackageBundle bundle = world.bundle(carol);
  const Bytes request = from_outside(alice.in(), Add{std::make_shared<KeyPackage>(bundle.key_package)}, NewMemberProposalSender{}, carol.signer);
  for (Client* each : {&alice, &bob}) need(each->in().receive_proposal(request, noon));
  const PendingCommit pending = world.commit(bob);
  carol.group = need(Group::join({*pending.welcome, bundle, {}, nullptr, nullptr, {}}, world.random));
  world.check_agreement();
}

TEST_CASE("a group is reinitialised with another suite, and nobody can speak in the old one", "[mls]") {
  World world(25);
  Client& alice = world.founder("alice");
  Client& bob = *world.add(alice, {"bob"})[0];
  const crypto::SuiteId next = crypto::SuiteId::x25519_chacha20poly1305_sha256_ed25519;
  CHECK(alice.in().reinitialize(succession_of(world, alice), noon, world.random).error().code == ErrorCode::invalid_state);
  world.commit(alice, {ReInit{{5, 5}, ProtocolVersion::mls10, next, {}}});
  CHECK_FALSE(bob.in().is_active());
  CHECK(bob.in().protect({}, {}, world.random).error().code == ErrorCode::invalid_state);

  ClientProfile profile = world.profile("bob");
  profile.capabilities.cipher_suites.push_back(next);
  const crypto::CipherSuite& suite = *crypto::find_suite(static_cast<std::uint16_t>(next));
  const auto bundle = need(KeyPackageBundle::generate(suite, bob.signer, profile, {}, world.random));
  Succession succession = succession_of(world, alice);
  succession.profile.capabilities.cipher_suites.push_back(next);
  succession.members = {bundle.key_package};
  auto successor = need(alice.in().reinitialize(std::move(succession), noon, world.random));
  need(successor.group.merge_pending());
  CHECK_FALSE(Group::join({*successor.founding.welcome, bundle, {}, nullptr, nullptr, {}}, world.random).ok());
  const Group joined = need(Group::join({*successor.founding.welcome, bundle, {}, nullptr, &bob.in(), {}}, world.random));
  CHECK(equal(joined.epoch_authenticator(), successor.group.epoch_authenticator()));
  CHECK(joined.epoch() == 1);
}

TEST_CASE("some members branch off into a group of their own", "[mls]") {
  World world(26);
  Client& alice = world.founder("alice");
  Client& bob = *world.add(alice, {"bob", "carol"})[0];
  const KeyPackageBundle bundle = world.bundle(bob);
  Succession succession = succession_of(world, alice);
  succession.members = {bundle.key_package};
  auto branch = need(alice.in().branch({7, 7}, {}, std::move(succession), noon, world.random));
  need(branch.group.merge_pending());
  const Group joined = need(Group::join({*branch.founding.welcome, bundle, {}, nullptr, &bob.in(), {}}, world.random));
  CHECK(equal(joined.epoch_authenticator(), branch.group.epoch_authenticator()));
  CHECK(bob.in().is_active());
}
