// What a group does when everybody is honest.
#include "mls/support/world.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

void converse(World& world) {
  for (Client& from : world.clients) {
    if (!from.group || !from.in().is_active()) continue;
    const Bytes message = need(from.in().protect(as_bytes(from.name), as_bytes("topic"), world.random));
    for (Client& to : world.clients) {
      if (&to == &from || !to.group || !to.in().is_active()) continue;
      const ApplicationMessage opened = need(to.in().unprotect(message));
      CHECK(equal(opened.plaintext.expose(), as_bytes(from.name)));
      CHECK(equal(opened.authenticated_data, as_bytes("topic")));
      CHECK(opened.sender == from.in().own_leaf());
    }
  }
}

}  // namespace

TEST_CASE("a group grows, talks, renews its keys and shrinks in every cipher suite", "[mls]") {
  for (const crypto::CipherSuite& suite : crypto::all_suites()) {
    INFO("suite " << static_cast<int>(suite.id));
    World world(7, suite.id);
    Client& alice = world.founder("alice");
    const auto joined = world.add(alice, {"bob", "carol", "dave"});
    converse(world);
    for (Client& each : world.clients) world.commit(each);
    converse(world);
    world.commit(*joined[0], {Remove{joined[2]->in().own_leaf()}});
    CHECK(joined[2]->in().was_removed());
    CHECK(joined[2]->in().protect({}, {}, world.random).error().code == ErrorCode::invalid_state);
    world.check_agreement();
    world.add(*joined[1], {"erin", "frank"});
    converse(world);
    const SecretBuffer exported = need(alice.in().exporter("test", as_bytes("context"), 40));
    CHECK(equal(exported.expose(), need(joined[0]->in().exporter("test", as_bytes("context"), 40)).expose()));
    CHECK_FALSE(equal(exported.expose(), need(alice.in().exporter("other", as_bytes("context"), 40)).expose()));
  }
}

TEST_CASE("proposals by reference are committed by whoever comes first", "[mls]") {
  World world(8);
  Client& alice = world.founder("alice");
  const auto joined = world.add(alice, {"bob", "carol", "dave", "erin"});
  Client& frank = world.client("frank");
  const KeyPackageBundle bundle = world.bundle(frank);
  world.deliver_proposal(*joined[0], need(joined[0]->in().propose_update({}, world.random)));
  world.deliver_proposal(*joined[1], need(joined[1]->in().propose_remove(joined[3]->in().own_leaf(), world.random)));
  world.deliver_proposal(*joined[2], need(joined[2]->in().propose_add(bundle.key_package, noon, world.random)));
  CHECK(alice.in().proposal_count() == 3);
  CHECK(alice.in().protect({}, {}, world.random).error().code == ErrorCode::invalid_state);
  const PendingCommit pending = need(alice.in().commit({}, {}, noon, world.random));
  const CommitSummary& summary = alice.in().pending()->summary();
  CHECK(summary.added.size() == 1);
  CHECK(summary.removed.size() == 1);
  CHECK(summary.updated.size() == 1);
  CHECK(member_of(summary.removed[0].proposer) == joined[1]->in().own_leaf());
  world.deliver(alice, pending.commit);
  need(alice.in().merge_pending());
  frank.group = need(Group::join({*pending.welcome, bundle, {}, nullptr, nullptr, {}}, world.random));
  world.check_agreement();
  CHECK(joined[3]->in().was_removed());
  converse(world);
}

TEST_CASE("a removal outweighs updates, and a later update an earlier one", "[mls]") {
  World world(9);
  Client& alice = world.founder("alice");
  const auto joined = world.add(alice, {"bob", "carol"});
  world.deliver_proposal(*joined[0], need(joined[0]->in().propose_update({}, world.random)));
  world.deliver_proposal(*joined[0], need(joined[0]->in().propose_update({}, world.random)));
  world.deliver_proposal(*joined[1], need(joined[1]->in().propose_update({}, world.random)));
  world.deliver_proposal(*joined[0], need(joined[0]->in().propose_remove(joined[1]->in().own_leaf(), world.random)));
  world.commit(alice);
  CHECK(joined[1]->in().was_removed());
  world.check_agreement();
  world.commit(*joined[0]);
  world.check_agreement();
}

TEST_CASE("of two commits for an epoch one wins, and the other's maker goes on", "[mls]") {
  World world(10);
  Client& alice = world.founder("alice");
  Client& bob = *world.add(alice, {"bob"})[0];
  const auto lost = need(alice.in().commit({}, {}, noon, world.random));
  const auto won = need(bob.in().commit({}, {}, noon, world.random));
  CHECK(alice.in().stage(lost.commit, noon).error().code == ErrorCode::invalid_state);
  need(alice.in().merge(need(alice.in().stage(won.commit, noon))));
  CHECK(alice.in().pending() == nullptr);
  need(bob.in().merge_pending());
  world.check_agreement();
  CHECK(bob.in().stage(lost.commit, noon).error().code == ErrorCode::wrong_epoch);
  CHECK(alice.in().merge_pending().error().code == ErrorCode::invalid_state);
}

