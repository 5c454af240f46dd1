#include "transport/fec/recovery.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "stream_packets.h"
#include "transport/fec/block.h"

using namespace conclave;
using namespace conclave::test;
using namespace conclave::transport::fec;

namespace {

struct Sent {
  std::vector<MediaPacket> packets;
  std::vector<MediaPacket> parity;
};

/// Packets of different sizes, and parity of them all.
Sent send(std::uint32_t first, std::size_t count, std::size_t rows) {
  Sent sent;
  Block block;
  for (std::uint32_t i = 0; i < count; ++i) {
    sent.packets.push_back(picture_packet(first + i, i == 2 ? max_covered_payload : 1 + 37 * i));
    REQUIRE(block.add(sent.packets.back(), Time{}));
  }
  sent.parity = block.close(rows);
  return sent;
}

/// Awake, as after an earlier block.
Recovery awake() {
  Recovery recovery;
  const Sent before = send(0, 3, 1);
  for (const MediaPacket& packet : before.packets) (void)recovery.push(packet);
  (void)recovery.push(before.parity[0]);
  REQUIRE(recovery.awake());
  return recovery;
}

}  // namespace

TEST_CASE("lost packets come back whole, with all of their header that is not the hop's, in any order of arrival", "[transport]") {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    const auto first = static_cast<std::uint32_t>(round % 2 == 0 ? 100 + random() % 1000 : 0xfffff8);  // over the end of 24 bits
    const Sent sent = send(first, 3 + random() % 12, 1 + random() % 4);
    std::vector<MediaPacket> arriving = sent.packets;
    std::shuffle(arriving.begin(), arriving.end(), random);
    arriving.resize(arriving.size() - std::min<std::size_t>(sent.parity.size(), 3));
    arriving.insert(arriving.end(), sent.parity.begin(), sent.parity.end());
    if (random() % 2 == 0) std::shuffle(arriving.begin(), arriving.end(), random);
    Recovery recovery = awake();
    std::map<std::uint32_t, MediaPacket> known;
    for (const MediaPacket& packet : arriving) {
      REQUIRE(packet.payload.size() <= max_media_payload_size);
      if (!packet.header.fec) known[packet.header.stream_sequence] = packet;
      for (const MediaPacket& made : recovery.push(packet)) {
        CHECK(made.header.retransmission);
        CHECK(known.try_emplace(made.header.stream_sequence, made).second);
      }
    }
    REQUIRE(known.size() == sent.packets.size());
    for (const MediaPacket& packet : sent.packets) CHECK(same_packet(packet, known.at(packet.header.stream_sequence)));
  }
}

TEST_CASE("nothing is made when more is missing than there is parity, nor twice, nor of what came", "[transport]") {
  const Sent sent = send(1000, 8, 2);
  Recovery recovery = awake();
  for (std::size_t i = 3; i < 8; ++i) CHECK(recovery.push(sent.packets[i]).empty());
  CHECK(recovery.push(sent.parity[0]).empty());
  CHECK(recovery.push(sent.parity[0]).empty());  // the same row again
  CHECK(recovery.push(sent.parity[1]).empty());
  CHECK(recovery.push(sent.packets[1]).size() == 2);
  CHECK(recovery.push(sent.packets[0]).empty());
  CHECK(recovery.push(sent.parity[1]).empty());
}

TEST_CASE("without parity for long nothing is kept", "[transport]") {
  Recovery recovery = awake();
  for (std::uint32_t i = 0; i <= Recovery::falls_asleep; ++i) (void)recovery.push(picture_packet(10 + i, 10));
  CHECK_FALSE(recovery.awake());
  CHECK(recovery.push(picture_packet(5000, 10)).empty());
}

TEST_CASE("parity that says what parity cannot say is no parity", "[transport][attack]") {
  const MediaPacket parity = send(1000, 4, 1).parity[0];
  REQUIRE(read_parity(parity));
  std::vector<MediaPacket> wrong(10, parity);
  wrong[0].header.fec = false;
  wrong[1].header.start = true;
  wrong[2].header.retransmission = true;
  wrong[3].header.per_packet = true;
  wrong[4].header.frame.keyframe = true;
  wrong[5].header.frame.frame_number = 1;
  const ByteView payload = parity.payload.bytes();
  Bytes bytes(payload.begin(), payload.end());
  bytes[0] = max_rows;
  wrong[6].payload = SealedPayload::received(bytes);
  bytes[0] = 0;
  bytes[1] = static_cast<std::uint8_t>(bytes[1] & 0x7f);  // a base that is not covered
  wrong[7].payload = SealedPayload::received(bytes);
  wrong[8].payload = SealedPayload::received(payload.first(parity_overhead + symbol_overhead));
  std::fill(bytes.begin() + 1, bytes.begin() + 1 + 6, std::uint8_t{0xff});  // more packets than anybody covers
  wrong[9].payload = SealedPayload::received(bytes);
  for (const MediaPacket& each : wrong) CHECK_FALSE(read_parity(each));
}

TEST_CASE("parity that does not belong to the packets makes nothing that contradicts itself", "[transport][attack]") {
  const Sent sent = send(1000, 6, 1);
  std::mt19937 random(5);
  std::size_t made = 0;
  for (int round = 0; round < 500; ++round) {
    const ByteView payload = sent.parity[0].payload.bytes();
    Bytes bytes(payload.begin(), payload.end());
    bytes[parity_overhead + random() % (bytes.size() - parity_overhead)] ^= static_cast<std::uint8_t>(1 + random() % 255);
    MediaPacket forged = sent.parity[0];
    forged.payload = SealedPayload::received(bytes);
    Recovery recovery = awake();
    for (std::size_t i = 1; i < 6; ++i) (void)recovery.push(sent.packets[i]);
    for (const MediaPacket& packet : recovery.push(forged)) {
      ++made;
      CHECK_FALSE(packet.header.fec);
      CHECK(packet.header.stream_sequence == 1000);
      CHECK(packet.header.frame.stream_id == 0x1234);
      CHECK((packet.payload.size() > 0 && packet.payload.size() <= max_covered_payload));
    }
  }
  CHECK(made < 250);  // padding that is not zero, a size that cannot be
}
