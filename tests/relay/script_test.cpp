#include "script.h"

#include <catch2/catch.hpp>
#include <random>

using namespace conclave;
using namespace conclave::relay::testing;

TEST_CASE("no random sequence of messages and packets makes the relay break a promise", "[relay][fuzz]") {
  std::mt19937_64 random(11);
  for (int run = 0; run < 300; ++run) {
    Bytes script(4000);
    for (auto& byte : script) byte = static_cast<std::uint8_t>(random());
    Script(script).run();
  }
  SUCCEED("no promise was broken");
}

TEST_CASE("no plausible sequence of messages and packets makes the relay break a promise", "[relay][fuzz]") {
  std::mt19937_64 random(12);
  const Bytes opening{0, 0, 8, 0, 0, 9, 0,                          // the first connection opens room 0
                      0, 1, 8, 1, 0, 10, 1, 0, 11, 0, 0, 1, 1, 1, 1,  // the second is admitted
                      13, 0, 1, 3, 2, 14, 1, 255, 7, 7, 7, 7, 7, 7, 7, 7};
  for (int run = 0; run < 300; ++run) {
    Bytes script = opening;
    for (int i = 0; i < 800; ++i) {
      const std::array<std::uint8_t, 8> likely{2, 5, 6, 6, 7, 11, 12, 14};
      script.push_back(random() % 40 == 0 ? static_cast<std::uint8_t>(random()) : likely[random() % likely.size()]);
      script.push_back(static_cast<std::uint8_t>(random() % 3));
      for (int rest = 0; rest < 5; ++rest) script.push_back(static_cast<std::uint8_t>(random() % 9));
    }
    Script(script).run();
  }
  SUCCEED("no promise was broken");
}
