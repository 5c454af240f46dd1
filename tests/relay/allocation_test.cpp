#include "relay/allocation.h"

#include <catch2/catch.hpp>

using namespace conclave;
using namespace conclave::relay;
using namespace std::chrono_literals;

namespace {

using Steps = std::vector<std::optional<std::size_t>>;

Demand sound(double rate) { return {true, 7, {{{}, rate}}, std::nullopt}; }

Demand picture(std::vector<double> rates, std::optional<std::size_t> current = std::nullopt) {
  Demand demand{false, 3, {}, current};
  for (const double rate : rates) demand.ladder.push_back({{0, static_cast<std::uint8_t>(demand.ladder.size())}, rate});
  return demand;
}

}  // namespace

TEST_CASE("sound comes first, then something of every picture, then more of each in turn", "[relay]") {
  const std::vector<Demand> demands{picture({20, 50, 90}), picture({20, 50, 90}), sound(40)};
  CHECK(allocate(demands, 30).steps == Steps{std::nullopt, std::nullopt, 0});  // one sound always
  CHECK(allocate(demands, 70).steps == Steps{0, std::nullopt, 0});
  CHECK(allocate(demands, 90).steps == Steps{0, 0, 0});
  CHECK(allocate(demands, 120).steps == Steps{1, 0, 0});
  CHECK(allocate(demands, 155).steps == Steps{1, 1, 0});
  CHECK(allocate(demands, 1000).steps == Steps{2, 2, 0});
  CHECK(allocate(demands, 1000).rate == 220);
}

TEST_CASE("of sounds that do not fit the last are left out, one never is", "[relay]") {
  const std::vector<Demand> demands{sound(70), sound(70), sound(70)};
  CHECK(allocate(demands, 160).steps == Steps{0, 0, std::nullopt});
  CHECK(allocate(demands, 10).steps == Steps{0, std::nullopt, std::nullopt});
}

TEST_CASE("of sounds, and of pictures of one priority, those come first that the receiver ranks higher", "[relay]") {
  std::vector<Demand> sounds{sound(70), sound(70), sound(60)};
  sounds[1].rank = 2;
  CHECK(allocate(sounds, 90).steps == Steps{std::nullopt, 0, std::nullopt});
  sounds[0].rank = 1;
  CHECK(allocate(sounds, 160).steps == Steps{0, 0, std::nullopt});
  std::vector<Demand> pictures{picture({20}), picture({20})};
  pictures[1].rank = 1;
  CHECK(allocate(pictures, 30).steps == Steps{std::nullopt, 0});
}

TEST_CASE("what is spent beside the streams is taken from pictures, never from sounds", "[relay]") {
  const std::vector<Demand> demands{picture({20, 50}), sound(40), sound(40)};
  CHECK(allocate(demands, 120).steps == Steps{0, 0, 0});
  const Allocation less = allocate(demands, 120, 30);
  CHECK(less.steps == Steps{std::nullopt, 0, 0});
  CHECK(less.sounds == 80);
}

TEST_CASE("of sounds the cheapest come first, and a dear one is not kept at any price", "[relay][attack]") {
  const std::vector<Demand> demands{sound(300e3), sound(70e3), sound(60e3)};
  CHECK(allocate(demands, 200e3).steps == Steps{std::nullopt, 0, 0});
  CHECK(allocate(demands, 100e3).steps == Steps{std::nullopt, std::nullopt, 0});
  CHECK(allocate(demands, 20e3).steps == Steps{std::nullopt, std::nullopt, 0});
  CHECK(allocate(demands, 1e6).steps == Steps{0, 0, 0});
  CHECK(allocate({sound(300e3)}, 200e3).steps == Steps{std::nullopt});
}

TEST_CASE("a sound that is given gives way to one that is much cheaper alone", "[relay]") {
  std::vector<Demand> demands{sound(70), sound(64)};
  demands[0].current = 0;
  CHECK(allocate(demands, 90).steps == Steps{0, std::nullopt});
  demands[1].ladder.front().rate = 40;
  CHECK(allocate(demands, 90).steps == Steps{std::nullopt, 0});
}