TEST_CASE("a commit staged twice is merged once", "[mls]") {
  World world(11);
  Client& alice = world.founder("alice");
  Client& bob = *world.add(alice, {"bob"})[0];
  const auto commit = need(alice.in().commit({}, {}, noon, world.random));
  StagedCommit first = need(bob.in().stage(commit.commit, noon));
  StagedCommit second = need(bob.in().stage(commit.commit, noon));
  CHECK(equal(first.epoch_authenticator(), second.epoch_authenticator()));
  need(bob.in().merge(std::move(first)));
  CHECK(bob.in().merge(std::move(second)).error().code == ErrorCode::invalid_state);
}

TEST_CASE("messages of a past epoch open as long as it is kept, under the keys of that time", "[mls]") {
  World world(12);
  Client& alice = world.founder("alice");
  const auto joined = world.add(alice, {"bob", "carol"});
  const Bytes late = need(joined[0]->in().protect(as_bytes("late"), {}, world.random));
  const Bytes later = need(joined[0]->in().protect(as_bytes("later"), {}, world.random));
  world.commit(alice, {Remove{joined[0]->in().own_leaf()}});
  CHECK(equal(need(alice.in().unprotect(late)).plaintext.expose(), as_bytes("late")));
  CHECK(alice.in().unprotect(late).error().code == ErrorCode::replayed);
  world.commit(alice);
  world.commit(alice);
  CHECK(alice.in().unprotect(later).error().code == ErrorCode::wrong_epoch);
}

TEST_CASE("a member changes its credential and its signature key", "[mls]") {
  World world(13);
  Client& alice = world.founder("alice");
  const auto joined = world.add(alice, {"bob", "carol"});
  LeafChange change;
  change.signer = need(crypto::SignaturePrivateKey::generate(world.suite().signature, world.random));
  change.credential = BasicCredential{to_bytes(as_bytes("alice the second"))};
  CommitOptions options;
  options.leaf = std::move(change);
  world.commit(alice, {}, std::move(options));
  world.check_agreement();
  LeafChange update;
  update.signer = need(crypto::SignaturePrivateKey::generate(world.suite().signature, world.random));
  world.deliver_proposal(*joined[0], need(joined[0]->in().propose_update(std::move(update), world.random)));
  world.commit(*joined[1]);
  for (Client& each : world.clients) world.commit(each);
  world.check_agreement();
  converse(world);
  CHECK(std::get<BasicCredential>(joined[0]->in().member({0})->credential).identity == to_bytes(as_bytes("alice the second")));
}

TEST_CASE("the group's extensions carry a private-use type that all support", "[mls]") {
  World world(14);
  constexpr auto type = static_cast<ExtensionType>(0xF00D);
  Extensions extensions;
  extensions.set(type, {1, 2, 3});
  Client& alice = world.founder("alice", extensions);
  Client& bob = world.client("bob");
  CHECK_FALSE(alice.in().commit({Add{std::make_shared<KeyPackage>(world.bundle(bob).key_package)}}, {}, noon, world.random).ok());
  ClientProfile profile = world.profile("bob");
  profile.capabilities.extensions.push_back(type);
  const auto bundle = need(KeyPackageBundle::generate(world.suite(), bob.signer, profile, {}, world.random));
  const PendingCommit pending = world.commit(alice, {Add{std::make_shared<KeyPackage>(bundle.key_package)}});
  bob.group = need(Group::join({*pending.welcome, bundle, {}, nullptr, nullptr, {}}, world.random));
  extensions.set(type, {4});
  world.commit(bob, {GroupContextExtensions{extensions}});
  CHECK(equal(*alice.in().extensions().find(type), Bytes{4}));
  world.check_agreement();
}

TEST_CASE("pre-shared keys, external and of past epochs, enter the key schedule", "[mls]") {
  World world(15);
  Client& alice = world.founder("alice");
  Client& bob = *world.add(alice, {"bob"})[0];
  for (Client* each : {&alice, &bob}) each->in().psks().add_external({1}, SecretBuffer::copy_of(Bytes(32, 9)));
  const std::uint64_t epoch = alice.in().epoch();
  world.commit(alice);
  CommitOptions without_path;
  without_path.force_path = false;
  world.commit(alice, {alice.in().psk_proposal({1}, world.random), alice.in().resumption_proposal(epoch, world.random)}, std::move(without_path));
  world.check_agreement();
  CHECK(alice.in().commit({alice.in().psk_proposal({2}, world.random)}, {}, noon, world.random).error().code == ErrorCode::unknown_key);
}

TEST_CASE("a Welcome without the tree needs it from elsewhere", "[mls]") {
  World world(16);
  Client& alice = world.founder("alice");
  Client& bob = world.client("bob");
  const KeyPackageBundle bundle = world.bundle(bob);
  CommitOptions options;
  options.tree_in_welcome = false;
  const PendingCommit pending = world.commit(alice, {Add{std::make_shared<KeyPackage>(bundle.key_package)}}, std::move(options));
  CHECK_FALSE(Group::join({*pending.welcome, bundle, {}, nullptr, nullptr, {}}, world.random).ok());
  const Bytes tree = alice.in().ratchet_tree();
  bob.group = need(Group::join({*pending.welcome, bundle, tree, nullptr, nullptr, {}}, world.random));
  world.check_agreement();
}
