#include "runtime/stop_signal.h"

#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <thread>

#include "runtime/devices/pace.h"
#include "runtime/steady_time.h"

namespace conclave::runtime {

using std::chrono::milliseconds;

TEST_CASE("a sleep lasts until its time, to the millisecond", "[runtime]") {
  const StopSignal stop;
  const Time until = steady_now() + milliseconds(20);
  CHECK_FALSE(stop.sleep_until(until));
  CHECK(steady_now() >= until);
  CHECK_FALSE(stop.sleep_until(until - milliseconds(50)));
}

TEST_CASE("a raised signal ends every sleep at once", "[runtime]") {
  StopSignal stop;
  std::thread other([&] { stop.raise(); });
  CHECK(stop.sleep_until(never));
  other.join();
  CHECK(stop.sleep_until(steady_now() + std::chrono::hours(1)));
}

TEST_CASE("a readable descriptor ends the wait for it, silence does not", "[runtime]") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const StopSignal stop;
  CHECK(stop.wait_readable(ends[0], steady_now() + milliseconds(10)) == StopSignal::Woken::timeout);
  REQUIRE(::write(ends[1], "x", 1) == 1);
  CHECK(stop.wait_readable(ends[0]) == StopSignal::Woken::readable);
  ::close(ends[1]);
  ::close(ends[0]);
}

TEST_CASE("frames of a capture are due without drift", "[runtime]") {
  CHECK(offset_of(30, 30) == std::chrono::seconds(1));
  CHECK(offset_of(30ull * 86'400, 30) == std::chrono::hours(24));
  CHECK(offset_of(1, 24) == Duration(41'666));
  CHECK(offset_of(24, 24) == std::chrono::seconds(1));
}

TEST_CASE("sources with a common start stay in step, and move together after a stall", "[runtime]") {
  CaptureStart start;
  const Time begun{std::chrono::seconds(100)};
  CHECK(start.due(Duration::zero(), begun) == begun);
  CHECK(start.due(milliseconds(40), begun + milliseconds(90)) == begun + milliseconds(40));
  const Time late = begun + std::chrono::seconds(5);
  CHECK(start.due(milliseconds(80), late) == late);
  CHECK(start.due(milliseconds(100), late) == late + milliseconds(20));
}

}  // namespace conclave::runtime
