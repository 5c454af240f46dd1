// What outlives a call: identities, contacts, and invitations by name.
#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "conference/quiet_room.h"
#include "conclave/text.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<const Identity> identity_number(std::uint8_t number) {
  return std::make_shared<const Identity>(std::move(*Identity::from_seed(Bytes(32, number))));
}

/// Ada with her contacts meets somebody called `name` with this key; her contacts afterwards, and what she was told.
struct Encounter {
  Recognition at_door;
  std::optional<Recognition> in_room;
  ContactBook contacts;
};
Encounter meet(const ContactBook& contacts, const std::string& name, std::uint8_t key, bool verify = false) {
  SimulationConfig config = quiet_room();
  config.prepare = [&](const std::string& who, ConferenceConfig& brings) {
    brings.identity = identity_number(who == "Ada" ? 1 : key);
    if (who == "Ada") brings.contacts = contacts;
  };
  CallSimulation call(config);
  REQUIRE(call.run_until([&] { return call.host().in_room; }, 10s));
  call.add_guest(name);
  REQUIRE(call.run_until([&] { return call.guest().in_room && !call.host().joined.empty(); }, 10s));
  for (const RosterEntry& entry : call.host().conference->report().roster) {
    if (verify && !entry.self) call.tell(call.host(), RoomCommand(RememberMember{entry.member, true}));
  }
  CHECK(call.host().refusals.empty());
  call.tell(call.host(), LeaveConference{});
  Encounter encounter;
  encounter.at_door = call.host().knocks[0].recognition;
  if (!call.host().contacts.empty()) encounter.in_room = call.host().contacts[0].recognition;
  REQUIRE(call.host().conference->report().contacts);
  encounter.contacts = *call.host().conference->report().contacts;
  return encounter;
}

/// A room of Ada's, and an invitation of hers.
struct Invited {
  explicit Invited(std::chrono::seconds valid_for = 1h) : call(config()) {
    REQUIRE(call.run_until([&] { return call.host().in_room; }, 10s));
    call.tell(call.host(), RoomCommand(ChangeEntry{Entry::invited}));
    call.tell(call.host(), RoomCommand(InviteGuest{"Bob", valid_for, {}}));
    REQUIRE(call.host().invitations.size() == 1);
    link = call.host().invitations[0].link;
    call.run_for(1s);
  }
  static SimulationConfig config() { return quiet_room(); }
  bool enters(const std::string& name, const Link& with) {
    Party& guest = call.add_guest(name, with);
    return call.run_until([&] { return guest.in_room || guest.ended; }, 10s) && guest.in_room;
  }
  CallSimulation call;
  Link link;
};

}  // namespace

TEST_CASE("who brings an identity has it in every room: the link pins the founder's", "[conference]") {
  SimulationConfig config = quiet_room();
  config.prepare = [](const std::string&, ConferenceConfig& brings) { brings.identity = identity_number(7); };
  CallSimulation call(config);
  CHECK(call.host().conference->link().founder_hash == identity_number(7)->hash());
}

TEST_CASE("who was met is known again, and a known name with another key is told at the door and in the room", "[conference][attack]") {
  const Encounter first = meet({}, "Bob", 2);
  CHECK(first.at_door.acquaintance == Acquaintance::stranger);
  CHECK_FALSE(first.in_room);
  const ContactBook kept = *ContactBook::parse(first.contacts.serialise());
  CHECK(kept.size() == 1);

  const Encounter again = meet(kept, "Bob", 2);
  CHECK(again.at_door.acquaintance == Acquaintance::known);
  REQUIRE(again.in_room);
  CHECK(again.in_room->acquaintance == Acquaintance::known);

  const Encounter renamed = meet(kept, "Robert", 2);
  CHECK(renamed.at_door.acquaintance == Acquaintance::renamed);
  CHECK(renamed.at_door.known_as == "Bob");

  for (const char* name : {"Bob", "B\xD0\xBE" "b"}) {  // the second one with a Cyrillic o
    const Encounter impostor = meet(kept, name, 3);
    CHECK(impostor.at_door.acquaintance == Acquaintance::key_changed);
    REQUIRE(impostor.in_room);
    CHECK(impostor.in_room->acquaintance == Acquaintance::key_changed);
    CHECK(impostor.in_room->known_as == "Bob");
    CHECK(impostor.contacts.size() == 1);  // nobody becomes known by having borrowed a name
  }
}

