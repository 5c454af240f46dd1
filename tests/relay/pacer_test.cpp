#include "relay/pacer.h"

#include <catch2/catch.hpp>

using namespace conclave;
using namespace conclave::relay;
using namespace std::chrono_literals;

namespace {

MediaPacket packet_of(std::uint16_t stream, std::size_t size, bool discardable = false, bool keyframe = false) {
  MediaPacket packet;
  packet.header.frame.stream_id = stream;
  packet.header.frame.discardable = discardable;
  packet.header.frame.keyframe = keyframe;
  packet.header.start = packet.header.end = true;
  packet.payload = SealedPayload::received(Bytes(size, 1));
  return packet;
}

/// One of three packets of a frame that no other needs.
MediaPacket part_of(std::uint16_t frame, int part) {
  MediaPacket packet = packet_of(1, 934, true);
  packet.header.frame.frame_number = frame;
  packet.header.start = part == 0;
  packet.header.end = part == 2;
  return packet;
}

bool waits(Pacer& pacer, MediaPacket packet, std::uint64_t own_number) { return pacer.push(std::move(packet), own_number) == Pushed::waits; }

/// What leaves, by frame and number, after everything that is too much was given up.
std::vector<std::pair<int, std::uint32_t>> drain(Pacer& pacer) {
  std::vector<std::pair<int, std::uint32_t>> out;
  for (Time now{10s}; const auto packet = pacer.pop(now); now += 1s) out.emplace_back(packet->header.frame.frame_number, packet->header.stream_sequence);
  return out;
}

}  // namespace

TEST_CASE("a pacer lets pictures go at its rate, and what goes past it comes first", "[relay]") {
  Pacer pacer;
  pacer.set_rate(8 * 1000 * 100);  // 100 packets of 1,000 bytes a second
  for (std::uint64_t i = 0; i < 20; ++i) REQUIRE(waits(pacer, packet_of(1, 1000 - 66), i));
  const auto passed_by = [&](Time now) {
    int passed = 0;
    while (pacer.pop(now)) ++passed;
    return passed;
  };
  const Time start{1s};
  CHECK(passed_by(start) == 3);  // what it could have sent in the last 20 ms, and ahead
  for (int i = 1; i <= 5; ++i) CHECK(passed_by(start + i * 10ms) == 1);
  pacer.charge(5000 - 66, start + 50ms);
  CHECK(passed_by(start + 90ms) == 0);
  CHECK(passed_by(start + 110ms) == 1);
  CHECK(pacer.next_deadline() > start + 110ms);
}

TEST_CASE("what waits too long is given up: frames that nothing needs first, then a whole stream, the others stay", "[relay]") {
  Pacer pacer;
  pacer.set_rate(8 * 1000 * 10);  // 10 packets a second: six may wait
  CHECK(waits(pacer, packet_of(1, 934), 0));
  CHECK(waits(pacer, packet_of(1, 934, true), 1));
  CHECK(waits(pacer, packet_of(2, 934, false, true), 50));
  for (std::uint64_t i = 2; i < 6; ++i) CHECK(waits(pacer, packet_of(1, 934), i));
  const auto spare = pacer.give_up();
  REQUIRE(spare);
  CHECK((spare->stream_id == 1 && spare->left_out == std::vector<std::uint64_t>{1} && !spare->stops));
  CHECK_FALSE(pacer.give_up());
  CHECK(waits(pacer, packet_of(1, 934), 5));
  const auto stream = pacer.give_up();
  REQUIRE(stream);
  CHECK((stream->stream_id == 1 && stream->own_number == 0 && stream->stops && stream->packets == 6));
  const auto left = pacer.pop(Time{1s});
  REQUIRE(left);
  CHECK(left->header.frame.stream_id == 2);
  CHECK(pacer.empty());
}

