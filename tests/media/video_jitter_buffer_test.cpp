#include "media/video_jitter_buffer.h"

#include <catch2/catch.hpp>

#include "media/temporal_layers.h"
#include "support/sealed.h"

using namespace conclave;
using namespace conclave::media;
using namespace conclave::test;

namespace {

/// Frame `number` of a stream 0-2-1-2 at 25 frames/s whose first frame is a keyframe.
VideoArrival frame_of(std::uint16_t number, bool keyframe = false, std::size_t size = 10) {
  constexpr std::array<std::uint8_t, 4> layers = {0, 2, 1, 2};
  VideoArrival frame;
  frame.info.frame_number = number;
  frame.info.temporal_layer = layers[number % 4U];
  frame.info.keyframe = keyframe || number == 0;
  frame.info.layer_sync = number % 4 == 1 || number % 4 == 2;
  frame.info.discardable = number % 2 == 1;
  frame.info.base_layer_index = static_cast<std::uint8_t>(number / 4 + 1);
  frame.capture_time = at_ms(number * 40);
  frame.data = Bytes(size);
  return frame;
}

struct Fixture {
  PlayoutClock clock{PlayoutDelay(ms(100))};
  VideoJitterBuffer buffer{ms(200)};

  Fixture() { clock.observe(at_ms(0), at_ms(0)); }
  void arrive(std::initializer_list<int> numbers) {
    for (const int number : numbers) buffer.push(frame_of(static_cast<std::uint16_t>(number)));
  }
  /// The numbers let through by `now_ms`; "key" where a keyframe was asked for.
  std::string play_until(std::int64_t now_ms) {
    const auto due = buffer.take_due(at_ms(now_ms), clock);
    std::string text;
    for (const auto& playout : due.frames) text += std::to_string(playout.frame.info.frame_number) + (playout.late ? "late " : " ");
    return text + (due.request_keyframe ? "key" : "");
  }
};

}  // namespace

TEST_CASE("pictures come out in order at their time", "[media]") {
  Fixture f;
  f.arrive({0, 2, 1, 3, 4});
  CHECK(f.play_until(99).empty());
  CHECK(f.play_until(100) == "0 ");
  CHECK(f.buffer.next_deadline(f.clock) == at_ms(140));
  CHECK(f.play_until(140) == "1 ");
  CHECK(f.play_until(240) == "2late 3 ");
  CHECK(f.play_until(260) == "4 ");
}

TEST_CASE("a lost discardable frame is passed over at once", "[media]") {
  Fixture f;
  f.arrive({0, 2, 3, 4});
  CHECK(f.play_until(100) == "0 ");
  CHECK(f.play_until(180) == "2 ");
  CHECK(f.play_until(220) == "3 ");
  CHECK(f.play_until(260) == "4 ");
  CHECK(f.buffer.counters().lost == 1);
  CHECK(f.buffer.counters().keyframe_requests == 0);
}

TEST_CASE("a frame that refers to a lost frame of layer 1 is dropped, the base goes on", "[media]") {
  Fixture f;
  f.arrive({0, 1, 3, 4, 5});
  CHECK(f.play_until(300) == "0late 1late 4 5 ");
  CHECK(f.buffer.counters().undecodable == 1);
  CHECK(f.buffer.counters().keyframe_requests == 0);
}

TEST_CASE("a relay may leave out whole temporal layers", "[media]") {
  Fixture f;
  f.arrive({0, 2, 4, 6, 8});
  CHECK(f.play_until(420) == "0late 2late 4late 6late 8 ");
  Fixture base_only;
  base_only.arrive({0, 4, 8});
  CHECK(base_only.play_until(420) == "0late 4late 8 ");
}

TEST_CASE("everything waits for a lost base frame while it can still be repaired", "[media]") {
  Fixture f;
  f.arrive({0, 1, 2, 3, 5, 6});
  CHECK(f.play_until(220) == "0late 1late 2 3 ");
  CHECK(f.play_until(300).empty());
  CHECK(f.play_until(340).empty());
  f.arrive({4});
  CHECK(f.play_until(345) == "4late 5late 6 ");
  CHECK(f.buffer.counters().keyframe_requests == 0);
}

TEST_CASE("a base frame that cannot be repaired in time makes a keyframe asked for, every 500 ms", "[media]") {
  Fixture f;
  f.arrive({0, 1, 2, 3, 5, 6});
  f.play_until(220);
  CHECK(f.play_until(499).empty());  // frame 5 was due at 300
  CHECK(f.buffer.next_deadline(f.clock) == at_ms(500));
  CHECK(f.play_until(500) == "key");
  CHECK(f.play_until(999).empty());
  CHECK(f.play_until(1'000) == "key");
  f.arrive({7, 8, 9});
  CHECK(f.play_until(1'001).empty());
  f.buffer.push(frame_of(24, true));
  CHECK(f.play_until(24 * 40 + 100) == "24 ");
  f.arrive({25});
  CHECK(f.play_until(2'000) == "25late ");
  CHECK(f.buffer.counters().keyframe_requests == 2);
}

TEST_CASE("a keyframe that is due ends the waiting for what came before it", "[media]") {
  Fixture f;
  f.arrive({0, 5, 6});
  CHECK(f.play_until(100) == "0 ");
  f.buffer.push(frame_of(8, true));
  CHECK(f.play_until(420) == "8 ");
  CHECK(f.buffer.counters().undecodable == 2);
}

TEST_CASE("without a keyframe to begin with nothing is let through and one is asked for", "[media]") {
  Fixture f;
  f.arrive({1, 2, 3});
  CHECK(f.play_until(220) == "key");
  CHECK(f.buffer.size() == 0);
}

TEST_CASE("after a decoder failure only a keyframe goes on", "[media]") {
  Fixture f;
  f.arrive({0, 1, 2, 3, 4});
  CHECK(f.play_until(100) == "0 ");
  f.buffer.decode_failed();
  CHECK(f.play_until(260) == "key");
  f.buffer.push(frame_of(8, true));
  CHECK(f.play_until(420) == "8 ");
}

TEST_CASE("late and duplicate frames are counted and dropped", "[media]") {
  Fixture f;
  f.arrive({0, 2, 2});
  CHECK(f.buffer.counters().duplicate == 1);
  f.play_until(180);
  f.arrive({1});
  CHECK(f.buffer.counters().late == 1);
}

TEST_CASE("hostile frames neither fill the buffer nor stall it", "[media][attack]") {
  std::mt19937_64 random(7);
  Fixture f;
  for (int i = 0; i < 20'000; ++i) {
    auto frame = frame_of(static_cast<std::uint16_t>(random()), random() % 50 == 0, random() % 100'000);
    frame.info.base_layer_index = static_cast<std::uint8_t>(random());
    frame.info.temporal_layer = static_cast<std::uint8_t>(random() % 8);
    frame.capture_time = Time(Duration(static_cast<std::int64_t>(random() % (std::uint64_t{1} << (1 + random() % 54)))));
    f.clock.observe(frame.capture_time, at_ms(i));
    f.buffer.push(std::move(frame));
    REQUIRE(f.buffer.size() <= VideoJitterBuffer::max_frames);
    const auto due = f.buffer.take_due(at_ms(i), f.clock);
    CHECK(due.frames.size() <= VideoJitterBuffer::max_frames);
  }
  CHECK(f.buffer.counters().keyframe_requests <= 41);
}
