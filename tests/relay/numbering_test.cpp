#include "relay/numbering.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>

using namespace conclave;
using namespace conclave::relay;

TEST_CASE("a receiver's numbers run on through lanes, rests and packets left out, and lead back to the packets", "[relay]") {
  std::mt19937 random(7);
  Numbering numbering;
  std::array<std::uint64_t, 3> next{(1 << 24) - 40, 500, 9000};  // of three lanes
  const auto choice = [](std::size_t lane) { return LayerChoice{static_cast<std::uint8_t>(lane), 7}; };
  std::size_t lane = 0;
  numbering.enter(choice(0), next[0]);
  std::vector<std::pair<std::size_t, std::uint64_t>> sent;  // lane and number there, by the receiver's number
  const std::uint64_t begin = next[0];
  for (int step = 0; step < 2000; ++step) {
    const auto die = random() % 100;
    if (die < 3) {
      numbering.leave(next[lane]);
      lane = random() % 3;
      for (auto& each : next) each += random() % 5;
      numbering.enter(choice(lane), next[lane]);
    } else if (die < 8 && sent.size() > 3) {  // one of the last three is given up before it was sent
      const std::size_t back = random() % 3 + 1;
      numbering.leave_out(begin + sent.size() - back);
      sent.erase(sent.end() - static_cast<std::ptrdiff_t>(back));
    }
    CHECK(next[lane] + numbering.offset() == begin + sent.size());
    sent.emplace_back(lane, next[lane]++);
    for (std::size_t back = 1; back <= std::min<std::size_t>(20, sent.size()); ++back) {
      const std::uint64_t own = begin + sent.size() - back;
      const auto place = numbering.find(static_cast<std::uint32_t>(own & 0xffffff), next[lane]);
      if (!place) continue;  // of a lane that is forgotten
      const auto& [true_lane, number] = sent[sent.size() - back];
      REQUIRE(place->lane == choice(true_lane));
      REQUIRE(place->number == number);
    }
    REQUIRE(numbering.find(static_cast<std::uint32_t>(begin + sent.size() - 1) & 0xffffff, next[lane]));
  }
}

TEST_CASE("a number that was never given leads nowhere", "[relay]") {
  Numbering numbering;
  CHECK_FALSE(numbering.find(5, 10));
  numbering.enter({}, 100);
  CHECK_FALSE(numbering.find(100, 100));
  CHECK_FALSE(numbering.find(99, 100));
  CHECK(numbering.find(100, 101));
  numbering.stop_at(100);
  CHECK_FALSE(numbering.find(100, 500));
  numbering.enter({}, 700);
  CHECK(numbering.offset() + 700 == 100);
}

TEST_CASE("a late packet has the number of the part that holds it, or none", "[relay]") {
  Numbering numbering;
  const LayerChoice lane{0, 7};
  numbering.enter(lane, 100);
  numbering.leave_out(103);
  CHECK(numbering.number_of(lane, 102) == 102U);
  CHECK_FALSE(numbering.number_of(lane, 103));
  CHECK(numbering.number_of(lane, 104) == 103U);
  CHECK_FALSE(numbering.number_of(lane, 99));
  CHECK_FALSE(numbering.number_of({1, 7}, 104));
  numbering.leave(110);
  numbering.enter({1, 7}, 500);
  CHECK(numbering.number_of(lane, 109) == 108U);
  CHECK_FALSE(numbering.number_of(lane, 110));
  CHECK(numbering.number_of({1, 7}, 500) == 109U);
  CHECK(numbering.holds_from() == 500);
}
