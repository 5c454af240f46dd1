#include "sframe/replay_window.h"

#include <limits>
#include <set>

#include "crypto/random.h"
#include "sframe/support.h"

using namespace conclave;
using namespace conclave::sframe;
using Verdict = ReplayWindow::Verdict;

TEST_CASE("each counter is fresh once, also the first and the last of all", "[sframe]") {
  constexpr std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
  ReplayWindow window;
  for (const std::uint64_t counter : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{64}, std::uint64_t{63}, last, last - 1}) {
    CAPTURE(counter);
    CHECK(window.look(counter) == Verdict::fresh);
    CHECK(window.take(counter) == Verdict::fresh);
    CHECK(window.look(counter) == Verdict::replayed);
    CHECK(window.take(counter) == Verdict::replayed);
  }
  CHECK(window.take(last - ReplayWindow::size + 1) == Verdict::fresh);
  CHECK(window.take(last - ReplayWindow::size) == Verdict::too_old);
  CHECK(window.take(0) == Verdict::too_old);
}

TEST_CASE("the window agrees with a list of everything seen", "[sframe]") {
  crypto::SeededRandom random(1);
  for (const unsigned spread : {3U, 100U, 1'500U, 40'000U}) {
    ReplayWindow window;
    std::set<std::uint64_t> seen;
    std::uint64_t newest = 0;
    std::uint64_t base = 0;
    for (int round = 0; round < 20'000; ++round) {
      std::array<std::uint8_t, 4> bytes{};
      random.fill(bytes);
      base += bytes[3] % 4U;
      const std::uint64_t counter = base + (std::uint64_t{bytes[0]} | std::uint64_t{bytes[1]} << 8U) % spread;
      Verdict expected = seen.contains(counter) ? Verdict::replayed : Verdict::fresh;
      if (counter + ReplayWindow::size <= newest) expected = Verdict::too_old;
      REQUIRE(window.look(counter) == expected);
      REQUIRE(window.take(counter) == expected);
      seen.insert(counter);
      newest = std::max(newest, counter);
    }
  }
}
