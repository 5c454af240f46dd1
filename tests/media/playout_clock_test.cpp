#include "media/playout_clock.h"

#include <catch2/catch.hpp>

#include "support/sealed.h"

using namespace conclave;
using namespace conclave::media;
using namespace conclave::test;

TEST_CASE("a frame is played the delay after the fastest packet would have come", "[media]") {
  PlayoutClock clock{PlayoutDelay(ms(120))};
  CHECK(clock.playout_time(at_ms(0)) == never);
  clock.observe(at_ms(1'000), at_ms(5'060));
  clock.observe(at_ms(1'020), at_ms(5'060));
  clock.observe(at_ms(1'040), at_ms(5'140));
  CHECK(clock.playout_time(at_ms(1'040)) == at_ms(1'040 + 4'040 + 120));
}

TEST_CASE("sound and picture of one sender are in step on the capture clock", "[media]") {
  PlayoutClock clock{PlayoutDelay(ms(120))};
  clock.observe(at_ms(0), at_ms(40));   // sound, on a quick way
  clock.observe(at_ms(10), at_ms(110));  // picture, on a slow one
  CHECK(clock.playout_time(at_ms(10)) - clock.playout_time(at_ms(0)) == ms(10));
}

TEST_CASE("the clock follows a sender's clock that drifts", "[media]") {
  PlayoutClock clock{PlayoutDelay(ms(100))};
  for (std::int64_t t = 0; t < 600'000; t += 20) {
    // The sender's clock is 200 ppm slow: (arrival - capture) grows by 120 ms in ten minutes.
    const auto capture = at_ms(t) - Duration(t * 1000 * 200 / 1'000'000);
    clock.observe(capture, at_ms(t + 30));
    const auto wait = clock.playout_time(capture) - at_ms(t + 30);
    CHECK(wait <= ms(100));
    CHECK(wait >= ms(93));
  }
}
