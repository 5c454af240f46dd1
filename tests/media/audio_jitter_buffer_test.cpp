#include "media/audio_jitter_buffer.h"

#include <catch2/catch.hpp>

#include "support/sealed.h"

using namespace conclave;
using namespace conclave::media;
using namespace conclave::test;
using Action = AudioPlayout::Action;

namespace {

struct Fixture {
  PlayoutClock clock{PlayoutDelay(ms(100))};
  AudioJitterBuffer buffer;

  void arrive(std::uint16_t number, std::int64_t capture_ms, std::int64_t arrival_ms) {
    clock.observe(at_ms(capture_ms), at_ms(arrival_ms));
    buffer.push({number, at_ms(capture_ms), 1, Bytes{static_cast<std::uint8_t>(number)}});
  }
  std::vector<AudioPlayout> play_until(std::int64_t now_ms) {
    std::vector<AudioPlayout> all;
    while (auto playout = buffer.take_due(at_ms(now_ms), clock)) all.push_back(*playout);
    return all;
  }
};

std::string actions(const std::vector<AudioPlayout>& playouts) {
  std::string text;
  for (const auto& playout : playouts) {
    text += playout.action == Action::decode ? std::to_string(playout.packet[0]) : playout.action == Action::conceal ? "c" : "f";
    text += ' ';
  }
  return text;
}

}  // namespace

TEST_CASE("sound comes out in order, 20 ms apart, the delay after its capture", "[media]") {
  Fixture f;
  f.arrive(1, 20, 30);
  f.arrive(0, 0, 31);
  f.arrive(2, 40, 50);
  CHECK(f.play_until(109).empty());
  CHECK(f.buffer.next_deadline(f.clock) == at_ms(110));
  const auto out = f.play_until(150);
  CHECK(actions(out) == "0 1 2 ");
  CHECK(out[0].play_at == at_ms(110));
  CHECK(out[1].play_at == at_ms(130));
  CHECK(out[2].play_at == at_ms(150));
}

TEST_CASE("a lost frame is made from the next one, a longer loss is concealed", "[media]") {
  Fixture f;
  f.arrive(0, 0, 10);
  f.arrive(2, 40, 50);
  f.arrive(5, 100, 110);
  const auto out = f.play_until(1'000 - 790);
  CHECK(actions(out) == "0 f 2 c f 5 ");
  CHECK(out[1].packet == Bytes{2});
  CHECK(out[1].capture_time == at_ms(20));
  CHECK(f.buffer.counters().lost == 3);
  CHECK(f.buffer.counters().concealed == 3);
}

TEST_CASE("a frame that comes after its turn is counted late", "[media]") {
  Fixture f;
  f.arrive(0, 0, 10);
  f.arrive(2, 40, 50);
  CHECK(actions(f.play_until(150)) == "0 f 2 ");
  f.arrive(1, 20, 151);
  CHECK(f.play_until(151).empty());
  CHECK(f.buffer.counters().late == 1);
  f.arrive(2, 40, 152);
  CHECK(f.buffer.counters().late == 2);
}

TEST_CASE("concealment ends in silence, and a sender that pauses goes on with the next number", "[media]") {
  Fixture f;
  f.arrive(0, 0, 10);
  CHECK(actions(f.play_until(2'000)) == "0 c c c c c c c c c c ");
  CHECK(f.buffer.next_deadline(f.clock) == never);
  f.arrive(1, 3'000, 3'010);
  f.arrive(2, 3'020, 3'030);
  CHECK(f.play_until(3'109).empty());
  CHECK(actions(f.play_until(3'130)) == "1 2 ");
  CHECK(f.buffer.counters().lost == 0);
}

TEST_CASE("frame numbers wrap without a break", "[media]") {
  Fixture f;
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    const auto number = static_cast<std::uint16_t>(65'500 + i);
    f.arrive(number, i * 20, i * 20 + 10);
    const auto out = f.play_until(i * 20 + 10);
    for (const auto& playout : out) CHECK(playout.action == Action::decode);
  }
  CHECK(f.buffer.counters().lost == 0);
  CHECK(f.buffer.size() <= 6);
}

TEST_CASE("hostile numbers and capture times neither fill the buffer nor stall it", "[media][attack]") {
  std::mt19937_64 random(6);
  Fixture f;
  for (int i = 0; i < 20'000; ++i) {
    const auto us = static_cast<std::int64_t>(random() % (std::uint64_t{1} << (1 + random() % 54)));
    const Time capture(Duration(random() % 2 == 0 ? us : -us));
    f.clock.observe(capture, at_ms(i));
    f.buffer.push({static_cast<std::uint16_t>(random()), capture, 1, Bytes{1}});
    CHECK(f.buffer.size() <= AudioJitterBuffer::max_frames);
    CHECK(f.play_until(i).size() < 5'000);
  }
}
