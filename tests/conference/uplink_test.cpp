// Publishers behind narrow uplinks, in virtual time: their sound stays whole, their pictures follow what the way carries.
#include <catch2/catch.hpp>

#include "call_simulation.h"
#include "transport/feedback.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

SimulationConfig config() {
  SimulationConfig config;
  config.path.delay = 30ms;
  config.path.jitter = 2ms;
  config.bitrate = 800'000;
  config.noise = 12;
  return config;
}

transport::memory::Impairments narrow(std::uint64_t bandwidth) {
  auto path = config().path;
  path.bandwidth = bandwidth;
  path.queue = bandwidth / 8 * 3 / 10;  // 300 ms
  return path;
}

Party& admit_guest(CallSimulation& call) {
  REQUIRE(call.run_until([&] { return call.host().in_room; }, 10s));
  Party& guest = call.add_guest("bob");
  REQUIRE(call.run_until([&] { return guest.in_room && !call.host().joined.empty(); }, 10s));
  return guest;
}

struct Seen {
  std::uint64_t sounds = 0, concealed = 0, large = 0, small = 0, bytes = 0;
};

Seen of(const Party& party) {
  Seen seen{party.sounds_heard, party.sounds_concealed, party.pictures_seen.size() + party.unreadable_pictures, party.small_pictures, 0};
  for (const auto& received : party.conference->report().received) seen.bytes += received.bytes_received;
  return seen;
}

Seen over(CallSimulation& call, Party& party, Duration duration) {
  const Seen before = of(party);
  call.run_for(duration);
  const Seen after = of(party);
  return {after.sounds - before.sounds, after.concealed - before.concealed, after.large - before.large, after.small - before.small, after.bytes - before.bytes};
}

}  // namespace

TEST_CASE("a publisher behind a narrow uplink keeps its sound whole and its picture moving, and comes back up", "[conference][sim]") {
  CallSimulation call(config());
  Party& bob = admit_guest(call);
  const Seen wide = over(call, bob, 8s);
  CHECK(wide.large > 100);
  call.host().transport->change_up(call.now(), narrow(300'000));
  (void)over(call, bob, 5s);
  const Seen settled = over(call, bob, 30s);
  CAPTURE(settled.sounds, settled.concealed, settled.large, settled.small, settled.bytes, wide.bytes);
  CHECK(settled.concealed <= 3);
  CHECK(settled.sounds >= 1490);
  CHECK(settled.large + settled.small >= 30 * 8);
  CHECK(settled.bytes * 8 <= 30 * 300'000);
  CHECK(settled.bytes * 8 >= 30 * 120'000);
  for (const auto& received : bob.conference->report().received) CHECK(received.longest_freeze < 3s);
  call.host().transport->change_up(call.now(), config().path);
  (void)over(call, bob, 40s);
  const Seen again = over(call, bob, 8s);
  CAPTURE(again.large, again.small, again.bytes);
  CHECK(again.large > 100);
  CHECK(again.bytes >= wide.bytes * 3 / 4);
}

TEST_CASE("where there is hardly room for sound, pictures of the small size are sent, or none, and sound stays whole", "[conference][sim]") {
  CallSimulation call(config());
  Party& bob = admit_guest(call);
  (void)over(call, bob, 4s);
  call.host().transport->change_up(call.now(), narrow(170'000));
  (void)over(call, bob, 8s);
  const Seen settled = over(call, bob, 20s);
  CAPTURE(settled.sounds, settled.concealed, settled.large, settled.small, settled.bytes);
  CHECK(settled.concealed <= 15);
  CHECK(settled.sounds >= 985);
  CHECK(settled.small > 20);
  CHECK(settled.large < 20);
}

TEST_CASE("a relay that reports nonsense of an uplink stops no sound, and costs the sender nothing but its pictures", "[conference][sim][attack]") {
  CallSimulation call(config());
  std::uint32_t reports = 0;
  call.tamper = [&](Party& party, TransportEvent& event) {
    auto* feedback = std::get_if<TransportFeedback>(&event);
    if (feedback == nullptr || party.name != "Ada") return true;
    ++reports;
    feedback->feedback = transport::encode_feedback({transport::PathReport{reports * 10, reports * 7, 0, reports * 5'000 & 0xffffff, 0, 0xffffff}}).value();
    return true;
  };
  Party& bob = admit_guest(call);
  const Seen seen = over(call, bob, 20s);
  CHECK(reports > 100);
  CHECK(seen.sounds >= 950);
}
