// Connections that break, and relays that die: the meeting goes on.
#include <catch2/catch.hpp>

#include "conference/call_simulation.h"
#include "transport/codec.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

/// Ada's room with Bob in it, quiet but for their sound.
class Talk {
 public:
  explicit Talk(SimulationConfig config = small()) : call(config) {
    call.run_for(500ms);
    call.add_guest("Bob");
    REQUIRE(call.run_until([this] { return call.guest().in_room && call.host().joined.size() == 1; }, 5s));
    call.run_for(2s);
  }
  static SimulationConfig small() {
    SimulationConfig config;
    config.width = 320;
    config.height = 180;
    config.bitrate = 150'000;
    config.frames_per_second = 5;
    return config;
  }
  Party& ada() { return call.host(); }
  Party& bob() { return call.guest(); }
  /// All of what must not happen because of a connection.
  void check_nobody_was_lost() {
    for (Party* party : {&ada(), &bob()}) {
      CHECK_FALSE(party->ended);
      CHECK(party->left.empty());
      CHECK(party->joined.size() == 1);
      CHECK(party->unreadable_pictures == 0);
      CHECK(party->conference->report().dropped.forged == 0);
    }
    CHECK(ada().knocks_seen == 1);
    CHECK(ada().epochs.back() == bob().epochs.back());
  }
  /// Sound and picture flow both ways from now on.
  void check_media_flow() {
    const auto heard = [this] { return std::pair(ada().sounds_heard, bob().sounds_heard); };
    const auto seen = [this] { return std::pair(ada().pictures_seen.size(), bob().pictures_seen.size()); };
    const auto sounds = heard();
    const auto pictures = seen();
    call.run_for(2s);
    CHECK(heard().first > sounds.first + 70);
    CHECK(heard().second > sounds.second + 70);
    CHECK(seen().first > pictures.first + 5);
    CHECK(seen().second > pictures.second + 5);
  }

  CallSimulation call;
};

}  // namespace

TEST_CASE("a member whose connection broke has its seat again without a knock, in the same epoch", "[conference][sim]") {
  Talk talk;
  const auto epochs = talk.bob().epochs;
  talk.call.break_connection(talk.bob());
  talk.call.run_for(1s);
  CHECK(talk.bob().times_lost == 1);
  REQUIRE(talk.bob().gaps.size() == 1);
  CHECK(talk.bob().gaps[0] < 500ms);
  CHECK(talk.bob().epochs == epochs);
  talk.check_media_flow();
  talk.check_nobody_was_lost();
  CHECK(talk.call.relay().counters().seats_resumed == 1);
}

TEST_CASE("who only listens hears again, although the list of streams overtakes the answer to its resumption", "[conference][sim]") {
  SimulationConfig config = Talk::small();
  config.guests_send = false;
  Talk talk(config);
  std::optional<TransportEvent> answer;
  talk.call.tamper = [&](Party& party, TransportEvent& event) {
    const auto* message = std::get_if<TransportMessage>(&event);
    if (&party != &talk.bob() || message == nullptr || answer) return true;
    const auto decoded = transport::decode_relay_message(message->message);
    if (!decoded.ok() || !std::holds_alternative<transport::Resumed>(*decoded)) return true;
    answer = event;
    return false;
  };
  talk.call.break_connection(talk.bob());
  REQUIRE(talk.call.run_until([&] { return answer.has_value(); }, 5s));
  talk.call.run_for(100ms);
  talk.call.tell(talk.bob(), *answer);
  const auto heard = talk.bob().sounds_heard;
  talk.call.run_for(3s);
  CHECK(talk.bob().gaps.size() == 1);
  CHECK(talk.bob().sounds_heard > heard + 70);
}

TEST_CASE("who was away for half a minute reads what it missed, and what it said meanwhile is heard", "[conference][sim]") {
  Talk talk;
  talk.bob().unreachable = true;
  talk.call.break_connection(talk.bob());
  talk.call.run_for(1s);
  talk.call.tell(talk.ada(), RotateKeys{});
  talk.call.tell(talk.ada(), RoomCommand{SendChat{"are you there?"}});
  talk.call.tell(talk.bob(), RoomCommand{SendChat{"can you hear me?"}});
  talk.call.run_for(27s);
  CHECK(talk.ada().chat.empty());
  CHECK(talk.bob().chat.empty());
  talk.bob().unreachable = false;
  REQUIRE(talk.call.run_until([&] { return talk.bob().gaps.size() == 1; }, 15s));
  talk.call.run_for(4s);
  CHECK(talk.bob().chat == std::vector<std::string>{"are you there?"});
  CHECK(talk.ada().chat == std::vector<std::string>{"can you hear me?"});
  talk.check_media_flow();
  talk.check_nobody_was_lost();
}

