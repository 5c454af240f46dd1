// What a relay, or somebody with its help, can do to the membership of a room: be noticed, and nothing else.
#include <catch2/catch.hpp>

#include "conference/call_simulation.h"
#include "conference/waiting_knocks.h"
#include "transport/codec.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

void connect(CallSimulation& call) {
  REQUIRE(call.run_until([&] { return call.host().in_room; }, 10s));
  call.add_guest("Bob");
  REQUIRE(call.run_until([&] { return call.guest().in_room && !call.host().joined.empty(); }, 10s));
  call.run_for(1s);
}

/// The relay's message in an event, if it is one.
std::optional<transport::RelayMessage> relay_message(const TransportEvent& event) {
  const auto* message = std::get_if<TransportMessage>(&event);
  if (message == nullptr) return std::nullopt;
  auto decoded = transport::decode_relay_message(message->message);
  if (!decoded.ok()) return std::nullopt;
  return std::move(*decoded);
}

}  // namespace

TEST_CASE("a relay that leaves out a message of the room is noticed, and the call fails closed", "[conference][attack]") {
  CallSimulation call({});
  connect(call);
  int left_out = 0;
  call.tamper = [&](Party& party, TransportEvent& event) {
    const auto message = relay_message(event);
    const bool entry = message && std::holds_alternative<transport::LogEntry>(*message);
    if (&party != &call.guest() || !entry || left_out > 0) return true;
    ++left_out;
    return false;
  };
  call.tell(call.host(), RotateKeys{});
  call.run_for(1s);
  call.tell(call.host(), RotateKeys{});
  call.run_for(1s);
  REQUIRE(call.guest().ended);
  REQUIRE(call.guest().ended->error);
  CHECK(call.guest().ended->error->code == ErrorCode::connection_lost);
}

TEST_CASE("a relay that repeats messages of the room changes nothing", "[conference][attack]") {
  CallSimulation call({});
  connect(call);
  std::vector<TransportEvent> seen;
  call.tamper = [&](Party& party, TransportEvent& event) {
    if (&party == &call.guest() && relay_message(event)) seen.push_back(event);
    return true;
  };
  call.tell(call.host(), RotateKeys{});
  call.run_for(1s);
  REQUIRE_FALSE(seen.empty());
  const auto epoch = call.guest().epochs.back();
  for (const TransportEvent& event : seen) call.tell(call.guest(), event);
  call.run_for(1s);
  CHECK_FALSE(call.guest().ended);
  CHECK(call.guest().epochs.back() == epoch);
}

TEST_CASE("a relay that hands a Welcome over again makes nobody begin an epoch anew, and seal twice under one counter", "[conference][attack]") {
  CallSimulation call({});
  REQUIRE(call.run_until([&] { return call.host().in_room; }, 10s));
  std::optional<TransportEvent> welcome;
  call.add_guest("Bob");
  call.tamper = [&](Party& party, TransportEvent& event) {
    const auto message = relay_message(event);
    if (&party != &call.guest() || !message) return true;
    if (std::holds_alternative<transport::KnockAnswered>(*message)) welcome = event;
    return !std::holds_alternative<transport::LogEntry>(*message);  // held back: the newcomer hears of no later epoch
  };
  REQUIRE(call.run_until([&] { return call.guest().in_room; }, 10s));
  call.run_for(1s);
  REQUIRE(welcome);
  const auto epochs = call.guest().epochs;
  for (int i = 0; i < 3; ++i) {
    call.tell(call.guest(), *welcome);
    call.run_for(1s);
  }
  CHECK(call.guest().epochs == epochs);
  CHECK(call.guest().conference->report().dropped.bad_message >= 3);
}

TEST_CASE("a relay that swaps who stands behind a knock swaps nothing", "[conference][attack]") {
  conference::WaitingKnocks knocks;
  const std::uint64_t alice = knocks.add({7, Bytes(1, 'a')});
  CHECK(knocks.withdraw(7) == alice);
  const std::uint64_t mallory = knocks.add({7, Bytes(1, 'm')});
  CHECK(alice != mallory);
  CHECK_FALSE(knocks.take(alice));  // the decision about Alice admits nobody else
  CHECK(knocks.take(mallory)->key_package == Bytes(1, 'm'));
}

TEST_CASE("removing somebody twice does not hit whoever has the seat next", "[conference][attack]") {
  CallSimulation call({});
  connect(call);
  const MemberId bob = call.guest().conference->report().roster.back().member;
  call.tell(call.host(), RemoveMember{bob});
  call.tell(call.host(), RemoveMember{bob});
  call.add_guest("Cleo");
  REQUIRE(call.run_until([&] { return call.guest().in_room; }, 10s));
  call.tell(call.host(), RemoveMember{17});
  call.run_for(20s);
  CHECK_FALSE(call.guest().ended);
  CHECK(call.host().conference->report().roster.size() == 2);
  CHECK(call.host().left == std::vector<std::string>{"Bob"});
}

TEST_CASE("who was let in but never speaks loses the seat again", "[conference][attack]") {
  CallSimulation call({});
  REQUIRE(call.run_until([&] { return call.host().in_room; }, 10s));
  call.tamper = [&](Party& party, TransportEvent& event) {
    const auto message = relay_message(event);
    return &party == &call.host() || !message || !std::holds_alternative<transport::KnockAnswered>(*message);  // no Welcome arrives
  };
  call.add_guest("Bob");
  REQUIRE(call.run_until([&] { return !call.host().joined.empty(); }, 10s));
  call.run_for(20s);
  CHECK(call.host().left == std::vector<std::string>{"Bob"});
}
