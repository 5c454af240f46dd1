// Which keys live how long.
#include "mls/group/tree_validation.h"
#include "mls/support/insider.h"
#include "mls/tree/leaf_validation.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

TEST_CASE("the handshake secrets of an epoch are erased when it is over, also those that were never used", "[mls]") {
  World world(60);
  Client& alice = world.founder("alice");
  Client& bob = *world.add(alice, {"bob", "carol", "dave"})[0];
  const Bytes late = need(bob.in().protect(as_bytes("late"), {}, world.random));
  const Bytes update = need(bob.in().propose_update({}, world.random));
  need(alice.in().receive_proposal(update, noon));  // with it came ratchets to be that are used, beside those that are not
  CommitOptions alone;
  alone.with_proposals = false;
  world.commit(alice, {}, std::move(alone));
  const auto check = [&] {
    Insider alice_inside(alice.in(), world.random);
    for (std::uint32_t leaf = 0; leaf < 4; ++leaf) {
      CHECK(alice_inside.past_ratchet({leaf}, RatchetKind::handshake).empty());
      CHECK_FALSE(alice_inside.past_ratchet({leaf}, RatchetKind::application).empty());
    }
  };
  check();
  const Bytes key(32, 1);
  alice.group = need(Group::restore(need(alice.in().save(key, 1, world.random)), key, 1, {}, world.random));
  check();
  CHECK(equal(need(alice.in().unprotect(late)).plaintext.expose(), as_bytes("late")));
}

TEST_CASE("a sender has as many handshake messages in an epoch as a ratchet is followed, and one", "[mls][attack]") {
  World world(61);
  GroupOptions short_ratchet;
  short_ratchet.ratchet.max_forward = 3;
  Client& alice = world.founder("alice", {}, short_ratchet);
  Client& bob = *world.add(alice, {"bob"}, {}, short_ratchet)[0];
  for (int i = 0; i < 4; ++i) need(bob.in().receive_proposal(need(alice.in().propose_update({}, world.random)), noon));
  const auto one_more = alice.in().propose_update({}, world.random);
  REQUIRE_FALSE(one_more.ok());
  CHECK(one_more.error().code == ErrorCode::limit_exceeded);
  world.commit(bob);
  world.deliver_proposal(alice, need(alice.in().propose_update({}, world.random)));
}

TEST_CASE("exporting is refused after the group's end, and for what no exporter gives", "[mls][attack]") {
  World world(62);
  Client& alice = world.founder("alice");
  Client& bob = *world.add(alice, {"bob"})[0];
  const auto code = [](const Client& of, std::string_view label, std::size_t size) {
    const auto exported = of.group->exporter(label, {}, size);
    return exported.ok() ? ErrorCode::internal : exported.error().code;
  };
  const std::string label(255, 'x');
  CHECK(code(alice, label, 255 * 32) == ErrorCode::internal);
  CHECK(code(alice, label + "x", 32) == ErrorCode::invalid_argument);
  CHECK(code(alice, std::string(100000, 'x'), 32) == ErrorCode::invalid_argument);
  CHECK(code(alice, label, 255 * 32 + 1) == ErrorCode::invalid_argument);
  CHECK(need(alice.in().exporter(label, Bytes(100000, 1), 32)).expose().size() == 32);
  world.commit(alice, {Remove{bob.in().own_leaf()}});
  CHECK(code(bob, "x", 32) == ErrorCode::invalid_state);
  world.commit(alice, {ReInit{{1, 2}, ProtocolVersion::mls10, world.suite().id, {}}});
  CHECK(code(alice, "x", 32) == ErrorCode::invalid_state);
}

TEST_CASE("a successor keeps no key of the group that it came from", "[mls]") {
  World world(63);
  Client& alice = world.founder("alice");
  Client& bob = *world.add(alice, {"bob"})[0];
  world.commit(alice, {ReInit{{1, 2}, ProtocolVersion::mls10, world.suite().id, {}}});
  const KeyPackageBundle bundle = world.bundle(bob);
  Succession succession{alice.signer.clone(), world.profile("alice"), {bundle.key_package}, {}, {}};
  auto successor = need(alice.in().reinitialize(std::move(succession), noon, world.random));
  need(successor.group.merge_pending());
  const Group joined = need(Group::join({*successor.founding.welcome, bundle, {}, nullptr, &bob.in(), {}}, world.random));
  const PreSharedKeyId old{ResumptionPskId{ResumptionPskUsage::reinit, to_bytes(alice.in().group_id()), alice.in().epoch()}, Bytes(32)};
  CHECK(alice.in().psks().find(old).has_value());
  CHECK_FALSE(successor.group.psks().find(old).has_value());
  CHECK_FALSE(joined.psks().find(old).has_value());
  CHECK(equal(joined.epoch_authenticator(), successor.group.epoch_authenticator()));
}

TEST_CASE("more pre-shared keys than 16 bits count are refused before any is used", "[mls][attack]") {
  PskStore store;
  store.add_external({1}, SecretBuffer::copy_of(Bytes(32, 1)));
  const std::vector<PreSharedKeyId> ids(65536, PreSharedKeyId{ExternalPskId{{1}}, Bytes(32)});
  const auto combined = store.combine(crypto::all_suites()[0], ids);
  REQUIRE_FALSE(combined.ok());
  CHECK(combined.error().code == ErrorCode::limit_exceeded);
}

TEST_CASE("a leaf whose lifetime is longer than is acceptable stands in no tree that is joined, nor in one that is founded", "[mls][attack]") {
  World world(64);
  Client& alice = world.founder("alice");
  ClientProfile profile = world.profile("eve");
  profile.lifetime = {0, max_lifetime_seconds + 1};
  const Client& eve = world.client("eve");
  const auto bundle = need(KeyPackageBundle::generate(world.suite(), eve.signer, profile, {}, world.random));
  RatchetTree tree = need(RatchetTree::read(world.suite(), alice.in().ratchet_tree(), world.random));
  tree.add(TreeLeaf(bundle.key_package.leaf_node));
  const auto valid = validate_tree(tree, alice.in().context());
  REQUIRE_FALSE(valid.ok());
  CHECK(valid.error().detail == std::string("a leaf's lifetime is longer than is acceptable"));
  CHECK(valid.error().participant == 1u);
  CHECK(validate_tree(tree, alice.in().context(), {}, false).ok());
  const auto founded = Group::create({world.suite().id, {}, eve.signer.clone(), profile, {}, {}}, world.random);
  REQUIRE_FALSE(founded.ok());
  CHECK(founded.error().code == ErrorCode::invalid_message);
}
