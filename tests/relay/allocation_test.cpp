#include "relay/allocation.h"

#include <catch2/catch.hpp>

#include "relay/pacer.h"

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

MediaPacket packet_of(std::uint16_t stream, std::size_t size, bool discardable = false, bool keyframe = false) {
  MediaPacket packet;
  packet.header.frame.stream_id = stream;
  packet.header.frame.discardable = discardable;
  packet.header.frame.keyframe = keyframe;
  packet.payload = SealedPayload::received(Bytes(size, 1));
  return packet;
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

TEST_CASE("a pacer lets pictures go at its rate, and what goes past it comes first", "[relay]") {
  Pacer pacer;
  pacer.set_rate(8 * 1000 * 100);  // 100 packets of 1,000 bytes a second
  for (std::uint64_t i = 0; i < 20; ++i) REQUIRE(pacer.push(packet_of(1, 1000 - 66), i));
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
  CHECK(pacer.push(packet_of(1, 934), 0));
  CHECK(pacer.push(packet_of(1, 934, true), 1));
  CHECK(pacer.push(packet_of(2, 934, false, true), 50));
  for (std::uint64_t i = 2; i < 6; ++i) CHECK(pacer.push(packet_of(1, 934), i));
  const auto spare = pacer.give_up();
  REQUIRE(spare);
  CHECK((spare->stream_id == 1 && spare->own_number == 1 && !spare->stops));
  CHECK_FALSE(pacer.give_up());
  CHECK(pacer.push(packet_of(1, 934), 5));
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
  for (std::uint64_t i = 0; i < 8; ++i) CHECK(pacer.push(packet_of(1, 934, i == 3), (std::uint64_t{1} << 24) - 4 + i));
  const auto drop = pacer.give_up();
  REQUIRE((drop && drop->own_number == (1 << 24) - 1));
  std::vector<std::uint32_t> numbers;
  for (Time now{1s}; const auto packet = pacer.pop(now); now += 1s) numbers.push_back(packet->header.stream_sequence);
  REQUIRE(numbers.size() == 7);
  CHECK(numbers[3] == 0xffffff);
  CHECK(numbers[4] == 0);
}
