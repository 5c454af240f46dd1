#include "session/room_group.h"

#include <catch2/catch.hpp>

#include "session/room_of_two.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;
using Fate = session::CommitOutcome::Fate;

TEST_CASE("founder and guest hold the same keys and see the same people", "[session]") {
  RoomOfTwo room;
  CHECK(room.founder.epoch() == room.guest.epoch());
  CHECK(room.founder.epoch_authenticator() == room.guest.epoch_authenticator());
  REQUIRE(room.guest.members().size() == 2);
  CHECK(room.guest.members()[0].display_name == "Ada");
  CHECK(room.guest.members()[1].display_name == "Bob");
  CHECK(room.founder.safety_code()->digits == room.guest.safety_code()->digits);
  CHECK(room.founder.is_founder());
  CHECK_FALSE(room.guest.is_founder());
  CHECK(room.guest.founder() == room.founder.self());
}

TEST_CASE("a message among members is opened once, by members alone, and names its sender", "[session][attack]") {
  RoomOfTwo room;
  const Bytes hello(20, 7);
  const Bytes message = *room.guest.seal_message(hello, room.random);
  Bytes damaged = message;
  damaged[damaged.size() / 2] ^= 1;
  CHECK_FALSE(room.founder.open_message(damaged).ok());
  const auto opened = room.founder.open_message(message);
  REQUIRE(opened.ok());
  CHECK(opened->sender == room.guest.self());
  CHECK(equal(opened->content(), hello));
  CHECK_FALSE(room.founder.open_message(message).ok());
}

TEST_CASE("rotation by either end gives both the next epoch", "[session]") {
  RoomOfTwo room;
  for (int i = 0; i < 6; ++i) {
    session::RoomGroup& who = i % 2 == 0 ? room.founder : room.guest;
    const Bytes before = room.founder.epoch_authenticator();
    const auto commit = who.rotate(RoomOfTwo::wall, room.random);
    REQUIRE(commit.ok());
    CHECK(who.commit_pending());
    CHECK(room.founder.epoch_authenticator() == before);  // not before it is read back
    room.deliver(*commit);
    CHECK(room.founder.epoch_authenticator() == room.guest.epoch_authenticator());
    CHECK(room.founder.epoch_authenticator() != before);
  }
}

TEST_CASE("of two commits for one epoch the first in the log wins at both ends", "[session][attack]") {
  RoomOfTwo room;
  const auto mine = room.founder.rotate(RoomOfTwo::wall, room.random);
  const auto theirs = room.guest.rotate(RoomOfTwo::wall, room.random);
  REQUIRE((mine.ok() && theirs.ok()));
  const auto at_founder = room.founder.handle_commit(theirs->message, RoomOfTwo::wall, room.now);
  CHECK(at_founder.fate == Fate::merged);
  CHECK(at_founder.own_lost);
  CHECK(room.guest.handle_commit(theirs->message, RoomOfTwo::wall, room.now).fate == Fate::own_merged);
  CHECK(room.founder.handle_commit(mine->message, RoomOfTwo::wall, room.now).fate != Fate::own_merged);
  CHECK(room.guest.handle_commit(mine->message, RoomOfTwo::wall, room.now).fate != Fate::merged);
  CHECK(room.founder.epoch_authenticator() == room.guest.epoch_authenticator());
  CHECK_FALSE(room.founder.commit_pending());
}

TEST_CASE("a guest can neither admit nor remove others", "[session][attack]") {
  RoomOfTwo room;
  const auto eve = *room::Identity::generate(room.random);
  const auto joining = *session::PendingSeat::begin(room.config, eve, "Eve", RoomOfTwo::wall, room.random);
  CHECK(room.guest.admit(joining.key_package(), RoomOfTwo::wall, room.random).error().code == ErrorCode::not_permitted);
  CHECK(room.guest.remove(room.founder.self(), RoomOfTwo::wall, room.random).error().code == ErrorCode::not_permitted);
}

TEST_CASE("a removed member is told and cannot follow", "[session][attack]") {
  RoomOfTwo room;
  const auto commit = room.founder.remove(room.guest.self(), RoomOfTwo::wall, room.random);
  REQUIRE(commit.ok());
  const auto outcome = room.guest.handle_commit(commit->message, RoomOfTwo::wall, room.now);
  CHECK(outcome.self_removed);
  CHECK(room.founder.handle_commit(commit->message, RoomOfTwo::wall, room.now).left.size() == 1);
  CHECK(room.founder.members().size() == 1);
  CHECK(room.founder.epoch_authenticator() != room.guest.epoch_authenticator());
  const Bytes later = *room.founder.seal_message(Bytes(4, 1), room.random);
  CHECK_FALSE(room.guest.open_message(later).ok());
}

TEST_CASE("a word of somebody who has left is not taken for one of who has the seat now", "[session][attack]") {
  RoomOfTwo room;
  const Bytes late = *room.guest.seal_message(Bytes(4, 1), room.random);
  const auto removal = *room.founder.remove(room.guest.self(), RoomOfTwo::wall, room.random);
  (void)room.founder.handle_commit(removal.message, RoomOfTwo::wall, room.now);
  const auto cleo_identity = *room::Identity::generate(room.random);
  const session::RoomGroup cleo = room.enter(cleo_identity, "Cleo");
  REQUIRE(cleo.self() == room.guest.self());
  CHECK(room.founder.open_message(late).error().code == ErrorCode::wrong_epoch);
}

