#include "room/judge.h"

#include "policy_fixture.h"

using namespace conclave;
using namespace conclave::room;
using test::person;
using Room = test::PolicyRoom;

TEST_CASE("whoever has a seat may renew its keys", "[room]") {
  const Room room;
  for (const Seat& seat : room.roster) CHECK(room.allows(Room::by(seat.id)));
  CHECK(room.refuses(Room::by(Room::stranger)));
}

TEST_CASE("who has the right admits, and nobody else", "[room][attack]") {
  const Room room;
  for (const std::uint32_t id : {Room::owner, Room::moderator}) CHECK(room.allows(Room::adding(id, 9)));
  for (const std::uint32_t id : {Room::speaker, Room::listener, Room::stranger}) CHECK(room.refuses(Room::adding(id, 9)));
}

TEST_CASE("nobody is admitted into a locked or a full room", "[room][attack]") {
  Room room;
  room.policy.locked = 1;
  CHECK(room.refuses(Room::adding(Room::owner, 9)));
  auto unlocking = room.changing(Room::owner, [](RoomPolicy& p) { p.locked = 0; });
  CHECK(room.allows(unlocking));
  unlocking.added = Room::adding(Room::owner, 9).added;
  CHECK(room.refuses(unlocking));
  room.policy.locked = 0;
  room.policy.max_members = 6;
  CHECK(room.refuses(Room::adding(Room::owner, 9)));
}

TEST_CASE("a commit from outside, over others' proposals, or on the group itself is refused whoever made it", "[room][attack]") {
  const Room room;
  for (bool CommitDescription::*flag : {&CommitDescription::from_outside, &CommitDescription::covers_others, &CommitDescription::changes_group}) {
    CommitDescription commit = Room::by(Room::owner);
    commit.*flag = true;
    CHECK(room.refuses(commit));
  }
}

TEST_CASE("removal goes downwards", "[room][attack]") {
  const Room room;
  CHECK(room.allows(Room::removing(Room::owner, Room::moderator)));
  CHECK(room.allows(Room::removing(Room::moderator, Room::speaker)));
  CHECK(room.refuses(Room::removing(Room::moderator, Room::colleague)));
  CHECK(room.refuses(Room::removing(Room::moderator, Room::owner)));
  CHECK(room.refuses(Room::removing(Room::speaker, Room::listener)));
  CHECK(room.refuses(Room::removing(Room::listener, Room::audience)));
  CHECK(room.refuses(Room::removing(Room::owner, Room::stranger)));
}

TEST_CASE("a listener cannot change a role, its own least of all", "[room][attack]") {
  const Room room;
  for (const std::uint8_t who : {std::uint8_t{5}, std::uint8_t{6}}) {
    CHECK(room.refuses(room.changing(Room::listener, [&](RoomPolicy& p) { p.put({person(who), Role::speaker, 0, 0}); })));
    CHECK(room.refuses(room.changing(Room::listener, [&](RoomPolicy& p) { p.put({person(who), Role::owner, 0, 0}); })));
    CHECK(room.refuses(room.changing(Room::listener, [&](RoomPolicy& p) { p.put({person(who), Role::listener, Rights(Right::publish_screen).bits(), 0}); })));
  }
}

TEST_CASE("a moderator gives the floor and takes it, but makes no moderators and touches none", "[room][attack]") {
  const Room room;
  CHECK(room.allows(room.changing(Room::moderator, [](RoomPolicy& p) { p.put({person(5), Role::speaker, 0, 0}); })));
  CHECK(room.allows(room.changing(Room::moderator, [](RoomPolicy& p) { p.put({person(4), Role::speaker, 0, publishing_rights.bits()}); })));
  CHECK(room.allows(room.changing(Room::moderator, [](RoomPolicy& p) { p.erase_grant(person(4)); })));
  CHECK(room.refuses(room.changing(Room::moderator, [](RoomPolicy& p) { p.put({person(5), Role::moderator, 0, 0}); })));
  CHECK(room.refuses(room.changing(Room::moderator, [](RoomPolicy& p) { p.put({person(2), Role::owner, 0, 0}); })));
  CHECK(room.refuses(room.changing(Room::moderator, [](RoomPolicy& p) { p.erase_grant(person(3)); })));
  CHECK(room.refuses(room.changing(Room::moderator, [](RoomPolicy& p) { p.put({person(1), Role::moderator, 0, 0}); p.put({person(2), Role::owner, 0, 0}); })));
}