TEST_CASE("what was given stays, what would be new needs some room: rates that waver change nothing", "[relay]") {
  CHECK(allocate({picture({20, 50}, 0)}, 52).steps == Steps{0});
  CHECK(allocate({picture({20, 50}, 1)}, 52).steps == Steps{1});
  CHECK(allocate({picture({20, 50}, 0)}, 54).steps == Steps{1});
}

TEST_CASE("the least of what is given stays until it is well beyond the budget", "[relay]") {
  const std::vector<Demand> given{picture({50, 90}, 0), picture({50, 90}, 0)};
  CHECK(allocate(given, 90).steps == Steps{0, 0});
  CHECK(allocate(given, 80).steps == Steps{0, std::nullopt});
  CHECK(allocate({picture({50}), picture({50})}, 90).steps == Steps{0, std::nullopt});
}

TEST_CASE("the cheapest improvement is told with what it costs in all", "[relay]") {
  const std::vector<Demand> demands{picture({20, 60}), picture({20, 30})};
  const auto now = allocate(demands, 45);
  CHECK(now.steps == Steps{0, 0});
  CHECK(next_improvement(demands, now) == 40 + 10 * 1.125);
  CHECK_FALSE(next_improvement(demands, allocate(demands, 1000)));
}

TEST_CASE("a ladder goes through the temporal layers of each size, and knows what a paused size cost", "[relay]") {
  LayerRates rates;
  const auto note = [&](std::uint8_t spatial, std::uint8_t temporal, std::size_t bytes, Time now) {
    FrameInfo frame;
    frame.spatial_layer = spatial;
    frame.temporal_layer = temporal;
    rates.note(frame, bytes - 66, now);
  };
  CHECK(rates.rate({}) == 0);
  Time now{1s};
  for (int i = 0; i < 200; ++i, now += 20ms) {
    note(0, 0, 100, now);
    note(0, 1, 100, now);
    if (i < 100) note(1, 0, 1000, now);
  }
  CHECK(rates.rate({0, 0}) == Approx(40'000).epsilon(0.05));
  CHECK(rates.rate({0, 7}) == Approx(80'000).epsilon(0.05));
  CHECK(rates.rate({1, 0}) == Approx(400'000).epsilon(0.2));
  CHECK(rates.rate({2, 7}) == Approx(4 * 400'000).epsilon(0.2));
  const Ladder ladder = rates.ladder({1, 7}, 2);
  REQUIRE(ladder.size() == 4);
  CHECK(ladder[0].choice == LayerChoice{0, 0});
  CHECK(ladder[1].choice == LayerChoice{0, 7});
  CHECK(ladder[3].choice == LayerChoice{1, 7});
  for (std::size_t i = 1; i < 4; ++i) CHECK(ladder[i].rate >= ladder[i - 1].rate);
}

TEST_CASE("a keyframe that somebody asked for hardly makes its layer dearer, and a stream of keyframes costs what it costs", "[relay]") {
  LayerRates rates;
  const auto note = [&](bool keyframe, std::size_t bytes, Time now) {
    FrameInfo frame;
    frame.keyframe = keyframe;
    rates.note(frame, bytes - 66, now);
  };
  Time now{1s};
  double most = 0;
  for (int i = 0; i < 60; ++i, now += 400ms) {
    note(i == 30, i == 30 ? 3000 : 600, now);
    if (i > 20) most = std::max(most, rates.rate({0, 0}));
  }
  CHECK(most < 1.35 * 12'000);
  for (int i = 0; i < 100; ++i, now += 400ms) note(true, 3000, now);
  CHECK(rates.rate({0, 0}) == Approx(60'000).epsilon(0.1));
  CHECK(rates.total() == Approx(60'000).epsilon(0.1));
}
