// A founder whom heirs removed, who keeps its connection and says to the relay what it likes.
#include <catch2/catch.hpp>

#include <set>

#include "conference/quiet_room.h"
#include "transport/codec.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

/// The message of the relay in this event, when it is one of this kind.
template <class Message>
std::optional<Message> message_of(const TransportEvent& event) {
  const auto* carried = std::get_if<TransportMessage>(&event);
  if (carried == nullptr) return std::nullopt;
  const auto decoded = transport::decode_relay_message(carried->message);
  const auto* wanted = decoded.ok() ? std::get_if<Message>(&*decoded) : nullptr;
  return wanted == nullptr ? std::nullopt : std::optional(*wanted);
}

/// Ada founded the room; her client says nothing to the members any more, reads nothing of the log, and keeps its seat at the relay. Bob and Cleo take over.
struct Deposed {
  Deposed() : call(quiet_room()), guests(gather(call, {"Bob", "Cleo", "Dan"})), bob(*guests[0]), cleo(*guests[1]) {
    call.tell(call.host(), RoomCommand(NameHeirs{{number_of(call.host(), "Bob"), number_of(call.host(), "Cleo")}, 2}));
    call.run_for(3s);
    call.keeps_back = [this](Party& party, ByteView message) {
      const auto decoded = transport::decode_client_message(message);
      return &party != &call.host() || !decoded.ok() || std::holds_alternative<transport::Hello>(*decoded) || std::holds_alternative<transport::Resume>(*decoded);
    };
    call.tamper = [this](Party& party, TransportEvent& event) { return sees(party, event); };
    REQUIRE(call.run_until([&] { return !bob.leaders_lost.empty() && !cleo.leaders_lost.empty(); }, 20s));
    call.tell(bob, RoomCommand(InheritRoom{}));
    REQUIRE(call.run_until([&] { return !cleo.voices.empty(); }, 5s));
    call.tell(cleo, RoomCommand(EndorseHeir{number_of(cleo, "Bob")}));
    REQUIRE(call.run_until([&] { return bob.conference->report().roster.size() == 3; }, 5s));
    call.run_for(2s);
    REQUIRE_FALSE(call.host().ended);  // nobody told it
  }

  bool sees(Party& party, TransportEvent& event) {
    const bool founder = &party == &call.host();
    if (message_of<transport::KnockArrived>(event)) ++(founder ? founder_heard : bob_heard);
    if (const auto knock = message_of<transport::KnockArrived>(event); knock && &party == &bob && bob_is_slow) {
      waiting = knock->knock_id;
      return false;
    }
    if (message_of<transport::KnockAnswered>(event)) ++answers;
    if (const auto entry = message_of<transport::LogEntry>(event)) connections.insert(entry->connection);
    return !founder || !message_of<transport::LogEntry>(event);
  }

  void founder_says(const transport::ClientMessage& message) {
    REQUIRE(call.host().transport->send_message(Channel::handshake, transport::encode(message), call.now()).ok());
    call.run_for(1s);
  }

  /// What a host may at the relay: none of it happens.
  void tries_everything() {
    for (const std::uint64_t connection : connections) founder_says(transport::ShareDoor{connection, transport::DoorRank::none});
    founder_says(transport::SeatHeirs{});
    founder_says(transport::CloseRoom{});
    for (const Party* party : guests) CHECK_FALSE(party->ended);

    bob_is_slow = true;
    const int heard = founder_heard;
    Party& eve = call.add_guest("Eve");
    REQUIRE(call.run_until([&] { return waiting.has_value(); }, 10s));
    answers = 0;
    founder_says(transport::RefuseKnock{*waiting});
    founder_says(transport::AppendCommit{1'000, Bytes(40, 1), {{*waiting, Bytes(40, 2)}}});
    CHECK(answers == 0);
    CHECK_FALSE(eve.ended);
    CHECK_FALSE(eve.in_room);
    CHECK(founder_heard == heard);
    bob_is_slow = false;
    waiting.reset();
  }

  CallSimulation call;
  std::vector<Party*> guests;
  Party& bob;
  Party& cleo;
  std::set<std::uint64_t> connections;
  bool bob_is_slow = false;
  std::optional<std::uint64_t> waiting;
  int founder_heard = 0;
  int bob_heard = 0;
  int answers = 0;
};

}  // namespace

TEST_CASE("a founder whom heirs removed can admit, refuse and close nothing at the relay, though it keeps its connection", "[conference][sim][attack]") {
  Deposed scene;
  scene.tries_everything();
  Party& fay = scene.call.add_guest("Fay");
  REQUIRE(scene.call.run_until([&] { return fay.in_room; }, 10s));
  CHECK(scene.bob.conference->report().roster.size() == 4);
}

TEST_CASE("a founder whom heirs removed comes back to its seat at the relay without its rank", "[conference][sim][attack]") {
  Deposed scene;
  scene.call.break_connection(scene.call.host());
  REQUIRE(scene.call.run_until([&] { return scene.call.host().gaps.size() == 1; }, 20s));
  scene.tries_everything();
  Party& fay = scene.call.add_guest("Fay");
  CHECK(scene.call.run_until([&] { return fay.in_room; }, 10s));
  scene.call.tell(scene.bob, LeaveConference{});  // who leads now ends the room, and nobody else
  CHECK(scene.call.run_until([&] { return scene.cleo.ended.has_value(); }, 5s));
}
