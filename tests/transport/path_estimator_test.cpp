#include "transport/path_estimator.h"

#include <catch2/catch.hpp>

#include "transport/simulated_path.h"

using namespace conclave;
using namespace conclave::transport;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t payload = 500;

/// A sender at a fixed rate over a path, and the estimator that hears how it went.
class Flow {
 public:
  explicit Flow(const PathShape& shape, std::uint64_t seed = 1) : path_(shape, seed) {}

  /// How often the budget was cut.
  int run(double bits_per_second, Duration duration) {
    const Duration gap(static_cast<std::int64_t>(8e6 * static_cast<double>(payload + path_overhead) / bits_per_second));
    int cuts = 0;
    for (const Time end = now_ + duration; now_ < end; now_ += gap) {
      path_.send(payload, now_);
      while (const auto report = path_.take_report(now_)) cuts += estimator_.note(*report, now_) == PathSignal::overused ? 1 : 0;
    }
    return cuts;
  }
  PathEstimator& estimator() { return estimator_; }
  SimulatedPath& path() { return path_; }

 private:
  Time now_{1s};
  SimulatedPath path_;
  PathEstimator estimator_;
};

}  // namespace

TEST_CASE("a path that carries everything shows no limit", "[transport][sim]") {
  for (const auto& shape : {PathShape{}, PathShape{.delay = 80ms, .jitter = 10ms}, PathShape{.delay = 20ms, .loss = 0.05}}) {
    Flow flow(shape);
    CHECK(flow.run(1e6, 30s) == 0);
    CHECK_FALSE(flow.estimator().budget());
  }
}

TEST_CASE("a narrow path is noticed within half a second, and its budget is near what it carries", "[transport][sim]") {
  const double width = GENERATE(200e3, 300e3, 1e6);
  Flow flow({.delay = 40ms, .jitter = 2ms, .rate = width, .queue = 400ms});
  CHECK(flow.run(2 * width, 500ms) >= 1);
  REQUIRE(flow.estimator().budget());
  CHECK(*flow.estimator().budget() > 0.6 * width);
  CHECK(*flow.estimator().budget() < 1.0 * width);
}

TEST_CASE("a path that drops what is too much, without a queue, is noticed by its losses", "[transport][sim]") {
  Flow flow({.delay = 20ms, .rate = 500e3, .queue = 10ms});
  flow.run(1e6, 2s);
  REQUIRE(flow.estimator().budget());
  CHECK(*flow.estimator().budget() < 600e3);
}

TEST_CASE("loss that does not come from too much is tolerated after one trial", "[transport][sim]") {
  Flow flow({.delay = 30ms, .loss = 0.2});
  flow.run(1e6, 5s);
  CHECK_FALSE(flow.estimator().budget());
  CHECK(flow.run(1e6, 20s) <= 1);
  CHECK(flow.estimator().loss() > 0.1);
}

TEST_CASE("a path that has become longer is not taken for a queue for long", "[transport][sim]") {
  Flow flow({.delay = 20ms});
  flow.run(1e6, 5s);
  flow.path().change({.delay = 250ms});
  CHECK(flow.run(1e6, 3s) <= 3);
  CHECK(flow.run(1e6, 20s) == 0);
  CHECK(flow.estimator().queueing() < 10ms);
}

TEST_CASE("a budget grows while the path is clear, but not far beyond what was tried", "[transport][sim]") {
  Flow flow({.delay = 20ms, .rate = 400e3, .queue = 300ms});
  flow.run(800e3, 1s);
  REQUIRE(flow.estimator().budget());
  flow.path().change({.delay = 20ms});
  flow.run(200e3, 60s);
  const double grown = flow.estimator().budget().value();
  CHECK(grown <= 400e3);
  flow.estimator().raise(500e3);
  CHECK(flow.estimator().budget().value() == 500e3);
  flow.run(500e3, 10s);
  CHECK(flow.estimator().budget().value() > 550e3);
}

TEST_CASE("the round trip is measured by what the receiver sends back", "[transport][sim]") {
  Flow flow({.delay = 70ms});
  flow.run(500e3, 5s);
  CHECK(flow.estimator().round_trip() > 60ms);
  CHECK(flow.estimator().round_trip() < 90ms);
}

TEST_CASE("whatever a receiver claims, its estimator gives a budget that is none or a number", "[transport][attack]") {
  crypto::SeededRandom random(5);
  PathEstimator estimator;
  Time now{1s};
  for (int i = 0; i < 20'000; ++i) {
    std::array<std::uint8_t, 24> bytes{};
    random.fill(bytes);
    const auto number = [&](std::size_t at) {
      return static_cast<std::uint32_t>(bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3]);
    };
    (void)estimator.note({number(0), number(4), number(8), number(12) & 0xffffff, number(16) & 0xffffff, number(20) & 0xffffff}, now);
    now += Duration(number(0) % 200'000);
    if (estimator.budget()) CHECK((*estimator.budget() >= 48'000 && *estimator.budget() < 1e15));
    CHECK((estimator.loss() >= 0 && estimator.loss() <= 1));
  }
}

TEST_CASE("a report that a later one has overtaken changes neither rate nor loss", "[transport][attack]") {
  PathEstimator estimator;
  PathReport report;
  Time now{1s};
  for (int i = 0; i < 40; ++i, now += 50ms) {
    report.packets += 10;
    report.bytes += 5'000;
    report.lost += i % 4 == 0 ? 1 : 0;
    estimator.note(report, now);
  }
  const double rate = estimator.received_rate();
  const double loss = estimator.loss();
  PathReport overtaken = report;
  overtaken.packets -= 10;
  overtaken.bytes -= 5'000;
  CHECK(estimator.note(overtaken, now + 1ms) == PathSignal::unsure);
  CHECK(estimator.received_rate() == rate);
  CHECK(estimator.loss() == loss);
}
