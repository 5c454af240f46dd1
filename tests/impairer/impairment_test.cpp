#include "impairment.h"

#include <catch2/catch.hpp>

using namespace conclave::impairer;
using namespace std::chrono_literals;

namespace {

Spec spec_of(std::string_view text) {
  Spec spec;
  const auto error = change_spec(text, spec);
  INFO(error.value_or(""));
  REQUIRE_FALSE(error.has_value());
  return spec;
}

Packet numbered(std::uint32_t number, std::size_t size = 100) {
  Packet packet(size);
  for (std::size_t i = 0; i < 4; ++i) packet[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return packet;
}

std::uint32_t number_of(const Packet& packet) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number |= std::uint32_t{packet[i]} << (8 * i);
  return number;
}

struct Arrival {
  std::uint32_t number;
  Nanoseconds sent, arrived;
};

/// Sends `count` packets, one each `gap`, and returns what arrives, stepping from deadline to deadline.
std::vector<Arrival> run(Impairment& network, std::uint32_t count, Nanoseconds gap, std::size_t size = 100) {
  std::vector<Arrival> arrivals;
  const auto drain_until = [&](Nanoseconds end) {
    while (network.next_deadline() && *network.next_deadline() <= end) {
      const Nanoseconds now = *network.next_deadline();
      const Packet packet = network.pop(now).value();
      arrivals.push_back({number_of(packet), number_of(packet) * gap, now});
    }
  };
  for (std::uint32_t i = 0; i < count; ++i) {
    drain_until(i * gap);
    network.push(numbered(i, size), i * gap);
  }
  drain_until(Nanoseconds::max());
  return arrivals;
}

}  // namespace

TEST_CASE("an unimpaired network hands every packet on at once", "[impairer][sim]") {
  Impairment network(Spec{}, 1);
  const auto arrivals = run(network, 1000, 1ms);
  REQUIRE(arrivals.size() == 1000);
  for (const auto& arrival : arrivals) REQUIRE(arrival.arrived == arrival.sent);
}

TEST_CASE("every packet is late by the delay, within the jitter, in order", "[impairer][sim]") {
  Impairment network(spec_of("delay=75,jitter=10"), 2);
  const auto arrivals = run(network, 5000, 20ms);
  REQUIRE(arrivals.size() == 5000);
  Nanoseconds sum{0};
  for (std::uint32_t i = 0; i < arrivals.size(); ++i) {
    REQUIRE(arrivals[i].number == i);
    const Nanoseconds late = arrivals[i].arrived - arrivals[i].sent;
    REQUIRE(late >= 65ms);
    REQUIRE(late <= 85ms);
    sum += late;
  }
  REQUIRE(std::chrono::abs(sum / 5000 - Nanoseconds(75ms)) < 500us);
}

TEST_CASE("losses are as many as asked, alone or in runs", "[impairer][sim]") {
  const double burst = GENERATE(1.0, 4.0);
  Spec spec = spec_of("loss=5");
  spec.burst = burst;
  Impairment network(spec, 3);
  const auto arrivals = run(network, 100'000, 1ms);
  const auto& counters = network.counters();
  REQUIRE(counters.received == 100'000);
  REQUIRE(counters.lost + arrivals.size() == 100'000);
  // Five standard deviations; those of runs are wider by about sqrt(2 * burst).
  REQUIRE(std::abs(static_cast<double>(counters.lost) - 5000) < 5 * 69 * std::sqrt(2 * burst));
  std::uint64_t runs = 0;
  for (std::size_t i = 1; i < arrivals.size(); ++i) runs += arrivals[i].number != arrivals[i - 1].number + 1;
  REQUIRE(static_cast<double>(counters.lost) / static_cast<double>(runs) == Approx(burst == 1 ? 1 / 0.95 : burst).epsilon(0.1));
}

TEST_CASE("the rate holds, and a full queue drops what comes last", "[impairer][sim]") {
  Impairment network(spec_of("rate=1000,queue=50"), 4);
  const auto arrivals = run(network, 2000, 4ms, 1000);  // 2 Mbit/s offered for 8 s
  REQUIRE(network.counters().queue_dropped > 900);
  const double seconds = std::chrono::duration<double>(arrivals.back().arrived - arrivals.front().arrived).count();
  REQUIRE(static_cast<double>(arrivals.size() - 1) * 8000 / seconds == Approx(1e6).epsilon(0.01));
  for (const auto& arrival : arrivals) REQUIRE(arrival.arrived - arrival.sent <= 50ms + 8ms);
}

TEST_CASE("reordered packets are overtaken, duplicated ones come twice", "[impairer][sim]") {
  Impairment network(spec_of("delay=10,reorder=5,late=30,duplicate=3"), 5);
  const auto arrivals = run(network, 10'000, 5ms);
  const auto& counters = network.counters();
  REQUIRE(arrivals.size() == 10'000 + counters.duplicated);
  REQUIRE(std::abs(static_cast<double>(counters.duplicated) - 300) < 5 * 17);
  REQUIRE(std::abs(static_cast<double>(counters.reordered) - 500) < 5 * 22);
  std::uint64_t overtaken = 0;
  for (std::size_t i = 1; i < arrivals.size(); ++i) overtaken += arrivals[i].number < arrivals[i - 1].number;
  REQUIRE(overtaken > 300);
}

TEST_CASE("the same seed gives the same network, another seed another", "[impairer][sim]") {
  const auto losses = [](std::uint64_t seed) {
    Impairment network(spec_of("loss=20,jitter=5,delay=10"), seed);
    std::vector<Nanoseconds> times;
    for (const auto& arrival : run(network, 500, 2ms)) times.push_back(arrival.arrived);
    return times;
  };
  REQUIRE(losses(7) == losses(7));
  REQUIRE(losses(7) != losses(8));
}

TEST_CASE("a change holds from now on", "[impairer][sim]") {
  Impairment network(spec_of("delay=100"), 6);
  network.push(numbered(0), 0ms);
  network.change("delay=200,loss=100");
  network.push(numbered(1), 1ms);
  REQUIRE(network.next_deadline() == Nanoseconds(100ms));
  REQUIRE(network.pop(100ms).has_value());
  REQUIRE_FALSE(network.next_deadline().has_value());
}

TEST_CASE("a wrong description is refused and changes nothing", "[impairer]") {
  for (const char* text : {"delay", "delay=", "delay=x", "delay=-1", "delay=5x", "speed=1", "loss=101", "burst=0", "delay=1,,loss=1", "delay=nan"}) {
    Spec spec;
    INFO(text);
    REQUIRE(change_spec(text, spec).has_value());
    REQUIRE(spec.delay == 0);
  }
}