TEST_CASE("nobody frees itself of what was taken, and everybody may give up what it has", "[room][attack]") {
  Room room;
  room.policy.put({person(4), Role::speaker, 0, Rights(Right::publish_audio).bits()});
  CHECK(room.refuses(room.changing(Room::speaker, [](RoomPolicy& p) { p.put({person(4), Role::speaker, 0, 0}); })));
  CHECK(room.allows(room.changing(Room::speaker, [](RoomPolicy& p) { p.erase_grant(person(4)); })));
  CHECK(room.allows(room.changing(Room::moderator, [](RoomPolicy& p) { p.put({person(2), Role::speaker, 0, 0}); })));
  CHECK(room.refuses(room.changing(Room::owner, [](RoomPolicy& p) { p.erase_grant(person(1)); })));
}

TEST_CASE("a grant of a right that its sender has not got is refused", "[room][attack]") {
  Room room;
  room.policy.put({person(2), Role::moderator, 0, Rights(Right::remove).bits()});
  REQUIRE(room.policy.check().ok());
  CHECK(room.refuses(room.changing(Room::moderator, [](RoomPolicy& p) { p.put({person(5), Role::listener, Rights(Right::remove).bits(), 0}); })));
  CHECK(room.allows(room.changing(Room::moderator, [](RoomPolicy& p) { p.put({person(5), Role::listener, Rights(Right::admit).bits(), 0}); })));
}

TEST_CASE("what the room is belongs to owners", "[room][attack]") {
  const Room room;
  const auto changes = [&](auto change) {
    CHECK(room.allows(room.changing(Room::owner, change)));
    CHECK(room.refuses(room.changing(Room::moderator, change)));
  };
  changes([](RoomPolicy& p) { p.mode = RoomMode::moderated; });
  changes([](RoomPolicy& p) { p.entry = Entry::invited; });
  changes([](RoomPolicy& p) { p.signing = FrameSigning::batched; });
  changes([](RoomPolicy& p) { p.max_members = 10; });
  changes([](RoomPolicy& p) { p.max_publishers = 10; });
  changes([](RoomPolicy& p) { p.heirs = {person(2)}; });
  changes([](RoomPolicy& p) { p.ended = 1; });
}

TEST_CASE("moderators lock, listeners do not", "[room][attack]") {
  const Room room;
  CHECK(room.allows(room.changing(Room::moderator, [](RoomPolicy& p) { p.locked = 1; })));
  CHECK(room.refuses(room.changing(Room::listener, [](RoomPolicy& p) { p.locked = 1; })));
}

TEST_CASE("after the end nobody commits anything", "[room][attack]") {
  Room room;
  room.policy.ended = 1;
  CHECK(room.refuses(Room::by(Room::owner)));
  CHECK(room.refuses(room.changing(Room::owner, [](RoomPolicy& p) { p.ended = 0; })));
}

TEST_CASE("a policy that contradicts itself is refused when it is staged", "[room][attack]") {
  const Room room;
  CHECK(room.refuses(room.changing(Room::owner, [](RoomPolicy& p) { p.default_role = Role::speaker; })));
  CHECK(room.refuses(room.changing(Room::owner, [](RoomPolicy& p) { p.signing = FrameSigning::none; })));
  CHECK(room.refuses(room.changing(Room::owner, [](RoomPolicy& p) { p.max_publishers = 2; })));
}

TEST_CASE("of two commits for one epoch each stands on the policy before it, whoever grants what in the other", "[room][attack]") {
  const Room room;
  const auto granting = room.changing(Room::moderator, [](RoomPolicy& p) { p.put({person(5), Role::speaker, 0, 0}); });
  auto removing = room.changing(Room::owner, [](RoomPolicy& p) { p.ban_identity(person(2)); p.erase_grant(person(2)); });
  removing.removed = {Room::moderator};
  CHECK(room.allows(granting));
  Room after = room;
  after.policy = *room.verdict(removing);
  std::erase_if(after.roster, [](const Seat& seat) { return seat.id == Room::moderator; });
  CHECK(after.refuses(granting));
}
