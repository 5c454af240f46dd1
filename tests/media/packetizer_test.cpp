#include "media/packetizer.h"

#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "support/sealed.h"

using namespace conclave;
using namespace conclave::media;
using namespace conclave::test;

TEST_CASE("fragments are as few as possible and differ by at most a byte", "[media]") {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    const std::size_t size = 1 + random() % 60'000;
    const std::size_t limit = 100 + random() % 1'100;
    const auto frame = sealed_frame(1, random_bytes(random, size));
    const auto packets = Packetizer().split(frame, limit);
    REQUIRE(packets.ok());
    CHECK(packets->size() == (size + limit - 1) / limit);
    std::size_t smallest = size, largest = 0;
    Bytes joined;
    for (const auto& packet : *packets) {
      smallest = std::min(smallest, packet.payload.size());
      largest = std::max(largest, packet.payload.size());
      const auto bytes = packet.payload.bytes();
      joined.insert(joined.end(), bytes.begin(), bytes.end());
    }
    CHECK(largest <= limit);
    CHECK(largest - smallest <= 1);
    CHECK(equal(joined, frame.bytes()));
  }
}

TEST_CASE("packets of a stream are numbered without gaps across frames and wrap at 2^24", "[media]") {
  Packetizer packetizer(0xFF'FFFE);
  const auto first = *packetizer.split(sealed_frame(1, Bytes(300)), 100);
  const auto second = *packetizer.split(sealed_frame(2, Bytes(50)), 100);
  REQUIRE(first.size() == 3);
  CHECK(first[0].header.stream_sequence == 0xFF'FFFE);
  CHECK(first[2].header.stream_sequence == 0);
  CHECK(second[0].header.stream_sequence == 1);
  CHECK((first[0].header.start && !first[0].header.end));
  CHECK((!first[1].header.start && !first[1].header.end));
  CHECK((!first[2].header.start && first[2].header.end));
  CHECK((second[0].header.start && second[0].header.end));
  CHECK(second[0].header.frame.frame_number == 2);
}

TEST_CASE("frames that are empty, too large or need too many fragments are refused", "[media]") {
  Packetizer packetizer;
  CHECK(packetizer.split(sealed_frame(1, {}), 100).error().code == ErrorCode::limit_exceeded);
  CHECK(packetizer.split(sealed_frame(1, Bytes(max_sealed_frame_size + 1)), 65'000).error().code == ErrorCode::limit_exceeded);
  CHECK(packetizer.split(sealed_frame(1, Bytes(max_fragments * 10 + 1)), 10).error().code == ErrorCode::limit_exceeded);
  CHECK_FALSE(packetizer.split(sealed_frame(1, Bytes(10)), 0).ok());
  CHECK(packetizer.split(sealed_frame(1, Bytes(max_fragments * 10)), 10).ok());
}

TEST_CASE("the cache answers for a second, marks what it sends again, and not too often", "[media]") {
  RetransmissionCache cache;
  Packetizer packetizer(0xFF'FFFF);
  const auto packets = *packetizer.split(sealed_frame(1, Bytes(300)), 100);
  for (const auto& packet : packets) cache.add(packet, at_ms(0));
  const auto again = cache.find(0, at_ms(500));
  REQUIRE(again.has_value());
  CHECK(again->header.retransmission);
  CHECK(again->header.stream_sequence == 0);
  CHECK(equal(again->payload.bytes(), packets[1].payload.bytes()));
  CHECK_FALSE(cache.find(2, at_ms(500)).has_value());
  CHECK_FALSE(cache.find(0xFF'FFFE, at_ms(500)).has_value());
  for (int i = 1; i < RetransmissionCache::max_answers; ++i) CHECK(cache.find(0, at_ms(600)).has_value());
  CHECK_FALSE(cache.find(0, at_ms(600)).has_value());
  CHECK(cache.find(1, at_ms(1'000)).has_value());
  CHECK_FALSE(cache.find(1, at_ms(1'001)).has_value());
  CHECK(cache.bytes() == 0);
}

TEST_CASE("the cache never holds more bytes than it may", "[media]") {
  RetransmissionCache cache(ms(1'000), 1'000);
  Packetizer packetizer;
  for (std::uint16_t i = 0; i < 100; ++i) {
    for (const auto& packet : split(packetizer, sealed_frame(i, Bytes(350)), 100)) cache.add(packet, at_ms(i));
    CHECK(cache.bytes() <= 1'000);
  }
  CHECK(cache.find(399, at_ms(100)).has_value());
  CHECK_FALSE(cache.find(0, at_ms(100)).has_value());
}
