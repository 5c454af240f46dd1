#include <catch2/catch.hpp>

#include "session/room_of_two.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

TEST_CASE("a frame sealed by one is opened by the other, and names its sender", "[session]") {
  RoomOfTwo room;
  auto sealer = *room.founder.make_sealer(1);
  const Bytes plaintext(5000, 42);
  const SealedFrame frame = *sealer.seal(sample_info(), plaintext);
  CHECK(frame.info() == sample_info());
  const auto opened = room.at_guest(frame.info(), frame.bytes());
  REQUIRE(opened.status == FrameStatus::opened);
  CHECK(opened.sender == room.founder.self());
  CHECK(opened.stream == 1);
  CHECK(equal(opened.plaintext, plaintext));
}

TEST_CASE("a frame whose visible part a relay changed is refused, whatever it changed", "[session][attack]") {
  RoomOfTwo room;
  auto sealer = *room.founder.make_sealer(0);
  const SealedFrame frame = *sealer.seal(sample_info(), Bytes(100, 1));
  const FrameInfo honest = sample_info();
  for (int field = 0; field < 9; ++field) {
    FrameInfo changed = honest;
    if (field == 0) changed.stream_id ^= 1;
    if (field == 1) changed.frame_number ^= 0x100;
    if (field == 2) changed.keyframe = !changed.keyframe;
    if (field == 3) changed.discardable = !changed.discardable;
    if (field == 4) changed.layer_sync = !changed.layer_sync;
    if (field == 5) changed.temporal_layer ^= 1;
    if (field == 6) changed.spatial_layer ^= 1;
    if (field == 7) changed.priority ^= 1;
    if (field == 8) changed.base_layer_index ^= 1;
    CHECK(room.at_guest(changed, frame.bytes()).status == FrameStatus::forged);
  }
  CHECK(room.at_guest(honest, frame.bytes()).status == FrameStatus::opened);
  CHECK(room.at_guest(honest, frame.bytes()).status == FrameStatus::replayed);
}

TEST_CASE("every truncation and every flipped bit of a frame is refused", "[session][attack]") {
  RoomOfTwo room;
  auto sealer = *room.founder.make_sealer(0);
  const SealedFrame frame = *sealer.seal(sample_info(), Bytes(40, 1));
  const Bytes sealed(frame.bytes().begin(), frame.bytes().end());
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    CHECK(room.at_guest(sample_info(), ByteView(sealed).first(size)).status != FrameStatus::opened);
  }
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes flipped = sealed;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    CHECK(room.at_guest(sample_info(), flipped).status != FrameStatus::opened);
  }
  CHECK(room.at_guest(sample_info(), sealed).status == FrameStatus::opened);
}

TEST_CASE("frames of the epoch before are opened during the overlap and not after it", "[session][attack]") {
  RoomOfTwo room;
  auto old_sealer = *room.founder.make_sealer(0);
  const SealedFrame early = *old_sealer.seal(sample_info(), Bytes(10, 1));
  const SealedFrame late = *old_sealer.seal(sample_info(), Bytes(10, 2));
  room.deliver(*room.founder.rotate(RoomOfTwo::wall, room.random));
  CHECK(room.at_guest(early.info(), early.bytes()).status == FrameStatus::opened);
  room.now += room.config.epoch_overlap;
  CHECK(room.guest.keys().next_deadline() <= room.now);
  room.guest.keys().expire(room.now);
  CHECK(room.at_guest(late.info(), late.bytes()).status == FrameStatus::unknown_epoch);
}

TEST_CASE("a frame of an epoch that is yet to come waits for its keys", "[session]") {
  RoomOfTwo room;
  const auto commit = *room.founder.rotate(RoomOfTwo::wall, room.random);
  (void)room.founder.handle_commit(commit.message, RoomOfTwo::wall, room.now);
  auto sealer = *room.founder.make_sealer(0);
  const SealedFrame frame = *sealer.seal(sample_info(), Bytes(10, 1));
  CHECK(room.at_guest(frame.info(), frame.bytes()).status == FrameStatus::unknown_epoch);
  (void)room.guest.handle_commit(commit.message, RoomOfTwo::wall, room.now);
  CHECK(room.at_guest(frame.info(), frame.bytes()).status == FrameStatus::opened);
}

TEST_CASE("who was removed seals nothing that anybody opens", "[session][attack]") {
  RoomOfTwo room;
  auto sealer = *room.guest.make_sealer(0);
  const SealedFrame before = *sealer.seal(sample_info(), Bytes(10, 1));
  const auto commit = *room.founder.remove(room.guest.self(), RoomOfTwo::wall, room.random);
  (void)room.founder.handle_commit(commit.message, RoomOfTwo::wall, room.now);
  CHECK(room.at_founder(before.info(), before.bytes()).status != FrameStatus::opened);
}

TEST_CASE("a context is given out once per epoch, so that no nonce can repeat", "[session][attack]") {
  RoomOfTwo room;
  auto first = room.founder.make_sealer(3);
  REQUIRE(first.ok());
  CHECK(room.founder.make_sealer(3).error().code == ErrorCode::invalid_state);
  CHECK(room.founder.make_sealer(4).ok());
  room.deliver(*room.founder.rotate(RoomOfTwo::wall, room.random));
  CHECK(room.founder.make_sealer(3).ok());
}

TEST_CASE("one's own frames sent back by a relay are not opened", "[session][attack]") {
  RoomOfTwo room;
  auto sealer = *room.founder.make_sealer(0);
  const SealedFrame frame = *sealer.seal(sample_info(), Bytes(10, 1));
  CHECK(room.at_founder(frame.info(), frame.bytes()).status == FrameStatus::not_in_roster);
}

TEST_CASE("forged frames under any key id store nothing", "[session][attack]") {
  RoomOfTwo room;
  crypto::SeededRandom random(77);
  for (int i = 0; i < 20'000; ++i) {
    Bytes noise(60);
    random.fill(noise);
    CHECK(room.at_guest(sample_info(), noise).status != FrameStatus::opened);
  }
  auto sealer = *room.founder.make_sealer(0);
  const SealedFrame frame = *sealer.seal(sample_info(), Bytes(10, 1));
  CHECK(room.at_guest(frame.info(), frame.bytes()).status == FrameStatus::opened);
}
