// A group that is saved, killed and restored.
#include "mls/support/insider.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

const Bytes key(32, 0x11);

void reload(World& world, Client& client, std::uint64_t counter) {
  const Bytes sealed = need(client.in().save(key, counter, world.random));
  client.group.reset();
  client.group = need(Group::restore(sealed, key, counter, {}, world.random));
}

}  // namespace

TEST_CASE("a restored group goes on where it was, in every cipher suite", "[mls]") {
  for (const crypto::CipherSuite& suite : crypto::all_suites()) {
    World world(40, suite.id);
    Client& alice = world.founder("alice");
    const auto joined = world.add(alice, {"bob", "carol"});
    const Bytes first = need(alice.in().protect(as_bytes("first"), {}, world.random));
    const Bytes second = need(alice.in().protect(as_bytes("second"), {}, world.random));
    need(joined[0]->in().unprotect(second));
    for (Client& each : world.clients) reload(world, each, 1);
    world.check_agreement();
    CHECK(joined[0]->in().unprotect(second).error().code == ErrorCode::replayed);
    CHECK(equal(need(joined[0]->in().unprotect(first)).plaintext.expose(), as_bytes("first")));
    for (Client& each : world.clients) world.commit(each);
    world.check_agreement();
    for (Client& each : world.clients) reload(world, each, 2);
  }
}

TEST_CASE("a crash between staging and merging, or with a commit or update pending, loses nothing", "[mls]") {
  World world(41);
  Client& alice = world.founder("alice");
  const auto joined = world.add(alice, {"bob", "carol"});
  Client& bob = *joined[0];
  world.deliver_proposal(bob, need(bob.in().propose_update({}, world.random)));
  const PendingCommit pending = need(alice.in().commit({}, {}, noon, world.random));
  need(bob.in().stage(pending.commit, noon));
  for (Client& each : world.clients) reload(world, each, 7);
  CHECK(alice.in().stage(pending.commit, noon).error().code == ErrorCode::invalid_state);
  world.deliver(alice, pending.commit);
  need(alice.in().merge_pending());
  world.check_agreement();
  for (Client& each : world.clients) world.commit(each);
  world.check_agreement();
}

TEST_CASE("a restored group protects nothing before an epoch that a commit or update of its own, made since, began", "[mls][attack]") {
  World world(43);
  Client& alice = world.founder("alice");
  Client& bob = *world.add(alice, {"bob", "carol"})[0];
  world.deliver_proposal(alice, need(alice.in().propose_update({}, world.random)));
  need(alice.in().commit({}, {}, noon, world.random));
  const auto silent = [&] {
    const auto message = alice.in().protect(as_bytes("again"), {}, world.random);
    return !message.ok() && message.error().detail == std::string("a restored group sends nothing before a commit of its own: keys may have been used");
  };
  const auto bob_commits = [&] {
    alice.in().discard_pending();
    world.commit(bob);
  };

  SECTION("not in the epoch it was saved in, nor in those that others began") {
    reload(world, alice, 2);
    CHECK(alice.in().awaits_own_commit());
    CHECK(silent());
    bob_commits();
    CHECK(silent());
  }
  SECTION("not in one that a commit from before the save began") {
    const PendingCommit sent = need(alice.in().commit({}, {}, noon, world.random));
    reload(world, alice, 3);
    world.deliver(alice, sent.commit);
    need(alice.in().merge_pending());
    CHECK(silent());
  }
  SECTION("not in one that an update from before the save began") {
    reload(world, alice, 4);
    bob_commits();
    CHECK(silent());
  }
  SECTION("but after an update of its own") {
    reload(world, alice, 5);
    world.deliver_proposal(alice, need(alice.in().propose_update({}, world.random)));
    bob_commits();
    CHECK_FALSE(silent());
  }
  SECTION("or a commit of its own, which has a path also where none was asked for") {
    reload(world, alice, 6);
    CommitOptions no_path;
    no_path.with_proposals = no_path.force_path = false;
    for (Client& each : world.clients) each.in().psks().add_external({9}, SecretBuffer::copy_of(key));
    world.commit(alice, {alice.in().psk_proposal({9}, world.random)}, std::move(no_path));
    CHECK(alice.in().member(alice.in().own_leaf())->source_type() == LeafNodeSource::commit);
    CHECK_FALSE(alice.in().awaits_own_commit());
    CHECK(equal(need(bob.in().unprotect(need(alice.in().protect(as_bytes("x"), {}, world.random)))).plaintext.expose(), as_bytes("x")));
  }
  world.check_agreement();
}

TEST_CASE("a restored group leaps over handshake keys that it may have used, and is understood", "[mls]") {
  World world(44);
  Client& alice = world.founder("alice");
  Client& bob = *world.add(alice, {"bob"})[0];
  const Bytes before = need(alice.in().save(key, 1, world.random));
  const Bytes sent = need(alice.in().propose_update({}, world.random));
  alice.group = need(Group::restore(before, key, 1, {}, world.random));
  const auto used = [&] { return Insider(alice.in(), world.random).next_generation(RatchetKind::handshake); };
  CHECK(used() == 0);
  const Bytes again = need(alice.in().propose_update({}, world.random));
  const std::uint32_t leapt = used();
  CHECK(leapt > 1);
  CHECK(leapt <= 256);
  need(bob.in().receive_proposal(sent, noon));
  need(bob.in().receive_proposal(again, noon));
  need(alice.in().propose_update({}, world.random));
  CHECK(used() == leapt + 1);

  // Also in the next epoch, as long as none of its own has begun; and never so far that nothing is left.
  alice.in().clear_proposals();
  bob.in().clear_proposals();
  world.commit(bob);
  CHECK(alice.in().awaits_own_commit());
  need(alice.in().propose_update({}, world.random));
  CHECK(used() > 1);
  for (std::uint64_t counter = 2; counter < 30; ++counter) {
    const Bytes again_saved = need(alice.in().save(key, counter, world.random));
    alice.group = need(Group::restore(again_saved, key, counter, {}, world.random));
    need(alice.in().propose_update({}, world.random));
  }
}

TEST_CASE("an old, damaged, cut or foreign state is refused", "[mls][attack]") {
  World world(42);
  Client& alice = world.founder("alice");
  const Bytes sealed = need(alice.in().save(key, 5, world.random));
  const auto code = [&](ByteView bytes, ByteView with, std::uint64_t counter) {
    const auto restored = Group::restore(bytes, with, counter, {}, world.random);
    return restored.ok() ? ErrorCode::internal : restored.error().code;
  };
  CHECK(code(sealed, key, 5) == ErrorCode::internal);
  CHECK(code(sealed, key, 6) == ErrorCode::damaged_state);
  CHECK(code(sealed, Bytes(32, 0x12), 5) == ErrorCode::damaged_state);
  CHECK(code(sealed, Bytes(16, 0x11), 5) == ErrorCode::invalid_argument);
  for (std::size_t size = 0; size < sealed.size(); ++size) CHECK(code(ByteView(sealed).first(size), key, 5) == ErrorCode::damaged_state);
  for (std::size_t byte = 0; byte < sealed.size(); ++byte) {
    Bytes bad = sealed;
    bad[byte] ^= 0x40;
    CHECK(code(bad, key, 5) != ErrorCode::internal);
  }
  Bytes later = sealed;
  later[5] = 2;
  CHECK(code(later, key, 5) == ErrorCode::unsupported);
}
