// Who keeps the door beside the founder, and after it.
#include <catch2/catch.hpp>

#include "conference/quiet_room.h"
#include "transport/codec.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

void vanish(CallSimulation& call, Party& party) {
  party.unreachable = true;
  party.transport->cut(call.now());
}

}  // namespace

TEST_CASE("a moderator hears who knocks and lets people in, whatever the founder does", "[conference][sim]") {
  CallSimulation call(quiet_room());
  Party& bob = *gather(call, {"Bob"})[0];
  call.host().admits = true;
  call.tell(call.host(), RoomCommand(SetRole{number_of(call.host(), "Bob"), Role::moderator}));
  call.run_for(2s);
  const bool founder_answers = GENERATE(false, true);
  CAPTURE(founder_answers);
  if (!founder_answers) vanish(call, call.host());
  Party& cleo = call.add_guest("Cleo");
  REQUIRE(call.run_until([&] { return cleo.in_room; }, 10s));
  CHECK(bob.knocks_seen == 1);
  CHECK(bob.knocks[0].display_name == "Cleo");
  call.run_for(3s);
  CHECK_FALSE(cleo.ended);
  CHECK(bob.conference->report().roster.size() == 3);  // two who let somebody in at once give one seat
  CHECK(bob.epochs.back() == cleo.epochs.back());
}

TEST_CASE("who lost the right to admit is told of no knock any more, and lets nobody in", "[conference][sim][attack]") {
  CallSimulation call(quiet_room());
  Party& bob = *gather(call, {"Bob"})[0];
  const MemberId number = number_of(call.host(), "Bob");
  call.tell(call.host(), RoomCommand(SetRole{number, Role::moderator}));
  call.run_for(2s);
  call.tell(call.host(), RoomCommand(SetRole{number, Role::speaker}));
  call.run_for(2s);
  call.host().admits = false;
  Party& cleo = call.add_guest("Cleo");
  REQUIRE(call.run_until([&] { return cleo.ended.has_value(); }, 10s));
  CHECK(bob.knocks_seen == 0);
  CHECK_FALSE(cleo.in_room);
}

TEST_CASE("a keeper who cannot read a knock turns nobody away: the owner does", "[conference][sim][attack]") {
  CallSimulation call(quiet_room());
  Party& bob = *gather(call, {"Bob"})[0];
  call.tell(call.host(), RoomCommand(SetRole{number_of(call.host(), "Bob"), Role::moderator}));
  call.run_for(2s);
  call.host().admits = true;
  bob.admits = true;
  call.tamper = [&](Party& party, TransportEvent& event) {
    auto* message = std::get_if<TransportMessage>(&event);
    if (&party != &bob || message == nullptr) return true;
    const auto decoded = transport::decode_relay_message(message->message);
    const auto* knock = decoded.ok() ? std::get_if<transport::KnockArrived>(&*decoded) : nullptr;
    if (knock != nullptr) message->message = transport::encode(transport::RelayMessage(transport::KnockArrived{knock->knock_id, Bytes(64, 1)}));
    return true;
  };
  int refusals = 0;
  call.watch = [&](ByteView sent) {
    const auto decoded = transport::decode_client_message(sent);
    if (decoded.ok() && std::holds_alternative<transport::RefuseKnock>(*decoded)) ++refusals;
  };
  Party& cleo = call.add_guest("Cleo");
  CHECK(call.run_until([&] { return cleo.in_room; }, 10s));
  CHECK(bob.knocks_seen == 0);
  CHECK(refusals == 0);
}

TEST_CASE("an heir takes over from a founder who vanished, and lets in who waits at the door", "[conference][sim]") {
  SimulationConfig config = quiet_room();
  config.limits.resume_window = 15s;
  CallSimulation call(config);
  const auto guests = gather(call, {"Bob", "Cleo", "Dan"});
  Party& bob = *guests[0];
  Party& cleo = *guests[1];
  call.tell(call.host(), RoomCommand(NameHeirs{{number_of(call.host(), "Bob"), number_of(call.host(), "Cleo")}, 2}));
  call.run_for(3s);
  vanish(call, call.host());
  REQUIRE(call.run_until([&] { return !bob.leaders_lost.empty() && !cleo.leaders_lost.empty() && !guests[2]->leaders_lost.empty(); }, 20s));
  CHECK(bob.leaders_lost[0].heir);
  CHECK_FALSE(guests[2]->leaders_lost[0].heir);
  Party& eve = call.add_guest("Eve");  // knocks while nobody can answer
  call.run_for(2s);
  CHECK(bob.knocks_seen + cleo.knocks_seen == 0);  // heirs are told nothing before they lead

  call.tell(bob, RoomCommand(InheritRoom{}));
  REQUIRE(call.run_until([&] { return !cleo.voices.empty(); }, 5s));
  call.tell(cleo, RoomCommand(EndorseHeir{number_of(cleo, "Bob")}));
  REQUIRE(call.run_until([&] { return eve.in_room; }, 15s));
  call.run_for(40s);  // long enough that the relay and the room have given up the founder's seat
  for (Party* party : {&bob, &cleo, guests[2], &eve}) {
    INFO(party->name);
    REQUIRE_FALSE(party->ended);
    CHECK(party->conference->report().roster.size() == 4);
    CHECK(party->epochs.back() == bob.epochs.back());
  }
  for (const RosterEntry& entry : eve.conference->report().roster) CHECK((entry.role == Role::owner) == (entry.display_name == "Bob"));

  Party& fay = call.add_guest("Fay");
  REQUIRE(call.run_until([&] { return fay.in_room; }, 10s));
  call.tell(bob, LeaveConference{});  // who leads now ends the room for all
  REQUIRE(call.run_until([&] { return cleo.ended && fay.ended; }, 5s));
  CHECK_FALSE(fay.ended->error);
}

