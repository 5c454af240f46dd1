// Whole calls over a simulated network, with real keys, real codecs and a real relay.
#include <catch2/catch.hpp>
#include <numeric>

#include "conclave/transcript.h"
#include "conference/call_simulation.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

SimulationConfig network(double loss, std::uint64_t seed = 1) {
  SimulationConfig config;
  config.seed = seed;
  config.path.delay = 75ms;
  config.path.jitter = 5ms;
  config.path.loss = loss;
  return config;
}

/// Two members in the room, or the test fails.
void connect(CallSimulation& call) {
  REQUIRE(call.run_until([&] { return call.host().in_room; }, 10s));
  call.add_guest("Bob");
  REQUIRE(call.run_until([&] { return call.guest().in_room && !call.host().joined.empty(); }, 10s));
}

const ReceiveReport& received(const ConferenceReport& report, bool video) {
  for (const ReceiveReport& each : report.received) {
    if (each.video == video) return each;
  }
  FAIL("nothing was received of " << (video ? "the picture" : "the sound"));
  return report.received.front();
}

SendReport sent(const ConferenceReport& report, bool video) {
  for (const SendReport& each : report.sent) {
    if (each.video == video) return each;
  }
  FAIL("nothing was sent of " << (video ? "the picture" : "the sound"));
  return report.sent.front();
}

}  // namespace

TEST_CASE("a call over a perfect network loses nothing and ends with equal keys", "[conference][sim]") {
  CallSimulation call(network(0));
  connect(call);
  call.run_for(8s);
  CHECK(call.host().epochs.back() == call.guest().epochs.back());
  CHECK_FALSE(call.host().safety_digits.empty());
  CHECK(call.host().safety_digits == call.guest().safety_digits);
  for (Party* party : {&call.host(), &call.guest()}) {
    const ConferenceReport report = party->conference->report();
    CHECK(party->pictures_seen.size() > 100);
    CHECK(party->unreadable_pictures == 0);
    CHECK(party->sounds_heard > 370);
    CHECK(party->sounds_concealed < 5);
    CHECK(party->loudness > 0);
    CHECK(received(report, true).frames_lost == 0);
    CHECK(received(report, true).decode_failures == 0);
    CHECK(received(report, true).packets_lost == 0);
    CHECK(received(report, false).frames_lost == 0);
    CHECK(report.dropped.forged + report.dropped.malformed + report.dropped.replayed == 0);
    for (const Duration delay : party->picture_delays) CHECK(delay < 400ms);
  }
}

TEST_CASE("a picture that is sent in two sizes is counted once", "[conference][sim]") {
  SimulationConfig config = network(0);
  config.width = 640;
  config.height = 360;
  CallSimulation call(config);
  connect(call);
  call.run_for(1s);
  const SendReport report = sent(call.host().conference->report(), true);
  CHECK(report.keyframes >= 2);
  CHECK(report.frames_sent > 10);
  CHECK(report.frames_sent <= call.host().pictures_sent);
}

TEST_CASE("a call survives loss, decodes nothing that was not sent, and reports what was lost", "[conference][sim]") {
  const double loss = GENERATE(0.05, 0.20);
  CAPTURE(loss);
  CallSimulation call(network(loss));
  connect(call);
  call.run_for(15s);
  CHECK(call.host().epochs.back() == call.guest().epochs.back());
  for (Party* party : {&call.host(), &call.guest()}) {
    const ConferenceReport report = party->conference->report();
    CHECK(party->unreadable_pictures == 0);
    CHECK(party->pictures_seen.size() > 40);
    CHECK(party->sounds_heard > 400);
    CHECK(received(report, true).packets_recovered + received(report, false).packets_recovered > 0);
    const ReceiveReport& sound = received(report, false);
    const std::uint64_t sound_sent = sent((party == &call.host() ? call.guest() : call.host()).conference->report(), false).packets_sent;
    const std::uint64_t missed = sound.packets_lost + sound.packets_recovered;
    const std::uint64_t accounted = sound.packets_received + missed;
    CHECK(accounted <= sound_sent);
    CHECK(sound_sent - accounted < 40);  // on their way
    // Each packet crosses two paths.
    CHECK(double(missed) / double(accounted) == Approx(1 - (1 - loss) * (1 - loss)).epsilon(0.3));
    CHECK(sound.frames_lost >= sound.packets_lost);
    CHECK(sound.frames_lost <= missed + 10);  // late ones
    CHECK(party->sounds_concealed > 0);
    CHECK(std::is_sorted(party->pictures_seen.begin(), party->pictures_seen.end()));
  }
}

