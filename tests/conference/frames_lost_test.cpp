// What counts as lost of pictures, and what is asked for again, while a relay leaves sizes and layers out.
#include <catch2/catch.hpp>
#include <iostream>
#include <map>
#include <set>

#include "call_simulation.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

SimulationConfig two_sizes() {
  SimulationConfig config;
  config.path.delay = 20ms;
  config.noise = 24;
  return config;
}

/// The last hop to Bob, which loses chosen frames of pictures for good: their packets, those that are sent again, and parity.
class LosingHop {
 public:
  bool passes(Party& party, TransportEvent& event) {
    auto* packet = std::get_if<MediaPacket>(&event);
    if (packet == nullptr || party.name != "Bob") return true;
    MediaHeader& header = packet->header;
    header.hop_lost += hop_lost_;
    const bool sound = header.frame.priority == 7;
    if (sound) return true;
    if (header.start && !header.retransmission && !header.fec) choose(header.frame);
    if (!header.fec && !victims.contains(header.frame.frame_number)) return note(header);
    ++hop_lost_;
    return false;
  }
  bool active = false;
  std::set<std::uint16_t> victims;                           ///< frame numbers
  std::map<std::pair<int, int>, std::size_t> passed;         ///< packets by size and layer
  std::size_t bursts = 0;

 private:
  /// Now and then one that no other needs, or one of layer 1 and the one that refers to it.
  void choose(const FrameInfo& frame) {
    if (victims.contains(frame.frame_number)) return;
    if (std::exchange(another_, false) && frame.temporal_layer == 2) {
      victims.insert(frame.frame_number);
      ++bursts;
      return;
    }
    if (!active || frame.temporal_layer == 0 || ++seen_ % 13 != 0) return;
    if (frame.temporal_layer == 1) another_ = true;
    victims.insert(frame.frame_number);
  }
  bool note(const MediaHeader& header) {
    ++passed[{header.frame.spatial_layer, header.frame.temporal_layer}];
    return true;
  }

  std::uint32_t hop_lost_ = 0;
  std::size_t seen_ = 0;
  bool another_ = false;
};

Party& meet(CallSimulation& call) {
  REQUIRE(call.run_until([&] { return call.host().in_room; }, 10s));
  Party& bob = call.add_guest("Bob");
  REQUIRE(call.run_until([&] { return bob.in_room && !call.host().joined.empty(); }, 10s));
  return bob;
}

ReceiveReport pictures_of(Party& party) {
  for (const ReceiveReport& each : party.conference->report().received) {
    if (each.video) return each;
  }
  FAIL("no picture was received");
  return {};
}

/// All that was asked for in NACKs.
std::uint64_t asked_for(const relay::Counters& counters) { return counters.retransmissions + counters.nacks_unanswered + counters.nacks_over_limit; }

}  // namespace

TEST_CASE("as many pictures count as lost as were lost, while sizes and layers change to and fro", "[conference][sim]") {
  CallSimulation call(two_sizes());
  LosingHop hop;
  call.tamper = [&](Party& party, TransportEvent& event) { return hop.passes(party, event); };
  Party& bob = meet(call);
  call.run_for(3s);
  CHECK(pictures_of(bob).frames_lost == 0);
  hop.active = true;
  for (const std::uint64_t bandwidth : {std::uint64_t{0}, std::uint64_t{220'000}, std::uint64_t{130'000}, std::uint64_t{0}}) {
    auto path = two_sizes().path;
    path.bandwidth = bandwidth;
    bob.transport->change_down(call.now(), path);
    call.run_for(12s);
  }
  hop.active = false;
  call.run_for(2s);
  const auto& counters = call.relay().counters();
  const ReceiveReport report = pictures_of(bob);
  std::cout << "lost for good: " << hop.victims.size() << ", in bursts of two: " << hop.bursts << "; reported: " << report.frames_lost << "; packets given up by the relay: " << counters.media_pacer_dropped << "; layers lowered "
            << counters.layers_lowered << ", raised " << counters.layers_raised << '\n';
  REQUIRE(hop.victims.size() > 20);
  REQUIRE(hop.bursts > 2);
  REQUIRE(hop.passed[{0, 0}] > 10);  // the small size, too
  REQUIRE(hop.passed[{1, 0}] > 10);
  REQUIRE(counters.layers_lowered > 0);
  REQUIRE(counters.layers_raised > 0);
  // Frames that the relay itself gave up, since they waited too long for the narrow path, were for Bob, too; of each a packet at least.
  CHECK(report.frames_lost >= hop.victims.size());
  CHECK(report.frames_lost <= hop.victims.size() + counters.media_pacer_dropped);
}

TEST_CASE("nothing is asked for again that is of layers not subscribed, or that the relay has not got", "[conference][sim]") {
  CallSimulation call(two_sizes());
  Party& bob = meet(call);
  auto narrow = two_sizes().path;
  narrow.bandwidth = 180'000;
  bob.transport->change_down(call.now(), narrow);
  call.run_for(6s);
  auto lossy = two_sizes().path;
  lossy.loss = 0.05;
  call.host().transport->change_up(call.now(), lossy);
  const std::uint64_t before = asked_for(call.relay().counters());
  const auto received = pictures_of(bob).frames_decoded;
  call.run_for(20s);
  const auto& counters = call.relay().counters();
  std::cout << "asked for: " << asked_for(counters) - before << ", in vain: " << counters.nacks_unanswered << "; layers left out of "
            << counters.media_layer_dropped << " packets\n";
  REQUIRE(counters.media_layer_dropped > 200);
  CHECK(asked_for(counters) == before);
  CHECK(counters.nacks_unanswered == 0);
  CHECK(pictures_of(bob).frames_decoded > received + 60);
}

TEST_CASE("what is lost on the way to a receiver is asked for as before", "[conference][sim]") {
  CallSimulation call(two_sizes());
  Party& bob = meet(call);
  auto lossy = two_sizes().path;
  lossy.loss = 0.02;
  lossy.reorder = 0.02;
  bob.transport->change_down(call.now(), lossy);
  call.run_for(20s);
  const ReceiveReport report = pictures_of(bob);
  CHECK(call.relay().counters().retransmissions > 10);
  CHECK(report.packets_recovered > 10);
  CHECK(report.packets_lost < 5);
  CHECK(report.frames_lost < 5);
}
