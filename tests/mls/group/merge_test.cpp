// Which staged commits a group takes: its own, once, and of now. Work on what a commit brings is bounded before anything else.
#include "mls/group/commit_changes.h"
#include "mls/support/world.h"
#include "mls/tree/leaf_validation.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

TEST_CASE("a group that we were removed from takes no commit any more", "[mls][attack]") {
  World world(40);
  Client& alice = world.founder("alice");
  const auto joined = world.add(alice, {"bob", "carol", "dave", "erin", "frank"});
  Group& bob = joined[0]->in();
  const auto removal = need(alice.in().commit({Remove{bob.own_leaf()}}, {}, noon, world.random));
  const auto other = need(joined[1]->in().commit({}, {}, noon, world.random));
  StagedCommit removing = need(bob.stage(removal.commit, noon));
  StagedCommit late = need(bob.stage(other.commit, noon));
  CHECK(removing.summary().removes_us);
  need(bob.merge(std::move(removing)));
  const auto refused = bob.merge(std::move(late));
  CHECK(refused.error().code == ErrorCode::invalid_state);
  CHECK(refused.error().detail == "we were removed from the group");
}

TEST_CASE("a group takes no commit that another member or another group staged", "[mls][attack]") {
  World world(41);
  Client& alice = world.founder("alice");
  const auto joined = world.add(alice, {"bob", "carol"});
  const auto commit = need(alice.in().commit({}, {}, noon, world.random));
  StagedCommit of_bob = need(joined[0]->in().stage(commit.commit, noon));
  CHECK(joined[1]->in().merge(std::move(of_bob)).error().code == ErrorCode::invalid_state);

  World elsewhere(42, crypto::SuiteId::p521_aes256gcm_sha512_p521);
  Client& stranger = elsewhere.founder("stranger");
  Client& host = elsewhere.founder("host");
  const auto info = need(stranger.in().group_info(true));
  const auto outsider = need(crypto::SignaturePrivateKey::generate(elsewhere.suite().signature, elsewhere.random));
  ExternalJoin request{info, {}, outsider.clone(), elsewhere.profile("outsider"), {}, {}, {}, {}, {}, {}};
  const auto entered = need(Group::join_external(std::move(request), elsewhere.random));
  StagedCommit of_stranger = need(stranger.in().stage(entered.commit, noon));
  CHECK(host.in().merge(std::move(of_stranger)).error().code == ErrorCode::invalid_state);
}

TEST_CASE("a commit that changes our leaf has a path, also where none was asked for", "[mls]") {
  World world(43);
  Client& alice = world.founder("alice");
  Client& bob = *world.add(alice, {"bob"})[0];
  CommitOptions options;
  options.force_path = false;
  options.leaf.signer = need(crypto::SignaturePrivateKey::generate(world.suite().signature, world.random));
  world.commit(alice, {Add{std::make_shared<KeyPackage>(world.bundle(world.client("carol")).key_package)}}, std::move(options));
  const Bytes message = need(alice.in().protect(as_bytes("signed anew"), {}, world.random));
  CHECK(equal(need(bob.in().unprotect(message)).plaintext.expose(), as_bytes("signed anew")));
}

TEST_CASE("a path longer than any tree is high is refused before its keys are looked at", "[mls][attack]") {
  World world(44);
  Client& alice = world.founder("alice");
  world.add(alice, {"bob"});
  UpdatePath path;
  path.leaf_node.encryption_key = Bytes(32, 1);
  path.nodes.resize(120'000);
  for (std::size_t i = 0; i < path.nodes.size(); ++i) {
    path.nodes[i].encryption_key = Bytes(32, 2);
    for (int octet = 0; octet < 4; ++octet) path.nodes[i].encryption_key[static_cast<std::size_t>(octet)] = static_cast<std::uint8_t>(i >> (8 * octet));
  }
  const auto refused = check_path_keys(alice.in().tree(), path, nullptr);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().detail == "an update path is longer than any tree is high");
}

TEST_CASE("a leaf with every extension that there is costs no quadratic time", "[mls][attack]") {
  Capabilities capabilities;
  capabilities.extensions.assign(1'000'000, static_cast<ExtensionType>(0xFFFF));  // in front of what counts
  Extensions extensions;
  for (std::uint16_t type = 6; type < 8'000; ++type) extensions.set(static_cast<ExtensionType>(type), {});
  CHECK_FALSE(supports_all(capabilities, extensions));
  for (std::uint16_t type = 6; type < 8'000; ++type) capabilities.extensions.push_back(static_cast<ExtensionType>(type));
  CHECK(supports_all(capabilities, extensions));
}
