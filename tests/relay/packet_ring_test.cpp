#include "relay/packet_ring.h"

#include <random>

#include "harness.h"
#include "relay/gap_tracker.h"
#include "relay/token_bucket.h"

using namespace conclave;
using namespace conclave::relay;
using namespace conclave::relay::testing;

TEST_CASE("24-bit sequences unwrap to the nearest number, forwards and backwards", "[relay]") {
  SequenceUnwrapper unwrapper;
  const auto start = unwrapper.unwrap(0xfffffe);
  CHECK(unwrapper.unwrap(0xffffff) == start + 1);
  CHECK(unwrapper.unwrap(1) == start + 3);
  CHECK(unwrapper.unwrap(0) == start + 2);
  CHECK(unwrapper.unwrap(0xfffff0) == start - 14);
  CHECK(unwrapper.highest() == start + 3);
  SequenceUnwrapper early;
  const auto first = early.unwrap(3);
  CHECK(early.unwrap(0xfffffd) == first - 6);  // older than the first that was seen
}

TEST_CASE("the ring keeps the newest packets, however they come", "[relay]") {
  PacketRing ring(64, 1 << 20);
  for (std::uint64_t i = 1000; i < 1200; ++i) CHECK(ring.insert(i, media_packet(1, static_cast<std::uint32_t>(i))) == RingInsert::stored);
  CHECK(ring.find(1199)->header.stream_sequence == 1199);
  CHECK(ring.find(1136) != nullptr);
  CHECK(ring.find(1135) == nullptr);
  CHECK(ring.find(1200) == nullptr);
  CHECK(ring.insert(1150, media_packet(1, 1150)) == RingInsert::duplicate);
  CHECK(ring.insert(1100, media_packet(1, 1100)) == RingInsert::late);
  CHECK(ring.bytes() == 64 * 100);
}

TEST_CASE("packets older than the first one seen still find a place", "[relay]") {
  PacketRing ring(64, 1 << 20);
  CHECK(ring.insert(1000, media_packet(1, 1000)) == RingInsert::stored);
  CHECK(ring.insert(990, media_packet(1, 990)) == RingInsert::stored);
  CHECK(ring.insert(900, media_packet(1, 900)) == RingInsert::late);
  CHECK(ring.find(990) != nullptr);
}

TEST_CASE("a ring takes memory as packets come, and loses none while it grows", "[relay]") {
  PacketRing ring(512, 1 << 20);
  CHECK(ring.slots() == 0);
  ring.insert(1000, media_packet(1, 1000));
  CHECK(ring.slots() == 32);
  for (std::uint32_t sequence = 1001; sequence < 1500; ++sequence) REQUIRE(ring.insert(sequence, media_packet(1, sequence)) == RingInsert::stored);
  CHECK(ring.slots() == 512);
  for (std::uint32_t sequence = 1000; sequence < 1500; ++sequence) {
    REQUIRE(ring.find(sequence) != nullptr);
    CHECK(ring.find(sequence)->header.stream_sequence == sequence);
  }
  ring.insert(1'000'000, media_packet(1, 7));
  CHECK(ring.slots() == 512);
  CHECK(ring.find(1499) == nullptr);
  CHECK(ring.find(1'000'000) != nullptr);
}

TEST_CASE("the ring is bounded by bytes as well", "[relay]") {
  PacketRing ring(64, 5000);
  for (std::uint64_t i = 0; i < 100; ++i) ring.insert(1000 + i, media_packet(1, 0, 1000));
  CHECK(ring.bytes() == 5000);
  CHECK(ring.find(1099) != nullptr);
  CHECK(ring.find(1095) != nullptr);
  CHECK(ring.find(1094) == nullptr);
}

TEST_CASE("no sequence of insertions makes the ring lie or grow", "[relay][fuzz]") {
  std::mt19937_64 random(4);
  for (int run = 0; run < 200; ++run) {
    PacketRing ring(16, 4000);
    std::map<std::uint64_t, std::size_t> inserted;
    std::uint64_t highest = 1 << 24;
    ring.insert(highest, media_packet(1, 0, 0));
    for (int step = 0; step < 200; ++step) {
      const std::uint64_t jump = random() % 8 == 0 ? random() % (1 << 23) : random() % 20;
      const std::uint64_t sequence = random() % 3 == 0 ? highest - std::min(highest, random() % 40) : highest + jump;
      highest = std::max(highest, sequence);
      const std::size_t size = random() % 1200;
      if (ring.insert(sequence, media_packet(1, static_cast<std::uint32_t>(sequence), size)) == RingInsert::stored) inserted[sequence] = size;
      REQUIRE(ring.bytes() <= 4000);
      std::size_t found = 0;
      for (const auto& [number, bytes] : inserted) {
        const auto* packet = ring.find(number);
        if (packet == nullptr) continue;
        found += bytes;
        REQUIRE(packet->header.stream_sequence == (number & 0xffffff));
        REQUIRE(number + 16 > highest);
      }
      REQUIRE(found == ring.bytes());
    }
  }
}

TEST_CASE("a gap too long to repair is given up at once", "[relay]") {
  const Limits limits;
  GapTracker gaps(limits);
  const Time now{1s};
  gaps.arrived(1000, now);
  gaps.arrived(1000 + limits.gaps + 2, now);
  CHECK(gaps.next_deadline() == never);
  gaps.arrived(1000 + limits.gaps + 5, now);
  CHECK(gaps.due(now + 10ms) == std::vector<std::uint64_t>{1000 + limits.gaps + 3, 1000 + limits.gaps + 4});
}

TEST_CASE("many gaps remember the newest of a bounded number", "[relay]") {
  const Limits limits;
  GapTracker gaps(limits);
  const Time now{1s};
  for (std::uint64_t i = 0; i < 1000; ++i) gaps.arrived(1000 + 2 * i, now);
  const auto due = gaps.due(now + 1s);
  REQUIRE(due.size() == limits.gaps);
  CHECK(due.back() == 1000 + 2 * 999 - 1);
}

TEST_CASE("a bucket grants its burst, then its pace", "[relay]") {
  TokenBucket bucket({.per_second = 10, .burst = 5});
  Time now{1s};
  int taken = 0;
  while (bucket.take(now)) ++taken;
  CHECK(taken == 5);
  now += 1000ms;
  for (taken = 0; bucket.take(now);) ++taken;
  CHECK(taken == 5);
  now += 200ms;
  CHECK(bucket.take(now, 2));
  CHECK_FALSE(bucket.take(now, 0.5));
  CHECK_FALSE(bucket.take(now - 1s));  // time that runs backwards grants nothing
}