TEST_CASE("a key package for another room, or with a credential of somebody else, is refused at the door", "[session][attack]") {
  RoomOfTwo room;
  SessionConfig elsewhere = room.config;
  elsewhere.room_id[0] ^= 1;
  const auto foreign = *session::PendingSeat::begin(elsewhere, room.guest_identity, "Eve", RoomOfTwo::wall, room.random);
  CHECK_FALSE(room.founder.inspect(foreign.key_package(), RoomOfTwo::wall).ok());
  CHECK_FALSE(room.founder.admit(foreign.key_package(), RoomOfTwo::wall, room.random).ok());
  CHECK_FALSE(room.founder.inspect(Bytes(100, 3), RoomOfTwo::wall).ok());
  const auto late = *session::PendingSeat::begin(room.config, room.guest_identity, "Eve", RoomOfTwo::wall, room.random);
  CHECK_FALSE(room.founder.inspect(late.key_package(), UnixSeconds{RoomOfTwo::wall.value + 400ULL * 86'400}).ok());
}

TEST_CASE("one identity has one seat", "[session][attack]") {
  RoomOfTwo room;
  const auto again = *session::PendingSeat::begin(room.config, room.guest_identity, "Bob", RoomOfTwo::wall, room.random);
  CHECK_FALSE(room.founder.admit(again.key_package(), RoomOfTwo::wall, room.random).ok());
  CHECK_FALSE(room.founder.commit_pending());
}

TEST_CASE("a Welcome from anybody but the pinned founder gives no seat", "[session][attack]") {
  RoomOfTwo room;
  const auto mallory = *room::Identity::generate(room.random);
  auto other = *session::RoomGroup::found(room.config, mallory, "Ada", RoomOfTwo::wall, room.random);
  auto joining = *session::PendingSeat::begin(room.config, room.guest_identity, "Bob", RoomOfTwo::wall, room.random);
  const auto commit = *other.admit(joining.key_package(), RoomOfTwo::wall, room.random);
  const auto session = joining.complete(*commit.welcome, room.founder_identity.hash(), RoomOfTwo::wall, room.random);
  REQUIRE_FALSE(session.ok());
  CHECK(session.error().code == ErrorCode::identity_mismatch);
}

TEST_CASE("somebody in the middle shows in the safety code", "[session][attack]") {
  // Mallory sits between: towards the founder as "Bob", towards the guest, who was given Mallory's link, as "Ada".
  crypto::SeededRandom random(3);
  SessionConfig config;
  random.fill(config.room_id);
  const auto ada = *room::Identity::generate(random), bob = *room::Identity::generate(random), mallory = *room::Identity::generate(random);
  const auto pair = [&](const room::Identity& host, const room::Identity& guest) {
    auto founder = *session::RoomGroup::found(config, host, "Ada", RoomOfTwo::wall, random);
    auto joining = *session::PendingSeat::begin(config, guest, "Bob", RoomOfTwo::wall, random);
    const auto commit = *founder.admit(joining.key_package(), RoomOfTwo::wall, random);
    auto session = joining.complete(*commit.welcome, host.hash(), RoomOfTwo::wall, random);
    REQUIRE(session.ok());
    (void)founder.handle_commit(commit.message, RoomOfTwo::wall, Time{});
    CHECK(founder.safety_code()->digits == session->safety_code()->digits);
    CHECK(founder.safety_code()->words == session->safety_code()->words);
    return *founder.safety_code();
  };
  const room::SafetyCode honest = pair(ada, bob);
  const room::SafetyCode at_ada = pair(ada, mallory);
  const room::SafetyCode at_bob = pair(mallory, bob);
  CHECK(at_ada.digits != at_bob.digits);
  CHECK(at_ada.words != at_bob.words);
  CHECK(at_ada.digits != honest.digits);
  CHECK(at_bob.digits != honest.digits);
}

TEST_CASE("a commit that is damaged, foreign or old changes nothing", "[session][attack]") {
  RoomOfTwo room;
  const Bytes before = room.guest.epoch_authenticator();
  const auto commit = *room.founder.rotate(RoomOfTwo::wall, room.random);
  for (std::size_t i = 0; i < commit.message.size(); i += 3) {
    Bytes damaged = commit.message;
    damaged[i] ^= 0x40;
    const auto outcome = room.guest.handle_commit(damaged, RoomOfTwo::wall, room.now);
    CHECK((outcome.fate == Fate::refused || outcome.fate == Fate::stale));
    CHECK(room.guest.epoch_authenticator() == before);
  }
  CHECK(room.guest.handle_commit(Bytes(), RoomOfTwo::wall, room.now).fate == Fate::refused);
  room.deliver(commit);
  CHECK(room.guest.handle_commit(commit.message, RoomOfTwo::wall, room.now).fate == Fate::stale);
  CHECK(room.founder.epoch_authenticator() == room.guest.epoch_authenticator());
}
