// Receivers that lose packets, in virtual time, and so far away that a retransmission comes too late.
#include "relay/guard.h"

#include <iostream>

#include "lossy_path.h"

using namespace conclave;
using namespace conclave::relay;
using namespace conclave::relay::testing;
using transport::memory::Impairments;

namespace {

/// How many times fewer frames were lost than without repair.
double factor(std::size_t sent, std::size_t alone, std::size_t repaired) {
  return static_cast<double>(sent - alone) / std::max(1.0, static_cast<double>(sent) - static_cast<double>(repaired));
}

}  // namespace

TEST_CASE("where a retransmission comes too late, far fewer frames are lost than without parity and repeats", "[relay][sim]") {
  struct Case {
    const char* name;
    Impairments path;
    double pictures, sounds;  ///< times fewer, at least
  };
  const std::vector<Case> cases{
      {"5 % at random", {.delay = 150ms, .jitter = 2ms, .loss = 0.05}, 3, 8},
      {"10 % at random", {.delay = 150ms, .jitter = 2ms, .loss = 0.10}, 3, 5},
      {"20 % at random", {.delay = 150ms, .jitter = 2ms, .loss = 0.20}, 1.5, 3},
      {"bursts of three, 5 %", {.delay = 150ms, .jitter = 2ms, .burst_start = 0.0175, .burst_length = 3}, 1.5, 2},
  };
  for (const Case& each : cases) {
    LossyMeeting meeting(each.path, 11);
    meeting.run(5s);
    (void)meeting.take_seen();
    meeting.run(60s);
    const auto seen = meeting.take_seen();
    const double pictures = factor(seen.sent.pictures, seen.alone.pictures, seen.repaired.pictures);
    const double sounds = factor(seen.sent.sounds, seen.alone.sounds, seen.repaired.sounds);
    const double overhead = static_cast<double>(seen.beside_bytes) / static_cast<double>(seen.media_bytes);
    if (std::getenv("CONCLAVE_FIGURES") != nullptr) {
      std::cout << each.name << ": pictures lost " << seen.sent.pictures - seen.alone.pictures << " -> " << seen.sent.pictures - seen.repaired.pictures << " of "
                << seen.sent.pictures << ", sounds " << seen.sent.sounds - seen.alone.sounds << " -> " << seen.sent.sounds - seen.repaired.sounds << " of "
                << seen.sent.sounds << ", " << 100 * overhead << " % beside\n";
    }
    CAPTURE(each.name, seen.sent.pictures, seen.alone.pictures, seen.repaired.pictures, seen.sent.sounds, seen.alone.sounds, seen.repaired.sounds, overhead);
    CHECK(pictures >= each.pictures);
    CHECK(sounds >= each.sounds);
    CHECK(overhead < 0.65);
    CHECK(meeting.relay().counters().parity_sent > 0);
  }
}

TEST_CASE("a receiver that loses nothing gets nothing but what was published", "[relay][sim]") {
  LossyMeeting meeting({.delay = 150ms, .jitter = 5ms}, 3);
  meeting.run(20s);
  const auto seen = meeting.take_seen();
  CHECK(seen.beside_bytes == 0);
  CHECK(meeting.relay().counters().paths_guarded == 0);
  CHECK(seen.repaired.pictures + 5 >= seen.sent.pictures);
}

TEST_CASE("protection comes with the loss and goes with it, and numbers have no gaps for either", "[relay][sim]") {
  LossyMeeting meeting({.delay = 100ms}, 3);
  meeting.run(3s);
  meeting.change({.delay = 100ms, .loss = 0.08});
  meeting.run(6s);
  CHECK(meeting.relay().counters().paths_guarded == 1);
  CHECK(meeting.relay().counters().parity_sent > 20);
  CHECK(meeting.relay().counters().sounds_repeated > 150);
  meeting.change({.delay = 100ms});
  meeting.run(12s);
  (void)meeting.take_seen();
  meeting.run(5s);
  const auto seen = meeting.take_seen();
  CHECK(seen.beside_bytes == 0);
  CHECK(seen.alone.sounds + 1 >= seen.sent.sounds);
  CHECK(seen.alone.pictures + 1 >= seen.sent.pictures);
}

