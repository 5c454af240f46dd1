#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "media/picture.h"
#include "media/scene_change.h"
#include "media/synthetic_picture.h"
#include "media/synthetic_sound.h"
#include "support/sealed.h"

using namespace conclave;
using namespace conclave::media;
using namespace conclave::test;

TEST_CASE("what is burnt into a picture can be read at every size", "[media]") {
  for (const auto& [w, h] : std::vector<std::pair<int, int>>{{160, 120}, {320, 180}, {641, 361}, {854, 480}, {1'280, 720}, {480, 854}}) {
    for (const std::int64_t us : {std::int64_t{0}, std::int64_t{-5}, std::int64_t{1'234'567'890'123}}) {
      const BurntIn content{0xDEADBEEF, Time(Duration(us))};
      const auto picture = synthetic_picture(w, h, content.frame_number, content.time);
      CHECK(is_well_formed(picture));
      CHECK(read_burnt_in(picture) == content);
    }
  }
}

TEST_CASE("no number is read where none is burnt in", "[media]") {
  CHECK_FALSE(read_burnt_in(make_picture(320, 180)).has_value());
  auto black = make_picture(320, 180);
  std::fill(black.y.begin(), black.y.end(), std::uint8_t{16});
  CHECK_FALSE(read_burnt_in(black).has_value());
  CHECK_FALSE(read_burnt_in(synthetic_picture(64, 48, 1, at_ms(1))).has_value());
  CHECK_FALSE(read_burnt_in(VideoFrame{}).has_value());
  auto damaged = synthetic_picture(320, 180, 1, at_ms(1));
  auto small = make_picture(100, 100);
  CHECK_FALSE(burn_in(small, {}).ok());
  std::fill(damaged.y.begin() + 320 * 20, damaged.y.begin() + 320 * 40, std::uint8_t{235});
  CHECK_FALSE(read_burnt_in(damaged).has_value());
}

TEST_CASE("a burnt-in time that no clock shows is not read", "[media][attack]") {
  constexpr auto limit = std::int64_t{1} << 53;
  for (const std::int64_t us : {limit + 1, -limit - 1, std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    auto picture = make_picture(320, 180);
    REQUIRE(burn_in(picture, {1, Time(Duration(us))}).ok());
    CHECK_FALSE(read_burnt_in(picture).has_value());
  }
}

TEST_CASE("the test picture moves, and a cut is told from movement", "[media]") {
  SceneChange scenes;
  for (int i = 0; i < 100; ++i) CHECK_FALSE(scenes.push(synthetic_picture(320, 180, static_cast<std::uint32_t>(i), at_ms(i * 40))));
  CHECK(synthetic_picture(320, 180, 1, at_ms(40)).y != synthetic_picture(320, 180, 1, at_ms(80)).y);
  auto negative = synthetic_picture(320, 180, 101, at_ms(4'040));
  for (auto& sample : negative.y) sample = static_cast<std::uint8_t>(255 - sample);
  CHECK(scenes.push(negative));
  CHECK_FALSE(scenes.push(negative));
}

TEST_CASE("the test sound speaks in syllables, pauses, and clicks on the second", "[media]") {
  SyntheticSound sound({.channels = 2, .click = true});
  SyntheticSound again({.channels = 2, .click = true});
  int loud = 0, quiet = 0, clicks = 0;
  for (int i = 0; i < 200; ++i) {
    const auto frame = sound.next(at_ms(i * 20));
    REQUIRE(frame.samples.size() == 1'920);
    CHECK(frame.samples == again.next(at_ms(i * 20)).samples);
    double sum = 0;
    for (const auto sample : frame.samples) sum += std::abs(sample);
    const double mean = sum / static_cast<double>(frame.samples.size());
    loud += mean > 300 ? 1 : 0;
    quiet += mean < 20 ? 1 : 0;
    const bool click = frame.samples[0] == 16'000 && frame.samples[2] == -16'000;
    CHECK(click == (i % 50 == 0));
    clicks += click ? 1 : 0;
  }
  CHECK(loud > 60);
  CHECK(quiet > 15);
  CHECK(clicks == 4);
}