TEST_CASE("a safety code of other members than those of the meeting is not taken", "[conference]") {
  CallSimulation call(network(0));
  connect(call);
  const std::string agreed = call.host().safety_digits;
  REQUIRE_FALSE(agreed.empty());
  call.tell(call.host(), SafetyCodeComputed{{Bytes(32, 1), Bytes(32, 2)}, {"00000", "nobody"}});
  CHECK(call.host().safety_digits == agreed);
  CHECK(call.host().conference->report().safety_digits == agreed);
}

TEST_CASE("a safety code that cannot be computed leaves none: nobody compares that of other members", "[conference][attack]") {
  CallSimulation call(network(0));
  connect(call);
  REQUIRE_FALSE(call.host().safety_digits.empty());
  call.host().out_of_memory = true;
  call.add_guest("Cleo");
  REQUIRE(call.run_until([&] { return call.host().joined.size() == 2; }, 10s));
  call.run_for(1s);
  CHECK(call.host().safety_digits.empty());
  CHECK(call.host().conference->report().safety_digits.empty());
  CHECK_FALSE(call.guest().safety_digits.empty());
}

TEST_CASE("the same seed gives the same call, another seed another", "[conference][sim]") {
  const auto run = [](std::uint64_t seed) {
    CallSimulation call(network(0.05, seed));
    connect(call);
    call.run_for(5s);
    return call.fingerprint();
  };
  const std::string first = run(7);
  CHECK(first == run(7));
  CHECK(first != run(8));
}

TEST_CASE("jitter, reordering, duplication and damage only cost what they touch", "[conference][sim][attack]") {
  SimulationConfig config = network(0.01);
  config.path.jitter = 30ms;
  config.path.reorder = 0.05;
  config.path.duplicate = 0.05;
  config.path.corrupt = 0.02;
  CallSimulation call(config);
  connect(call);
  call.run_for(10s);
  for (Party* party : {&call.host(), &call.guest()}) {
    const ConferenceReport report = party->conference->report();
    CHECK(party->unreadable_pictures == 0);
    CHECK(party->pictures_seen.size() > 60);
    CHECK(received(report, true).decode_failures == 0);
    CHECK(report.dropped.forged > 0);
    CHECK_FALSE(party->ended);
  }
}

TEST_CASE("keys rotate in mid-call without losing a frame", "[conference][sim]") {
  CallSimulation call(network(0));
  connect(call);
  call.run_for(2s);
  const auto before = call.host().epochs.back();
  for (int i = 0; i < 5; ++i) {
    call.tell(i % 2 == 0 ? call.host() : call.guest(), RotateKeys{});
    call.run_for(1s);
  }
  CHECK(call.host().epochs.back().first == before.first + 5);
  CHECK(call.host().epochs.back() == call.guest().epochs.back());
  for (Party* party : {&call.host(), &call.guest()}) {
    const ConferenceReport report = party->conference->report();
    CHECK(received(report, true).frames_lost == 0);
    CHECK(received(report, false).frames_lost == 0);
    CHECK(report.dropped.unknown_epoch == 0);
  }
}

TEST_CASE("two members who rotate at once agree on who won, and both get their turn", "[conference][sim]") {
  CallSimulation call(network(0));
  connect(call);
  call.run_for(1s);
  const std::uint64_t before = call.host().epochs.back().first;
  call.tell(call.host(), RotateKeys{});
  call.tell(call.guest(), RotateKeys{});
  call.run_for(2s);
  CHECK(call.host().epochs.back().first == before + 2);
  CHECK(call.host().epochs.back() == call.guest().epochs.back());
}

TEST_CASE("who leaves is gone for the others, who hear no more of it", "[conference][sim]") {
  CallSimulation call(network(0));
  connect(call);
  call.run_for(1s);
  call.tell(call.guest(), LeaveConference{});
  call.run_for(2s);
  REQUIRE(call.guest().ended);
  CHECK_FALSE(call.guest().ended->error);
  CHECK(call.host().left == std::vector<std::string>{"Bob"});
  CHECK_FALSE(call.host().ended);
  CHECK(call.host().conference->report().roster.size() == 1);
}

TEST_CASE("the host's goodbye ends the room for all", "[conference][sim]") {
  CallSimulation call(network(0.02));
  connect(call);
  call.run_for(1s);
  call.tell(call.host(), LeaveConference{});
  call.run_for(2s);
  REQUIRE(call.guest().ended);
  CHECK_FALSE(call.guest().ended->error);
}