TEST_CASE("packets behind one that is given up move up by one", "[relay]") {
  Pacer pacer;
  pacer.set_rate(8 * 1000 * 10);
  for (std::uint64_t i = 0; i < 8; ++i) CHECK(waits(pacer, packet_of(1, 934, i == 3), (std::uint64_t{1} << 24) - 4 + i));
  const auto drop = pacer.give_up();
  REQUIRE(drop);
  CHECK(drop->left_out == std::vector<std::uint64_t>{(1 << 24) - 1});
  std::vector<std::uint32_t> numbers;
  for (Time now{1s}; const auto packet = pacer.pop(now); now += 1s) numbers.push_back(packet->header.stream_sequence);
  REQUIRE(numbers.size() == 7);
  CHECK(numbers[3] == 0xffffff);
  CHECK(numbers[4] == 0);
}

TEST_CASE("a frame of several packets is given up whole, with those of it that are still to come", "[relay]") {
  Pacer pacer;
  pacer.set_rate(8 * 1000 * 10);
  for (std::uint64_t i = 0; i < 5; ++i) CHECK(waits(pacer, packet_of(1, 934), i));
  CHECK(waits(pacer, part_of(9, 0), 5));
  CHECK(waits(pacer, part_of(9, 1), 6));
  CHECK(waits(pacer, packet_of(2, 10), 77));
  const auto drop = pacer.give_up();
  REQUIRE(drop);
  CHECK((!drop->stops && drop->packets == 2));
  CHECK(drop->left_out == std::vector<std::uint64_t>{5, 5});
  CHECK(pacer.push(part_of(9, 2), 5) == Pushed::given_up);
  CHECK(waits(pacer, packet_of(2, 10), 78));
  CHECK(drain(pacer).size() == 5 + 2);
}

TEST_CASE("a frame of which something was sent is not given up: its receiver would join what is left to something else", "[relay]") {
  Pacer pacer;
  pacer.set_rate(8 * 1000 * 10);
  for (int part = 0; part < 3; ++part) CHECK(waits(pacer, part_of(1, part), static_cast<std::uint64_t>(part)));
  REQUIRE(pacer.pop(Time{1s}));
  for (int part = 0; part < 3; ++part) CHECK(waits(pacer, part_of(2, part), static_cast<std::uint64_t>(3 + part)));
  for (std::uint64_t i = 6; i < 8; ++i) CHECK(waits(pacer, packet_of(1, 934, false, true), i));
  const auto drop = pacer.give_up();
  REQUIRE(drop);
  CHECK(drop->left_out == std::vector<std::uint64_t>{3, 3, 3});
  CHECK_FALSE(pacer.give_up());
  CHECK(drain(pacer) == std::vector<std::pair<int, std::uint32_t>>{{1, 0}, {1, 0}, {0, 3}, {0, 4}});
}

TEST_CASE("what comes late takes its place before what waits, and numbers that were passed stand", "[relay]") {
  Pacer pacer;
  pacer.set_rate(8 * 1000 * 10);
  CHECK(waits(pacer, packet_of(1, 934, true), 10));
  pacer.pass(packet_of(1, 934), 11, Time{1s});  // out of order, whatever the reason
  for (std::uint64_t i = 13; i < 19; ++i) CHECK(waits(pacer, packet_of(1, 934), i));
  CHECK(waits(pacer, packet_of(1, 934), 12));
  const auto drop = pacer.give_up();
  REQUIRE(drop);
  CHECK(drop->stops);  // the frame that none needs comes before one that was sent
  CHECK(drop->own_number == 12);
  CHECK(pacer.empty());
}

TEST_CASE("where a keyframe waits, what stands before it in its stream is given up, and the stream goes on with it", "[relay]") {
  Pacer pacer;
  pacer.set_rate(8 * 1000 * 10);
  for (std::uint16_t i = 0; i < 7; ++i) {
    MediaPacket packet = packet_of(1, 934, false, i == 5);
    packet.header.frame.frame_number = i;
    packet.header.stream_sequence = i;
    CHECK(waits(pacer, std::move(packet), i));
  }
  const auto spare = pacer.give_up();
  REQUIRE(spare);
  CHECK((spare->left_out == std::vector<std::uint64_t>{0} && !spare->stops));
  CHECK_FALSE(pacer.give_up());
  CHECK(drain(pacer) == std::vector<std::pair<int, std::uint32_t>>{{1, 0}, {2, 1}, {3, 2}, {4, 3}, {5, 4}, {6, 5}});
}
