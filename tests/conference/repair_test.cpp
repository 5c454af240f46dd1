// Calls over long paths that lose packets, with what protects them and without.
#include <catch2/catch.hpp>
#include <iostream>

#include "call_simulation.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

SimulationConfig far_away() {
  SimulationConfig config;
  config.path.delay = 75ms;  // four of them from one member to the other and back
  return config;
}

Party& admit_guest(CallSimulation& call) {
  REQUIRE(call.run_until([&] { return call.host().in_room; }, 10s));
  Party& guest = call.add_guest("bob");
  REQUIRE(call.run_until([&] { return guest.in_room && !call.host().joined.empty(); }, 10s));
  return guest;
}

struct Heard {
  std::size_t pictures = 0;
  std::uint64_t concealed = 0;
};

/// What Bob makes of a call of which a tenth is lost on its way down to him, or up from Ada.
Heard lossy_call(bool up, bool protection) {
  CallSimulation call(far_away());
  if (!protection) {
    call.tamper = [](Party&, TransportEvent& event) {  // parity, and what was not asked for
      const auto* packet = std::get_if<MediaPacket>(&event);
      return packet == nullptr || !packet->header.fec;
    };
  }
  Party& bob = admit_guest(call);
  transport::memory::Impairments lossy = far_away().path;
  lossy.loss = 0.1;
  if (up) call.host().transport->change_up(call.now(), lossy);
  else bob.transport->change_down(call.now(), lossy);
  call.run_for(4s);
  const Heard before{bob.pictures_seen.size(), bob.sounds_concealed};
  call.run_for(15s);
  const auto& counters = call.relay().counters();
  CHECK((up ? counters.uplink_repaired : counters.parity_sent) > 20);
  CHECK((up ? counters.paths_guarded : counters.uplink_repaired) == 0);
  const auto report = bob.conference->report();
  for (const auto& received : report.received) CHECK(received.decode_failures == 0);
  CHECK(report.dropped.forged == 0);
  return {bob.pictures_seen.size() - before.pictures, bob.sounds_concealed - before.concealed};
}

}  // namespace

TEST_CASE("what is lost far down is repaired before it is missed", "[conference][sim]") {
  const Heard with = lossy_call(false, true);
  const Heard without = lossy_call(false, false);
  CAPTURE(with.pictures, without.pictures, with.concealed);
  CHECK(with.concealed <= 25);  // of 750, a tenth of which were lost
  CHECK(with.pictures > without.pictures);
  CHECK(with.pictures >= 15 * 15 * 9 / 10);
}

TEST_CASE("what is lost far up is repaired at the relay, for everybody", "[conference][sim]") {
  const Heard with = lossy_call(true, true);
  CHECK(with.concealed <= 25);
  CHECK(with.pictures >= 15 * 15 * 9 / 10);
}

TEST_CASE("a call that loses nothing carries no packet twice and no parity", "[conference][sim]") {
  CallSimulation call(far_away());
  std::size_t beside = 0;
  call.tamper = [&](Party&, TransportEvent& event) {
    const auto* packet = std::get_if<MediaPacket>(&event);
    beside += packet != nullptr && (packet->header.fec || packet->header.retransmission) ? 1 : 0;
    return true;
  };
  admit_guest(call);
  call.run_for(10s);
  CHECK(beside == 0);
  CHECK(call.relay().counters().media_duplicate == 0);
}
