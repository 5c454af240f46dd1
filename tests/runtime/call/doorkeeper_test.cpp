#include "doorkeeper.h"

#include <catch2/catch.hpp>

#include "room_talk.h"

namespace conclave::call {
namespace {

KnockReceived knock(const std::string& invited_as, Acquaintance acquaintance) { return {1, "Bob", false, invited_as, {acquaintance, false, "Robert", acquaintance == Acquaintance::renamed}}; }

/// What a line becomes; the test fails when it is no command of this kind.
template <class Command>
Command command(const std::string& line) {
  const auto understood = understand(line, {});
  REQUIRE(understood);
  REQUIRE(std::holds_alternative<RoomCommand>(*understood));
  const auto& made = std::get<RoomCommand>(*understood);
  REQUIRE(std::holds_alternative<Command>(made));
  return std::get<Command>(made);
}

bool is_help(const std::string& line) {
  const auto understood = understand(line, {});
  return understood && std::holds_alternative<std::string>(*understood);
}

}  // namespace

TEST_CASE("filters at the door choose who was invited, who is known, and all", "[runtime][call]") {
  const auto stranger = knock("", Acquaintance::stranger), guest = knock("Bob", Acquaintance::stranger), friend_of_ours = knock("", Acquaintance::renamed),
             impostor = knock("", Acquaintance::key_changed);
  CHECK(filter_named("invited\n") == DoorFilter::invited);
  CHECK_FALSE(filter_named("y\n"));
  CHECK_FALSE(filter_named("allow\n"));
  CHECK((concerns(DoorFilter::invited, guest) && !concerns(DoorFilter::invited, stranger) && !concerns(DoorFilter::invited, impostor)));
  CHECK((concerns(DoorFilter::known, friend_of_ours) && !concerns(DoorFilter::known, impostor) && !concerns(DoorFilter::known, guest)));
  CHECK((concerns(DoorFilter::all, stranger) && concerns(DoorFilter::none, guest)));
}

TEST_CASE("no filter lets in who bears a borrowed name or a known one with another key, or who was merely here before", "[runtime][call][attack]") {
  KnockReceived borrowed = knock("", Acquaintance::renamed);
  borrowed.borrowed_name = true;
  KnockReceived met = knock("", Acquaintance::known);
  met.recognition.remembered = false;
  for (const auto& doubtful : {borrowed, knock("", Acquaintance::key_changed)}) {
    CHECK_FALSE(concerns(DoorFilter::all, doubtful));
    CHECK_FALSE(concerns(DoorFilter::known, doubtful));
    CHECK(concerns(DoorFilter::none, doubtful));
  }
  CHECK_FALSE(concerns(DoorFilter::known, met));
  CHECK(concerns(DoorFilter::all, met));
}

TEST_CASE("a crowd that is turned away does not fill the screen, and nobody of it is forgotten", "[runtime][call][attack]") {
  CrowdAtTheDoor crowd;
  Time now{std::chrono::seconds(100)};
  std::size_t lines = 0;
  for (int raider = 0; raider < 1'500; ++raider, now += std::chrono::milliseconds(4)) lines += crowd.one_more("\"Host\" knocks and is turned away", now) ? 1 : 0;
  CHECK(lines == CrowdAtTheDoor::told_each);
  CHECK_FALSE(crowd.rest(now).has_value());
  now += CrowdAtTheDoor::period;
  CHECK(crowd.rest(now) == "1497 more have knocked in vain");
  CHECK_FALSE(crowd.rest(now + CrowdAtTheDoor::period).has_value());
  now += CrowdAtTheDoor::period;
  CHECK(crowd.one_more("\"Eve\" knocks and is turned away", now) == "\"Eve\" knocks and is turned away");
}

TEST_CASE("an impostor's knock says so, and shows nothing that could take a terminal over", "[runtime][call][attack]") {
  Recognition recognition{Acquaintance::key_changed, false, "Ada\x1b[2J\""};
  const std::string text = acquaintance_text(recognition);
  CHECK(text.find("WITH ANOTHER KEY") != std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(acquaintance_text({}).empty());
}

TEST_CASE("invitations, contacts and heirs are commands of the keyboard", "[runtime][call]") {
  CHECK(command<InviteGuest>("/invite Ada Lovelace").name == "Ada Lovelace");
  CHECK(command<InviteGuest>("/invite Ada").valid_for == std::chrono::hours(24));
  CHECK(command<InviteGuest>("/invite 3 Ada").valid_for == std::chrono::hours(3));
  CHECK(command<InviteGuest>("/invite 3 Ada").name == "Ada");
  CHECK(command<InviteGuest>("/invite 3D printers").name == "3D printers");
  CHECK(command<RevokeInvitation>("/revoke 7").number == 7);
  CHECK(command<RememberMember>("/verified 2").verified);
  CHECK_FALSE(command<RememberMember>("/know 2").verified);
  CHECK(command<ChangeEntry>("/entry invited").entry == Entry::invited);
  const auto three = command<NameHeirs>("/heirs 4 2 9");
  CHECK(three.heirs == std::vector<MemberId>{4, 2, 9});
  CHECK(three.quorum == 0);  // more than half
  CHECK(command<NameHeirs>("/heirs").heirs.empty());
  (void)command<InheritRoom>("/inherit");
  CHECK(command<EndorseHeir>("/endorse 3").claimant == 3);
  for (const char* wrong : {"/invite", "/invite 0 Ada", "/invite 3", "/invite 99999 Ada", "/revoke", "/heirs 4 x", "/entry all", "/endorse"}) {
    INFO(wrong);
    CHECK(is_help(wrong));
  }
}

}  // namespace conclave::call