TEST_CASE("where a retransmission comes sooner than parity would, pictures get none, and sound is still said twice", "[relay][sim]") {
  LossyMeeting meeting({.delay = 10ms, .loss = 0.08}, 3);
  meeting.run(10s);
  CHECK(meeting.relay().counters().sounds_repeated > 200);
  CHECK(meeting.relay().counters().parity_sent * 20 < meeting.relay().counters().sounds_repeated);
}

TEST_CASE("over a narrow path that loses packets the lowest layer is protected, within the budget", "[relay][sim]") {
  LossyMeeting meeting({.delay = 120ms, .jitter = 2ms, .loss = 0.05, .bandwidth = 350'000, .queue = 16 << 10}, 3);
  meeting.run(15s);
  (void)meeting.take_seen();
  const auto before = meeting.relay().counters();
  meeting.run(30s);
  const auto seen = meeting.take_seen();
  CHECK(meeting.relay().counters().parity_sent > before.parity_sent);
  CHECK(8 * (seen.media_bytes + seen.beside_bytes) < 30 * 385'000);
  CHECK(seen.beside_bytes * 2 < seen.media_bytes);
  CHECK(factor(seen.sent.sounds, seen.alone.sounds, seen.repaired.sounds) > 1.5);
}

TEST_CASE("what a publisher's parity makes known is forwarded as if it had come, once", "[relay]") {
  Harness relay;
  const ConnectionId host = relay.open();
  const ConnectionId guest = relay.join(host);
  relay.publish(host, {{100, 1, 3}});
  relay.subscribe(guest, {{100}});
  const auto send_block = [&](std::uint32_t first, std::optional<std::uint32_t> lost) {
    transport::fec::Block block;
    for (std::uint32_t i = first; i < first + 5; ++i) {
      const MediaPacket packet = media_packet(100, i, 50 + i);
      REQUIRE(block.add(packet, relay.now()));
      if (i != lost) relay.send_media(host, packet);
    }
    for (const MediaPacket& parity : block.close(2)) relay.send_media(host, parity);
  };
  send_block(0, std::nullopt);
  send_block(5, 7);
  REQUIRE(relay.media(guest).size() == 10);
  CHECK(relay.counters().uplink_repaired == 1);
  CHECK(relay.media(guest).back().header.stream_sequence == 7);
  CHECK(relay.media(guest).back().payload.size() == 57);
  relay.send_media(host, media_packet(100, 7, 57));
  CHECK(relay.media(guest).size() == 10);
  relay.advance(500ms);
  CHECK(relay.feedback<transport::Nack>(host).empty());
}

TEST_CASE("a packet of parity counts as several of media against its publisher's pace", "[relay][attack]") {
  Harness relay;
  const ConnectionId host = relay.open();
  relay.publish(host, {{100, 1, 3}});
  transport::fec::Block block;
  REQUIRE(block.add(media_packet(100, 1), relay.now()));
  const MediaPacket parity = block.close(1).front();
  relay.advance(10s);
  for (int i = 0; i < 5'000; ++i) relay.send_media(host, parity);
  CHECK(relay.counters().media_received == 1'250);
  CHECK(relay.counters().media_over_limit == 3'750);
}

TEST_CASE("a publisher hears every 50 ms how its packets arrive", "[relay]") {
  Harness relay;
  const ConnectionId host = relay.open();
  const ConnectionId guest = relay.join(host);
  relay.publish(host, {{100, 1, 7}});
  relay.subscribe(guest, {{100}});
  for (std::uint32_t i = 0; i < 50; ++i) {
    MediaPacket packet = media_packet(100, i);
    packet.header.hop_lost = i / 10;
    relay.send_media(host, packet);
    relay.advance(20ms);
  }
  const auto reports = relay.feedback<transport::PathReport>(host);
  CHECK((reports.size() >= 16 && reports.size() <= 20));
  CHECK((reports.back().packets >= 48 && reports.back().lost == 4));
  CHECK(relay.feedback<transport::PathReport>(guest).empty());
  relay.advance(5s);
  CHECK(relay.feedback<transport::PathReport>(host).size() <= reports.size() + 1);
}
