#include <cstdlib>
#include <iostream>

#include "mls/sim/history.h"

using namespace conclave::mls::test;

namespace {

void run(std::uint64_t seed, std::size_t operations, std::size_t max_members) {
  INFO("seed " << seed);
  History history(seed, max_members);
  for (std::size_t i = 0; i < operations; ++i) {
    INFO("operation " << i);
    history.step();
    history.check();
  }
  std::cout << "seed " << seed << ":";
  for (const auto& [what, count] : history.counts) std::cout << " " << what << " " << count;
  std::cout << std::endl;
}

}  // namespace

TEST_CASE("random histories keep all members in agreement and those who left out", "[mls][sim]") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) run(seed, 100, 16);
}

// Hours of history: CONCLAVE_LONG=1, or the number of operations.
TEST_CASE("ten thousand operations over up to two hundred members", "[mls][sim]") {
  const char* wanted = std::getenv("CONCLAVE_LONG");
  if (wanted == nullptr) {
    std::cout << "SKIPPED: set CONCLAVE_LONG=1" << std::endl;
    return;
  }
  const auto number = std::strtoull(wanted, nullptr, 10);
  run(99, number > 1 ? number : 10000, 200);
}
