#include "transport/memory/path.h"

#include <catch2/catch.hpp>

#include "transport/memory/packet_network.h"

using namespace conclave;
using namespace conclave::transport;
using namespace conclave::transport::memory;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

struct Run {
  std::size_t arrived = 0;
  std::size_t late = 0;  ///< overtaken by a later one
  std::vector<Time> times;
};

Run run(Path& path, int datagrams, Duration spacing, std::size_t size = 1000) {
  Run result;
  Time latest = Time::min();
  for (int i = 0; i < datagrams; ++i) {
    for (const Arrival& arrival : path.send(size, Time(spacing * i))) {
      ++result.arrived;
      if (arrival.at < latest) ++result.late;
      latest = std::max(latest, arrival.at);
      result.times.push_back(arrival.at);
    }
  }
  return result;
}

}  // namespace

TEST_CASE("an unharmed path delivers at once and in order", "[transport][memory][sim]") {
  Path path({}, Dice(1));
  const Run all = run(path, 100, milliseconds(1));
  CHECK(all.arrived == 100);
  for (int i = 0; i < 100; ++i) CHECK(all.times[static_cast<std::size_t>(i)] == Time(milliseconds(i)));
}

TEST_CASE("random loss, bursts, duplicates and reordering come as often as asked", "[transport][memory][sim]") {
  Impairments harm;
  harm.loss = 0.2;
  Path lossy(harm, Dice(1));
  CHECK(run(lossy, 20'000, milliseconds(1)).arrived == Approx(16'000).epsilon(0.03));
  CHECK(lossy.counters().lost == 20'000 - lossy.counters().delivered);

  harm = {};
  harm.burst_start = 0.01;
  harm.burst_length = 5;
  Path bursty(harm, Dice(2));
  run(bursty, 100'000, milliseconds(1));
  CHECK(bursty.counters().lost == Approx(100'000 * 0.05 / 1.04).epsilon(0.1));

  harm = {};
  harm.delay = milliseconds(50);
  harm.duplicate = 0.1;
  harm.reorder = 0.05;
  Path messy(harm, Dice(3));
  const Run all = run(messy, 10'000, milliseconds(1));
  CHECK(all.arrived == Approx(11'000).epsilon(0.03));
  CHECK(messy.counters().reordered == Approx(550).epsilon(0.2));
  CHECK(all.late > 500);
}

TEST_CASE("jitter spreads the delay and keeps the order", "[transport][memory][sim]") {
  Impairments harm;
  harm.delay = milliseconds(75);
  harm.jitter = milliseconds(30);
  Path path(harm, Dice(1));
  const Run all = run(path, 2000, milliseconds(5));
  CHECK(all.late == 0);
  Duration least = seconds(1), most{};
  for (std::size_t i = 0; i < all.times.size(); ++i) {
    const Duration delay = all.times[i] - Time(milliseconds(5) * static_cast<int>(i));
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  CHECK(least >= milliseconds(75));
  CHECK(least < milliseconds(77));
  CHECK(most <= milliseconds(105));
  CHECK(most > milliseconds(103));
}

TEST_CASE("bandwidth is kept, and what does not fit the queue is dropped", "[transport][memory][sim]") {
  Impairments harm;
  harm.bandwidth = 1'000'000;
  harm.queue = 10'000;
  Path path(harm, Dice(1));
  const Run all = run(path, 2000, milliseconds(4), 1000);  // 2 Mbit/s for 8 s
  CHECK(all.arrived == Approx(1000).margin(15));
  CHECK(path.counters().overflowed == 2000 - all.arrived);
  CHECK(all.times.back() < Time(seconds(8) + milliseconds(100)));
}

TEST_CASE("a path changes when it was told to", "[transport][memory][sim]") {
  Path path({}, Dice(1));
  Impairments gone;
  gone.loss = 1;
  path.change(Time(seconds(1)), gone);
  path.change(Time(seconds(2)), {});
  CHECK(run(path, 300, milliseconds(10)).arrived == 200);
}

TEST_CASE("a reliable message waits for its retransmissions", "[transport][memory][sim]") {
  Impairments harm;
  harm.delay = milliseconds(75);
  Path clean(harm, Dice(1));
  CHECK(clean.send_reliably(100, Time(), seconds(10)) == Time(milliseconds(75)));
  harm.loss = 0.5;
  Path lossy(harm, Dice(1));
  Duration total{};
  for (int i = 0; i < 200; ++i) total += lossy.send_reliably(100, Time(seconds(i)), seconds(30)) - Time(seconds(i));
  CHECK(total / 200 > milliseconds(200));
  harm.loss = 1;
  Path dead(harm, Dice(1));
  CHECK(dead.send_reliably(100, Time(), seconds(10)) == never);
}

TEST_CASE("the packet network replays from its seed, damage included", "[transport][memory][sim]") {
  Impairments harm;
  harm.loss = 0.1;
  harm.duplicate = 0.1;
  harm.corrupt = 0.2;
  harm.reorder = 0.1;
  harm.delay = milliseconds(10);
  harm.jitter = milliseconds(5);
  const auto record = [&](std::uint64_t seed) {
    PacketNetwork network(seed, harm);
    const Address a = Address::v4(10, 0, 0, 1, 1000);
    const Address b = Address::v4(10, 0, 0, 2, 2000);
    Bytes log;
    for (int i = 0; i < 500; ++i) {
      const Time now{milliseconds(i)};
      network.send(a, b, Bytes(30, static_cast<std::uint8_t>(i)), now);
      network.send(b, a, Bytes(20, static_cast<std::uint8_t>(i)), now);
      for (const Datagram& datagram : network.receive(now)) {
        log.push_back(static_cast<std::uint8_t>(datagram.to.port >> 8));
        log.insert(log.end(), datagram.bytes.begin(), datagram.bytes.end());
      }
    }
    return log;
  };
  CHECK(record(5) == record(5));
  CHECK(record(5) != record(6));
}
