#include "media/reassembler.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "support/sealed.h"

using namespace conclave;
using namespace conclave::media;
using namespace conclave::test;

namespace {
std::vector<MediaPacket> fragments(Packetizer& packetizer, std::uint16_t number, std::size_t size, std::uint8_t fill) {
  return split(packetizer, sealed_frame(number, Bytes(size, fill)), 1'000);
}
}  // namespace

TEST_CASE("frames come back whole from any order of their fragments, duplicates included", "[media]") {
  std::mt19937 random(2);
  for (int round = 0; round < 200; ++round) {
    Packetizer packetizer(random() & 0xFF'FFFF);
    Reassembler reassembler;
    std::vector<SealedFrame> frames;
    std::vector<MediaPacket> packets;
    for (std::uint16_t number = 0; number < 5; ++number) {
      frames.push_back(sealed_frame(static_cast<std::uint16_t>(number + 0xFFFD), random_bytes(random, 1 + random() % 9'000)));
      for (const auto& packet : split(packetizer, frames.back(), 1'000)) {
        packets.push_back(over_the_wire(packet));
        if (random() % 4 == 0) packets.push_back(over_the_wire(packet));
      }
    }
    std::shuffle(packets.begin(), packets.end(), random);
    std::size_t whole = 0;
    for (const auto& packet : packets) {
      const auto frame = reassembler.push(packet, at_ms(round));
      if (!frame) continue;
      ++whole;
      const auto& sent = frames[static_cast<std::uint16_t>(frame->info.frame_number - 0xFFFD)];
      CHECK(frame->info == sent.info());
      CHECK(equal(frame->ciphertext, sent.bytes()));
      CHECK(frame->arrival == at_ms(round));
    }
    CHECK(whole == frames.size());
    CHECK(reassembler.counters().frames == frames.size());
    CHECK(reassembler.counters().inconsistent == 0);
    CHECK(reassembler.bytes_in_flight() == 0);
  }
}

TEST_CASE("a frame that lacks a fragment is not yielded and given up after two seconds", "[media]") {
  Packetizer packetizer;
  Reassembler reassembler;
  const auto packets = fragments(packetizer, 1, 5'000, 1);
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (i != 2) CHECK_FALSE(reassembler.push(packets[i], at_ms(0)).has_value());
  }
  CHECK(reassembler.frames_in_flight() == 1);
  reassembler.expire(at_ms(2'001));
  CHECK(reassembler.frames_in_flight() == 0);
  CHECK(reassembler.bytes_in_flight() == 0);
  CHECK(reassembler.counters().incomplete == 1);
}

TEST_CASE("a forged fragment spoils at most the frame that it claims", "[media][attack]") {
  Packetizer packetizer;
  const auto first = fragments(packetizer, 1, 5'000, 1);
  const auto second = fragments(packetizer, 2, 5'000, 2);
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    Reassembler reassembler;
    int whole_of_second = 0;
    const auto deliver = [&](const MediaPacket& packet) {
      const auto frame = reassembler.push(packet, at_ms(1));
      if (frame && frame->info.frame_number == 2) whole_of_second += equal(frame->ciphertext, Bytes(5'000, 2)) ? 1 : 1'000;
    };
    for (std::size_t i = 0; i < first.size(); ++i) {
      MediaHeader forged = first[random() % first.size()].header;
      forged.stream_sequence = random() % 3 == 0 ? static_cast<std::uint32_t>(random() & 0xFF'FFFF) : second[random() % second.size()].header.stream_sequence;
      forged.start = random() % 2 == 0;
      forged.end = random() % 2 == 0;
      forged.frame.keyframe = random() % 2 == 0;
      deliver({forged, SealedPayload::received(Bytes(random() % 1'200, 9))});
      deliver(first[i]);
      deliver(second[i]);
    }
    CHECK(whole_of_second == 1);
  }
}

TEST_CASE("fragments that contradict their frame are counted and dropped", "[media][attack]") {
  Packetizer packetizer;
  const auto packets = fragments(packetizer, 1, 5'000, 1);
  Reassembler reassembler;
  reassembler.push(packets[0], at_ms(0));
  auto other_info = packets[1];
  other_info.header.frame.temporal_layer = 2;
  reassembler.push(other_info, at_ms(0));
  auto second_start = packets[1];
  second_start.header.start = true;
  reassembler.push(second_start, at_ms(0));
  auto before_start = packets[1];
  before_start.header.stream_sequence = (packets[0].header.stream_sequence - 1) & 0xFF'FFFF;
  reassembler.push(before_start, at_ms(0));
  auto far_away = packets[1];
  far_away.header.stream_sequence += 1'024;
  reassembler.push(far_away, at_ms(0));
  reassembler.push({packets[1].header, SealedPayload()}, at_ms(0));
  CHECK(reassembler.counters().inconsistent == 5);
  auto repair = packets[1];
  repair.header.fec = true;
  reassembler.push(repair, at_ms(0));
  CHECK(reassembler.counters().unsupported == 1);
  for (std::size_t i = 1; i + 1 < packets.size(); ++i) CHECK_FALSE(reassembler.push(packets[i], at_ms(0)).has_value());
  CHECK(reassembler.push(packets.back(), at_ms(0)).has_value());
}

TEST_CASE("whatever arrives, what is held in flight stays bounded", "[media][attack]") {
  std::mt19937 random(4);
  Reassembler reassembler;
  for (int i = 0; i < 60'000; ++i) {
    MediaHeader header;
    header.frame.frame_number = static_cast<std::uint16_t>(random() % 200);
    header.stream_sequence = static_cast<std::uint32_t>(random() % 1'500);
    header.start = random() % 50 == 0;
    header.end = random() % 50 == 0;
    reassembler.push({header, SealedPayload::received(Bytes(1 + random() % 8'000))}, at_ms(i / 50));
    CHECK(reassembler.frames_in_flight() <= Reassembler::max_frames_in_flight);
    CHECK(reassembler.bytes_in_flight() <= Reassembler::max_bytes_in_flight);
  }
  const auto& counters = reassembler.counters();
  CHECK(counters.incomplete > 0);
  CHECK(counters.inconsistent > 0);
}

TEST_CASE("a frame made whole is not made whole again by its duplicates", "[media][attack]") {
  Packetizer packetizer;
  Reassembler reassembler;
  const auto packet = fragments(packetizer, 9, 100, 1)[0];
  CHECK(reassembler.push(packet, at_ms(0)).has_value());
  CHECK_FALSE(reassembler.push(packet, at_ms(1)).has_value());
  CHECK(reassembler.counters().duplicate == 1);
}

TEST_CASE("a frame larger than any sealed frame is never assembled", "[media][attack]") {
  Reassembler reassembler;
  std::uint32_t sequence = 0;
  for (; sequence < 1'023; ++sequence) {
    MediaHeader header;
    header.stream_sequence = sequence;
    header.start = sequence == 0;
    reassembler.push({header, SealedPayload::received(Bytes(4'000))}, at_ms(0));
    REQUIRE(reassembler.bytes_in_flight() <= max_sealed_frame_size);
  }
  MediaHeader last;
  last.stream_sequence = sequence;
  last.end = true;
  CHECK_FALSE(reassembler.push({last, SealedPayload::received(Bytes(4'000))}, at_ms(0)).has_value());
  CHECK(reassembler.counters().inconsistent > 400);
}
