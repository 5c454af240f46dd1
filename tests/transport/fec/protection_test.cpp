#include "transport/fec/protection.h"

#include <catch2/catch.hpp>

#include "stream_packets.h"
#include "transport/path_estimator.h"
#include "transport/fec/recovery.h"

using namespace conclave;
using namespace conclave::test;
using namespace conclave::transport;
using namespace conclave::transport::fec;
using namespace std::chrono_literals;

namespace {

MediaPacket sound_packet(std::uint32_t sequence) {
  MediaPacket packet = picture_packet(sequence, 110);
  packet.header.frame.priority = 7;
  return packet;
}

std::size_t count_parity(const std::vector<MediaPacket>& packets) {
  std::size_t count = 0;
  for (const MediaPacket& packet : packets) count += packet.header.fec ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("a path counts as lossy when two in a hundred are lost for a while, and no longer when few are", "[transport]") {
  LossAverage losses;
  PathReport report;
  Time now{1s};
  const auto run = [&](Duration duration, std::uint32_t lost_of_twenty) {
    for (const Time end = now + duration; now < end; now += 50ms) {
      report.packets += 20 - lost_of_twenty;
      report.lost += lost_of_twenty;
      losses.note(report, now);
    }
  };
  run(5s, 0);
  CHECK_FALSE(losses.lossy());
  run(200ms, 1);
  CHECK_FALSE(losses.lossy());
  run(2s, 1);
  CHECK(losses.lossy());
  CHECK(losses.very_lossy());
  CHECK(losses.share() == Approx(0.04).margin(0.015));
  report.lost -= 40;  // they were late
  run(50ms, 0);
  CHECK_FALSE(losses.lossy());
  run(3s, 2);
  CHECK(losses.lossy());
  run(10s, 0);
  CHECK_FALSE(losses.lossy());
}

TEST_CASE("a report that a later one has overtaken ends no protection", "[transport][attack]") {
  LossAverage losses;
  PathReport report;
  Time now{1s};
  for (int i = 0; i < 60; ++i, now += 50ms) {
    report.packets += 18;
    report.lost += 2;
    losses.note(report, now);
  }
  REQUIRE(losses.very_lossy());
  const double before = losses.share();
  PathReport overtaken = report;
  overtaken.packets -= 18;
  overtaken.lost -= 2;
  losses.note(overtaken, now);
  CHECK(losses.share() == Approx(before).epsilon(0.01));
  CHECK(losses.very_lossy());
}

TEST_CASE("there are as many rows as the loss asks for, and never more than half of the packets", "[transport]") {
  CHECK(rows_for(1, 0.5) == 1);
  CHECK(rows_for(10, 0.02) == 1);
  CHECK(rows_for(10, 0.05) == 2);
  CHECK(rows_for(10, 0.10) == 4);
  CHECK(rows_for(10, 0.30) == 5);
  CHECK(rows_for(48, 0.5) == max_rows);
  for (std::size_t packets = 1; packets <= 16; ++packets) CHECK(rows_for(packets, 0.2) <= (packets + 1) / 2);
}

TEST_CASE("sound is said again behind the packet after it, when much is lost", "[transport]") {
  Protection protection;
  Time now{1s};
  protection.set_terms({.loss = 0.05, .sound_twice = true, .pictures = true, .rate = 1e6}, now);
  CHECK(protection.sent(sound_packet(0), true, now).empty());
  for (std::uint32_t i = 1; i < 50; ++i) {
    now += 20ms;
    const auto again = protection.sent(sound_packet(i), true, now);
    REQUIRE(again.size() == 1);
    CHECK(again[0].header.retransmission);
    CHECK(same_packet(again[0], sound_packet(i - 1)));
  }
  now += 1s;
  CHECK(protection.sent(sound_packet(50), true, now).empty());  // what was said a second ago is of no use
  protection.set_terms({.loss = 0.02, .sound_twice = false, .pictures = true, .rate = 1e6}, now);
  CHECK(protection.sent(sound_packet(51), true, now).empty());
}

TEST_CASE("pictures get parity after sixteen packets or a while, the lowest layer alone where there is little room", "[transport]") {
  Protection protection;
  const Time start{1s};
  protection.set_terms({.loss = 0.05, .pictures = true, .rate = 1e7}, start - 1s);
  std::size_t rows = 0;
  for (std::uint32_t i = 0; i < 16; ++i) rows += count_parity(protection.sent(picture_packet(i, 900), false, start + i * 1ms));
  CHECK(rows == rows_for(16, 0.05));
  CHECK(protection.next_deadline() == never);
  (void)protection.sent(picture_packet(16, 900), false, start + 20ms);
  CHECK(protection.next_deadline() == start + 20ms + Protection::longest);
  CHECK(protection.due(start + 19ms + Protection::longest).empty());
  CHECK(count_parity(protection.due(start + 20ms + Protection::longest)) == 1);
  CHECK(protection.next_deadline() == never);

  protection.set_terms({.loss = 0.05, .pictures = true, .base_layers_alone = true, .rate = 1e7}, start + 1s);
  for (std::uint32_t i = 17; i < 26; ++i) (void)protection.sent(picture_packet(i, 900), false, start + 1s);
  const auto parity = protection.due(start + 2s);
  REQUIRE_FALSE(parity.empty());
  const auto covered = read_parity(parity[0])->covered;
  for (std::uint32_t i = 18; i < 26; ++i) CHECK(covered.has(covered.place_of(i)) == (i % 3 == 0));
}

TEST_CASE("what protection costs stays within what it may cost", "[transport]") {
  Protection protection;
  Time now{1s};
  protection.set_terms({.loss = 0.3, .sound_twice = true, .pictures = true, .rate = 50e3}, now);
  double bits = 0;
  for (std::uint32_t i = 0; i < 5000; ++i, now += 2ms) {
    for (const MediaPacket& packet : protection.sent(picture_packet(i, 900), false, now)) bits += 8 * static_cast<double>(packet.payload.size() + path_overhead);
    if (i % 250 == 0) protection.set_terms(protection.terms(), now);
  }
  CHECK(bits <= 50e3 * 10.5);
  CHECK(bits >= 50e3 * 9);
  CHECK(protection.cost() == Approx(50e3).epsilon(0.3));
}

TEST_CASE("packets that parity has no place for are left to themselves", "[transport]") {
  Block block;
  const Time now{1s};
  CHECK_FALSE(block.add(picture_packet(1, max_covered_payload + 1), now));
  CHECK(block.empty());
  CHECK(block.add(picture_packet(10, 5), now));
  CHECK_FALSE(block.add(picture_packet(10, 5), now));
  CHECK_FALSE(block.add(picture_packet(9, 5), now));
  CHECK(block.add(picture_packet(10 + max_places - 1, 5), now));
  CHECK_FALSE(block.add(picture_packet(10 + max_places, 5), now));
}

TEST_CASE("of streams that have ended, or go by other ids, nothing is kept", "[transport][attack]") {
  Protection protection;
  Time now{1s};
  for (std::uint32_t i = 0; i < 3000; ++i, now += 20ms) {
    protection.set_terms({.loss = 0.1, .sound_twice = true, .pictures = true, .rate = 1e6}, now);
    MediaPacket packet = picture_packet(i, 100);
    packet.header.frame.stream_id = static_cast<std::uint16_t>(i);
    (void)protection.sent(packet, i % 2 == 0, now);
    (void)protection.due(now);
    REQUIRE(protection.streams() < 64);
  }
}
