// Nine pictures and whoever speaks behind a narrow path: all of them move.
#include <catch2/catch.hpp>

#include "call_simulation.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

SimulationConfig ten_with_pictures(std::uint64_t seed) {
  SimulationConfig config;
  config.seed = seed;
  config.path.delay = 20ms;
  config.path.jitter = 3ms;
  config.frames_per_second = 10;
  config.bitrate = 150'000;  // the small size has 30,000
  config.prepare = [](const std::string&, ConferenceConfig& member) { member.audio.bitrate = 12'000; };
  return config;
}

}  // namespace

TEST_CASE("behind 300 kbit/s nine pictures move without a freeze of a second while one after the other speaks", "[conference][sim]") {
  for (const double loss : {0.0, 0.01}) {
    const SimulationConfig config = ten_with_pictures(loss == 0 ? 1 : 2);
    CallSimulation call(config);
    REQUIRE(call.run_until([&] { return call.host().in_room; }, 10s));
    call.host().muted = true;
    Party& nora = call.add_guest("nora");
    auto narrow = config.path;
    narrow.delay = 40ms;
    narrow.bandwidth = 300'000;
    narrow.queue = 11'000;
    narrow.loss = loss;
    nora.transport->change_down(call.now(), narrow);
    REQUIRE(call.run_until([&] { return nora.in_room; }, 10s));
    nora.muted = true;
    std::vector<Party*> speakers;
    for (const char* name : {"ben", "cleo", "dan", "eva", "finn", "gus", "hana", "ines"}) {
      speakers.push_back(&call.add_guest(name));
      speakers.back()->muted = true;
      REQUIRE(call.run_until([&] { return speakers.back()->in_room; }, 10s));
      call.run_for(500ms);
    }
    for (Party* each : speakers) {
      each->muted = false;
      call.run_for(2500ms);
      each->muted = true;
    }
    std::size_t pictures = 0;
    for (const ReceiveReport& received : nora.conference->report().received) {
      if (!received.video) continue;
      ++pictures;
      CAPTURE(loss, received.member, received.frames_decoded, received.longest_freeze / 1ms);
      CHECK(received.longest_freeze < 1s);
      CHECK(received.width == 160);
    }
    CHECK(pictures == 9);
  }
}