TEST_CASE("a member whose connection breaks and who does not come back is removed, and the room goes on", "[conference][sim]") {
  SimulationConfig config = network(0);
  config.limits.resume_window = 15s;
  config.reconnect_window = 20s;
  CallSimulation call(config);
  connect(call);
  call.guest().unreachable = true;
  call.guest().transport->cut(call.now());
  call.run_for(45s);
  CHECK(call.host().left == std::vector<std::string>{"Bob"});
  CHECK_FALSE(call.host().ended);
  REQUIRE(call.guest().ended);
  REQUIRE(call.guest().ended->error);
  CHECK(call.guest().ended->error->code == ErrorCode::connection_lost);
}

TEST_CASE("a removed member hears nothing after it and is told", "[conference][sim][attack]") {
  CallSimulation call(network(0));
  connect(call);
  call.run_for(1s);
  call.tell(call.host(), RemoveMember{call.guest().conference->report().roster.back().member});
  call.run_for(1s);
  REQUIRE(call.guest().ended);
  REQUIRE(call.guest().ended->error);
  CHECK(call.guest().ended->error->code == ErrorCode::refused);
  CHECK(call.host().epochs.back() != call.guest().epochs.back());
}

TEST_CASE("a refused knock ends within the round trip and gives no key", "[conference][sim]") {
  SimulationConfig config = network(0);
  config.admit = false;
  CallSimulation call(config);
  REQUIRE(call.run_until([&] { return call.host().in_room; }, 10s));
  call.add_guest("Eve");
  REQUIRE(call.run_until([&] { return call.guest().ended.has_value(); }, 5s));
  CHECK(call.guest().ended->error->code == ErrorCode::refused);
  CHECK(call.guest().epochs.empty());
  CHECK(call.host().conference->report().roster.size() == 1);
}

TEST_CASE("a link with another invitation or another founder opens no door", "[conference][sim][attack]") {
  CallSimulation call(network(0));
  REQUIRE(call.run_until([&] { return call.host().in_room; }, 10s));
  Link link = call.host().conference->link();
  const int what = GENERATE(0, 1, 2);
  if (what == 0) link.invitation[5] ^= 1;
  if (what == 1) link.founder_hash[5] ^= 1;
  if (what == 2) link.room_id[5] ^= 1;
  call.add_guest("Eve", link);
  REQUIRE(call.run_until([&] { return call.guest().ended.has_value(); }, 5s));
  REQUIRE(call.guest().ended->error);
  const ErrorCode code = call.guest().ended->error->code;
  CHECK(code == (what == 0 ? ErrorCode::not_authentic : what == 1 ? ErrorCode::identity_mismatch : code));
  CHECK(call.guest().epochs.empty());
  CHECK(call.host().joined.empty());
}

TEST_CASE("a third member joins a running call", "[conference][sim]") {
  CallSimulation call(network(0));
  connect(call);
  call.run_for(1s);
  call.add_guest("Cleo");
  REQUIRE(call.run_until([&] { return call.guest().in_room; }, 5s));
  call.run_for(4s);
  CHECK(call.guest().epochs.back() == call.host().epochs.back());
  CHECK(call.guest().pictures_seen.size() > 60);  // of two members
  CHECK(call.guest().safety_digits == call.host().safety_digits);
  CHECK(call.host().unreadable_pictures == 0);
}

TEST_CASE("a guest who only listens hears and sees the host", "[conference][sim]") {
  SimulationConfig config = network(0);
  config.guests_send = false;
  CallSimulation call(config);
  connect(call);
  call.run_for(4s);
  CHECK(call.guest().pictures_seen.size() > 40);
  CHECK(call.guest().sounds_heard > 150);
  CHECK(call.host().pictures_seen.empty());
}

TEST_CASE("nothing but attacks counts as a bad message", "[conference][sim]") {
  CallSimulation call(network(0));
  connect(call);
  call.tell(call.guest(), RotateKeys{});
  call.run_for(2s);
  CHECK(call.host().conference->report().dropped.bad_message == 0);
  CHECK(call.guest().conference->report().dropped.bad_message == 0);
}

TEST_CASE("when a call is over its report holds a signed record of who was there", "[conference][sim]") {
  CallSimulation call(network(0));
  connect(call);
  call.run_for(1s);
  CHECK(call.host().conference->report().record.empty());
  call.host().conference->handle(LeaveConference{}, call.now());
  const auto record = read_transcript(call.host().conference->report().record);
  REQUIRE(record.ok());
  CHECK(record->signer == record->founder);
  REQUIRE(record->lines.size() == 1);
  CHECK(record->lines[0].find("\"Bob\" came in") != std::string::npos);
}
