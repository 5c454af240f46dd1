// What the relay believes of receivers' paths, and who can make it believe otherwise.
#include <catch2/catch.hpp>

#include "call_simulation.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

SimulationConfig config() {
  SimulationConfig config;
  config.path.delay = 20ms;
  return config;
}

Party& admit_guest(CallSimulation& call) {
  REQUIRE(call.run_until([&] { return call.host().in_room; }, 10s));
  Party& guest = call.add_guest("bob");
  REQUIRE(call.run_until([&] { return guest.in_room && !call.host().joined.empty(); }, 10s));
  return guest;
}

}  // namespace

TEST_CASE("what is lost on a publisher's way to the relay narrows nobody's path", "[conference][sim]") {
  CallSimulation call(config());
  admit_guest(call);
  transport::memory::Impairments lossy = config().path;
  lossy.loss = 0.2;
  call.host().transport->change_up(call.now(), lossy);
  call.run_for(8s);
  CHECK(call.guest().sounds_heard > 200);
  CHECK(call.relay().counters().paths_narrowed == 0);
  CHECK(call.relay().counters().path_reports > 100);
}

TEST_CASE("a publisher that leaves out numbers narrows nobody's path", "[conference][sim][attack]") {
  CallSimulation call(config());
  admit_guest(call);
  call.tamper = [&](Party& party, TransportEvent& event) {  // as if the host had numbered so
    auto* packet = std::get_if<MediaPacket>(&event);
    if (packet != nullptr && &party == &call.guest()) packet->header.stream_sequence = packet->header.stream_sequence * 3 & 0xffffff;
    return true;
  };
  call.run_for(8s);
  CHECK(call.relay().counters().paths_narrowed == 0);
}

TEST_CASE("what is lost on the way from the relay is noticed", "[conference][sim]") {
  CallSimulation call(config());
  admit_guest(call);
  transport::memory::Impairments lossy = config().path;
  lossy.loss = 0.3;
  call.guest().transport->change_down(call.now(), lossy);
  call.run_for(8s);
  CHECK(call.relay().counters().paths_narrowed > 0);
}

TEST_CASE("a stream of which nothing is anybody's is not asked for any more, until keys change", "[conference][sim][attack]") {
  CallSimulation call(config());
  bool forged = true;
  std::size_t received = 0;
  call.tamper = [&](Party& party, TransportEvent& event) {
    auto* packet = std::get_if<MediaPacket>(&event);
    if (packet == nullptr || party.name != "bob") return true;
    ++received;
    if (forged) packet->payload = SealedPayload::received(Bytes(packet->payload.size(), 1));
    return true;
  };
  Party& bob = admit_guest(call);
  call.run_for(8s);
  REQUIRE(received > 300);
  received = 0;
  call.run_for(3s);
  CHECK(received == 0);
  forged = false;
  call.add_guest("carol");
  const auto heard = bob.sounds_heard;
  call.run_for(6s);
  CHECK(received > 100);
  CHECK(bob.sounds_heard > heard + 50);
}