TEST_CASE("heirs who could never take over are not named, and more than half of them must agree unless it is said otherwise", "[conference]") {
  CallSimulation call(quiet_room());
  gather(call, {"Bob", "Cleo"});
  call.tell(call.host(), RoomCommand(NameHeirs{{number_of(call.host(), "Bob"), number_of(call.host(), "Cleo")}}));
  call.run_for(2s);
  CHECK(call.host().conference->report().room.quorum == 2);
  call.tell(call.host(), RoomCommand(NameHeirs{{number_of(call.host(), "Bob")}, 2}));
  REQUIRE(call.host().refusals.size() == 1);
  CHECK(call.host().refusals[0].error.code == ErrorCode::not_permitted);
  call.tell(call.host(), RoomCommand(NameHeirs{{}, 0}));  // nobody any more
  CHECK(call.host().refusals.size() == 1);
}

TEST_CASE("without heirs a room whose founder vanished ends, and no member becomes its owner", "[conference][sim][attack]") {
  SimulationConfig config = quiet_room();
  config.limits.resume_window = 5s;
  CallSimulation call(config);
  Party& bob = *gather(call, {"Bob"})[0];
  vanish(call, call.host());
  call.tell(bob, RoomCommand(InheritRoom{}));
  REQUIRE(bob.refusals.size() == 1);
  CHECK(bob.refusals[0].error.code == ErrorCode::not_permitted);
  REQUIRE(call.run_until([&] { return bob.ended.has_value(); }, 40s));
  CHECK(bob.ended->error->code == ErrorCode::connection_lost);
  CHECK(bob.leaders_lost.empty());
}

TEST_CASE("a founder that comes back after an heir took over finds its seat gone", "[conference][sim]") {
  CallSimulation call(quiet_room());
  Party& bob = *gather(call, {"Bob"})[0];
  call.tell(call.host(), RoomCommand(NameHeirs{{number_of(call.host(), "Bob")}, 1}));
  call.run_for(3s);
  vanish(call, call.host());
  REQUIRE(call.run_until([&] { return !bob.leaders_lost.empty(); }, 20s));
  call.tell(bob, RoomCommand(InheritRoom{}));
  call.run_for(3s);
  call.host().unreachable = false;
  REQUIRE(call.run_until([&] { return call.host().ended.has_value(); }, 30s));
  CHECK(call.host().ended->error->code == ErrorCode::refused);
  call.run_for(5s);
  CHECK_FALSE(bob.ended);
  Party& cleo = call.add_guest("Cleo");
  CHECK(call.run_until([&] { return cleo.in_room; }, 10s));
}

TEST_CASE("who was made owner in the same breath in which the founder stepped back keeps the door alone", "[conference][sim]") {
  CallSimulation call(quiet_room());
  Party& bob = *gather(call, {"Bob"})[0];
  const MemberId founder = number_of(call.host(), "Ada");
  call.tell(call.host(), RoomCommand(LockRoom{true}));  // so that what follows is one commit
  call.tell(call.host(), RoomCommand(LockRoom{false}));
  call.tell(call.host(), RoomCommand(SetRole{number_of(call.host(), "Bob"), Role::owner}));
  call.tell(call.host(), RoomCommand(SetRole{founder, Role::speaker}));
  call.run_for(5s);
  for (const RosterEntry& entry : bob.conference->report().roster) CHECK((entry.role == Role::owner) == entry.self);
  Party& cleo = call.add_guest("Cleo");
  REQUIRE(call.run_until([&] { return cleo.in_room; }, 10s));
  CHECK(bob.knocks_seen == 1);
  CHECK(call.host().knocks_seen == 1);  // Bob's own
  call.tell(call.host(), LeaveConference{});
  call.run_for(20s);
  CHECK_FALSE(bob.ended);
  CHECK_FALSE(cleo.ended);
}

TEST_CASE("a removal that nobody asked for is not told as a command that was refused", "[conference][sim]") {
  CallSimulation call(quiet_room());
  Party& bob = *gather(call, {"Bob"})[0];
  call.tell(call.host(), RoomCommand(SetRole{number_of(call.host(), "Bob"), Role::owner}));
  call.run_for(2s);
  call.tell(bob, LeaveConference{});
  REQUIRE(call.run_until([&] { return !call.host().seats_kept.empty(); }, 20s));
  CHECK(call.host().seats_kept[0].display_name == "Bob");
  CHECK(call.host().refusals.empty());
}