TEST_CASE("who was verified is known as verified, under the same key alone", "[conference]") {
  const ContactBook kept = meet({}, "Bob", 2, true).contacts;
  CHECK(meet(kept, "Bob", 2).at_door.verified);
  CHECK_FALSE(meet(kept, "Bob", 3).at_door.verified);
}

TEST_CASE("who was merely in a room of ours is told from others of that name, and is no acquaintance at the door", "[conference][attack]") {
  const ContactBook met = meet({}, "Bob", 2).contacts;
  CHECK_FALSE(meet(met, "Bob", 2).at_door.remembered);
  ContactBook known = met;
  REQUIRE(known.remember(identity_number(2)->public_key(), "Bob", false).ok());
  CHECK(meet(known, "Bob", 2).at_door.remembered);
}

TEST_CASE("who is thrown out is forgotten, unless a person remembered it, and who leaves is not", "[conference][attack]") {
  const int ending = GENERATE(0, 1, 2);  // leaves, is thrown out, is thrown out although remembered
  CAPTURE(ending);
  SimulationConfig config = quiet_room();
  config.prepare = [&](const std::string& who, ConferenceConfig& brings) {
    brings.identity = identity_number(who == "Ada" ? 1 : 2);
    if (who == "Ada") brings.contacts.emplace();
  };
  CallSimulation call(config);
  REQUIRE(call.run_until([&] { return call.host().in_room; }, 10s));
  call.add_guest("Bob");
  REQUIRE(call.run_until([&] { return call.guest().in_room && !call.host().joined.empty(); }, 10s));
  call.run_for(2s);
  MemberId bob = 0;
  for (const RosterEntry& entry : call.host().conference->report().roster) bob = entry.self ? bob : entry.member;
  if (ending == 2) call.tell(call.host(), RoomCommand(RememberMember{bob, false}));
  if (ending == 0) call.tell(call.guest(), LeaveConference{});
  else call.tell(call.host(), RoomCommand(BanMember{bob}));
  REQUIRE(call.run_until([&] { return !call.host().left.empty(); }, 20s));
  call.tell(call.host(), LeaveConference{});
  const auto kept = call.host().conference->report().contacts;
  REQUIRE(kept);
  CHECK(kept->size() == (ending == 1 ? 0U : 1U));
}

TEST_CASE("a personal invitation lets one person in, and the host sees to whom it was given", "[conference][sim][attack]") {
  Invited room;
  CHECK(room.enters("Bobby", room.link));
  CHECK(room.call.host().knocks.back().invited_as == "Bob");
  CHECK_FALSE(room.enters("Mallory", room.link));                       // passed on
  CHECK_FALSE(room.enters("Stranger", room.call.host().conference->link()));  // the link for all: this room is for the invited
  CHECK(room.call.host().conference->report().roster.size() == 2);
}

TEST_CASE("an invitation that was taken back or is over lets nobody in", "[conference][sim][attack]") {
  if (GENERATE(false, true)) {
    Invited revoked;
    revoked.call.tell(revoked.call.host(), RoomCommand(RevokeInvitation{1}));
    revoked.call.run_for(1s);
    CHECK_FALSE(revoked.enters("Bob", revoked.link));
    revoked.call.tell(revoked.call.host(), RoomCommand(RevokeInvitation{1}));
    REQUIRE(revoked.call.host().refusals.size() == 1);
    CHECK(revoked.call.host().refusals[0].error.code == ErrorCode::invalid_argument);
  } else {
    Invited expired(30s);
    expired.call.run_for(35s);
    CHECK_FALSE(expired.enters("Bob", expired.link));
  }
}

TEST_CASE("a guest invites nobody, and an invitation needs a name and an end", "[conference][attack]") {
  Invited room;
  REQUIRE(room.enters("Bob", room.link));
  Party& bob = room.call.guest();
  room.call.tell(bob, RoomCommand(InviteGuest{"Eve", 1h, {}}));
  REQUIRE(bob.refusals.size() == 1);
  CHECK(bob.refusals[0].error.code == ErrorCode::not_permitted);
  for (const InviteGuest& wrong : {InviteGuest{"", 1h, {}}, InviteGuest{"Eve", 0s, {}}, InviteGuest{"Eve", 10'000h, {}}, InviteGuest{std::string(129, 'e'), 1h, {}}}) {
    room.call.tell(room.call.host(), RoomCommand(wrong));
    CHECK(room.call.host().refusals.back().error.code == ErrorCode::invalid_argument);
  }
  CHECK(room.call.host().invitations.size() == 1);
}