TEST_CASE("a commit that the relay never wrote down is made good after the connection", "[conference][sim]") {
  Talk talk;
  const std::uint64_t before = talk.ada().epochs.back().first;
  talk.ada().unreachable = true;
  talk.call.break_connection(talk.ada());
  talk.call.tell(talk.ada(), RotateKeys{});  // goes nowhere
  talk.call.run_for(3s);
  CHECK(talk.bob().epochs.back().first == before);
  talk.ada().unreachable = false;
  REQUIRE(talk.call.run_until([&] { return talk.ada().gaps.size() == 1; }, 15s));
  talk.call.run_for(2s);
  CHECK(talk.ada().epochs.back().first == before + 1);
  talk.check_media_flow();
  talk.check_nobody_was_lost();
}

TEST_CASE("a relay that dies ten times in a meeting is nobody's end, and admits nobody again", "[conference][sim]") {
  Talk talk;
  const auto epochs = talk.bob().epochs;
  for (std::size_t death = 1; death <= 10; ++death) {
    talk.call.restart_relay();
    talk.call.run_for(2s);
    REQUIRE(talk.ada().gaps.size() == death);
    REQUIRE(talk.bob().gaps.size() == death);
  }
  CHECK(talk.bob().epochs == epochs);
  CHECK(talk.call.relay().counters().rooms_restored == 1);
  CHECK(talk.call.relay().counters().admissions == 0);
  talk.check_media_flow();
  talk.check_nobody_was_lost();
  talk.call.add_guest("Cleo");  // the door works too
  CHECK(talk.call.run_until([&] { return talk.call.guest().in_room; }, 5s));
}

TEST_CASE("who cannot come back in time gives up and says why", "[conference][sim]") {
  SimulationConfig config = Talk::small();
  config.reconnect_window = 12s;
  Talk talk(config);
  talk.bob().unreachable = true;
  talk.call.break_connection(talk.bob());
  talk.call.run_for(11s);
  CHECK_FALSE(talk.bob().ended);
  talk.call.run_for(2s);
  REQUIRE(talk.bob().ended);
  CHECK(talk.bob().ended->error->code == ErrorCode::connection_lost);
  CHECK(talk.bob().dials <= 4);  // each is given its time
}

TEST_CASE("a relay that has forgotten the room ends the call at once", "[conference][sim]") {
  SimulationConfig config = Talk::small();
  config.limits.resume_window = 0s;  // keeps no seats
  Talk talk(config);
  talk.call.break_connection(talk.bob());
  talk.call.run_for(2s);
  REQUIRE(talk.bob().ended);
  CHECK(talk.bob().ended->error->code == ErrorCode::connection_lost);
  CHECK(talk.bob().dials == 1);
}

TEST_CASE("who changes the path at a relay that keeps no seats stays in the call", "[conference][sim]") {
  SimulationConfig config = Talk::small();
  config.limits.resume_window = 0s;
  Talk talk(config);
  talk.call.tell(talk.bob(), TransportEvent{TransportClosed{{ErrorCode::connection_lost, "UDP gets through again"}}});  // the relay sees it stand
  talk.call.run_for(1s);
  CHECK(talk.bob().gaps.size() == 1);
  talk.check_media_flow();
  talk.check_nobody_was_lost();
}

TEST_CASE("who comes back more often than its relay allows waits for it, and stays in the call", "[conference][sim]") {
  SimulationConfig config = Talk::small();
  config.limits.resumes = {.per_second = 0.5, .burst = 2};
  Talk talk(config);
  for (std::size_t times = 1; times <= 5; ++times) {
    talk.call.break_connection(talk.bob());
    REQUIRE(talk.call.run_until([&] { return talk.bob().ended || talk.bob().gaps.size() == times; }, 10s));
    REQUIRE_FALSE(talk.bob().ended);
  }
  CHECK(talk.call.relay().counters().resumes_refused > 0);
  talk.check_media_flow();
  talk.check_nobody_was_lost();
}

TEST_CASE("a seat that nobody asked for changes nothing", "[conference][sim][attack]") {
  Talk talk;
  bool lied = false;
  talk.call.tamper = [&](Party& party, TransportEvent& event) {
    if (&party != &talk.bob() || !std::holds_alternative<TransportMessage>(event) || std::exchange(lied, true)) return true;
    event = TransportMessage{Channel::handshake, transport::encode(transport::RelayMessage{transport::Resumed{1'000'000}})};
    return true;
  };
  const auto bad = talk.bob().conference->report().dropped.bad_message;
  talk.call.tell(talk.ada(), RoomCommand{RaiseHand{true}});
  talk.call.run_for(1s);
  CHECK(lied);
  CHECK(talk.bob().conference->report().dropped.bad_message > bad);
  CHECK(talk.bob().gaps.empty());
}
