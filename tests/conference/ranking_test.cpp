// More sounds than a path carries: the receiver knows who speaks, the relay does not.
#include <catch2/catch.hpp>

#include "call_simulation.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

TEST_CASE("behind 300 kbit/s who speaks is heard, whoever of seven that is, within seconds", "[conference][sim]") {
  SimulationConfig config;
  config.path.delay = 20ms;
  config.prepare = [](const std::string&, ConferenceConfig& member) { member.send_video = false; };
  CallSimulation call(config);
  REQUIRE(call.run_until([&] { return call.host().in_room; }, 10s));
  std::vector<Party*> speakers{&call.host()};
  for (const char* name : {"bob", "carol", "dan", "eva", "finn", "gus"}) {
    speakers.push_back(&call.add_guest(name));
    REQUIRE(call.run_until([&] { return speakers.back()->in_room; }, 10s));
  }
  Party& narrow = call.add_guest("nora");
  REQUIRE(call.run_until([&] { return narrow.in_room; }, 10s));
  narrow.silent = true;
  for (Party* each : speakers) each->silent = true;
  auto path = config.path;
  path.bandwidth = 300'000;
  path.queue = 11'000;
  narrow.transport->change_down(call.now(), path);
  call.run_for(12s);
  const auto heard = [&](Duration duration) {
    const double before = narrow.loudness;
    call.run_for(duration);
    return narrow.loudness - before;
  };
  CHECK(heard(1s) < 1e6);
  speakers[0]->silent = false;
  call.run_for(4s);
  const double fully = heard(2s);
  REQUIRE(fully > 1e6);
  speakers[0]->silent = true;
  for (const std::size_t next : {6U, 3U, 1U, 5U}) {
    speakers[next]->silent = false;
    call.run_for(5s);
    CAPTURE(next);
    CHECK(heard(2s) > 0.5 * fully);
    speakers[next]->silent = true;
  }
  CHECK(call.relay().counters().paths_narrowed > 0);
}
