#include "base/replay_window.h"

#include <catch2/catch.hpp>

#include <set>

using namespace conclave;

TEST_CASE("a counter is accepted once, and never when it is older than the window", "[base]") {
  ReplayWindow window;
  CHECK(window.fresh(0));
  window.accept(0);
  CHECK_FALSE(window.fresh(0));
  window.accept(1023);
  CHECK(window.fresh(1));
  window.accept(1024);
  CHECK(window.fresh(1));
  window.accept(1025);
  CHECK_FALSE(window.fresh(1));
  CHECK(window.fresh(2));
  CHECK_FALSE(window.fresh(1023));
  window.accept(std::uint64_t{1} << 40);
  CHECK_FALSE(window.fresh(1025));
  CHECK(window.fresh((std::uint64_t{1} << 40) - 1023));
  CHECK_FALSE(window.fresh((std::uint64_t{1} << 40) - 1024));
}

TEST_CASE("the window agrees with a plain set under jumps of every size", "[base]") {
  ReplayWindow window;
  std::set<std::uint64_t> seen;
  std::uint64_t state = 1;
  for (int i = 0; i < 200'000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const std::uint64_t reach = 1u << (state >> 60);
    const std::uint64_t next = window.next();
    const std::uint64_t back = (state >> 20) % 1400;
    const std::uint64_t counter = next + (state >> 33) % reach < back ? 0 : next + (state >> 33) % reach - back;
    const bool old = next > ReplayWindow::window && counter < next - ReplayWindow::window;
    const bool expected = !old && seen.count(counter) == 0;
    if (window.fresh(counter) != expected) FAIL("counter " << counter << " next " << next);
    if (expected) {
      window.accept(counter);
      seen.insert(counter);
    }
  }
}
