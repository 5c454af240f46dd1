#include "policy_fixture.h"

using namespace conclave;
using namespace conclave::room;
using test::person;
using Room = test::PolicyRoom;

namespace {

constexpr std::uint8_t invitation = 40;
constexpr std::uint8_t newcomer = 9;

/// The owner admits `who` by the invitation and notes its use by `noted`.
CommitDescription admitting(const Room& room, std::uint8_t who, std::uint8_t noted) {
  CommitDescription commit = room.changing(Room::owner, [&](RoomPolicy& p) { p.bind({person(invitation), person(noted)}); });
  commit.added.push_back({7, person(who), UsedInvitation{person(invitation), person(Room::owner)}});
  return commit;
}

CommitDescription banning(const Room& room, std::uint32_t committer, std::uint8_t who) {
  CommitDescription commit = room.changing(committer, [&](RoomPolicy& p) {
    p.erase_grant(person(who));
    p.ban_identity(person(who));
  });
  commit.removed = {who};
  return commit;
}

}  // namespace

TEST_CASE("a tombstone holds for the identity", "[room][attack]") {
  Room room;
  const auto removal = banning(room, Room::moderator, Room::listener);
  REQUIRE(room.allows(removal));
  room.policy = *room.verdict(removal);
  CHECK(room.refuses(Room::adding(Room::owner, Room::listener)));
  CHECK(room.allows(Room::adding(Room::owner, newcomer)));
}

TEST_CASE("a tombstone holds for the invitation, whoever brings it", "[room][attack]") {
  Room room;
  room.policy.bind({person(invitation), person(Room::listener)});
  room.policy.ban_invitation(person(invitation));
  CHECK(room.refuses(admitting(room, newcomer, newcomer)));
  CHECK(room.refuses(admitting(room, Room::listener, Room::listener)));
}

TEST_CASE("a ban comes with the removal, downwards, and an owner alone pardons", "[room][attack]") {
  Room room;
  auto staying = banning(room, Room::moderator, Room::listener);
  staying.removed.clear();
  CHECK(room.refuses(staying));
  CHECK(room.allows(banning(room, Room::moderator, Room::speaker)));
  CHECK(room.refuses(banning(room, Room::moderator, Room::colleague)));
  CHECK(room.refuses(banning(room, Room::listener, Room::audience)));
  room.policy.ban_identity(person(newcomer));
  const auto pardon = [](RoomPolicy& p) { p.banned_identities.clear(); };
  CHECK(room.refuses(room.changing(Room::moderator, pardon)));
  CHECK(room.allows(room.changing(Room::owner, pardon)));
}

TEST_CASE("a personal invitation lets one person in", "[room][attack]") {
  Room room;
  const auto first = admitting(room, newcomer, newcomer);
  REQUIRE(room.allows(first));
  room.policy = *room.verdict(first);
  CHECK(room.refuses(admitting(room, 10, 10)));
  CHECK(room.refuses(admitting(room, 10, newcomer)));
  CHECK(room.allows(admitting(room, newcomer, newcomer)));
}

TEST_CASE("the use of an invitation is noted, for who used it, and never forgotten", "[room][attack]") {
  Room room;
  CommitDescription silent = Room::adding(Room::owner, newcomer);
  silent.added[0].invitation = UsedInvitation{person(invitation), person(Room::owner)};
  CHECK(room.refuses(silent));
  CHECK(room.refuses(admitting(room, newcomer, 10)));
  CHECK(room.refuses(room.changing(Room::owner, [](RoomPolicy& p) { p.bind({person(invitation), person(newcomer)}); })));
  room.policy.bind({person(invitation), person(newcomer)});
  CHECK(room.refuses(room.changing(Room::owner, [](RoomPolicy& p) { p.bindings.clear(); })));
  CHECK(room.refuses(room.changing(Room::owner, [](RoomPolicy& p) { p.bindings[0].identity = person(10); })));
}

TEST_CASE("an invitation by somebody who may not admit lets nobody in", "[room][attack]") {
  const Room room;
  CommitDescription commit = admitting(room, newcomer, newcomer);
  commit.added[0].invitation->issuer = person(Room::moderator);
  CHECK(room.allows(commit));
  for (const std::uint32_t issuer : {Room::speaker, Room::listener, Room::stranger}) {
    commit.added[0].invitation->issuer = person(static_cast<std::uint8_t>(issuer));
    CHECK(room.refuses(commit));
  }
}

TEST_CASE("where invitations are asked for, nobody comes without", "[room][attack]") {
  Room room;
  room.policy.entry = Entry::invited;
  CHECK(room.refuses(Room::adding(Room::owner, newcomer)));
  CHECK(room.allows(admitting(room, newcomer, newcomer)));
}

TEST_CASE("there is no unsigned heir: while a moderator has a seat, nobody inherits by saying so", "[room][attack]") {
  Room room;
  const auto claim = [&](std::uint32_t who) {
    return room.changing(who, [&](RoomPolicy& p) { p.put({person(static_cast<std::uint8_t>(who)), Role::owner, 0, 0}); });
  };
  room.policy.heirs = {person(Room::speaker), person(Room::listener)};
  CHECK(room.refuses(claim(Room::speaker)));
  std::erase_if(room.roster, [](const Seat& seat) { return seat.id <= Room::colleague; });
  CHECK(room.allows(claim(Room::speaker)));
  CHECK(room.refuses(claim(Room::listener)));
  CHECK(room.refuses(claim(Room::audience)));
  std::erase_if(room.roster, [](const Seat& seat) { return seat.id == Room::speaker; });
  CHECK(room.allows(claim(Room::listener)));
}

TEST_CASE("a quorum of heirs takes over from an owner who vanished, and fewer do not", "[room][attack]") {
  Room room;
  room.policy.heirs = {person(Room::moderator), person(Room::speaker), person(Room::listener)};
  room.policy.quorum = 2;
  auto claim = room.changing(Room::speaker, [](RoomPolicy& p) {
    p.put({person(Room::speaker), Role::owner, 0, 0});
    p.erase_grant(person(Room::owner));
  });
  claim.removed = {Room::owner};
  CHECK(room.refuses(claim));
  claim.endorsers = {person(Room::speaker)};
  CHECK(room.refuses(claim));
  claim.endorsers = {person(Room::audience), person(Room::stranger)};
  CHECK(room.refuses(claim));
  claim.endorsers = {person(Room::listener)};
  CHECK(room.allows(claim));
  room.policy.quorum = 0;
  claim.policy->quorum = 0;
  CHECK(room.refuses(claim));
}
