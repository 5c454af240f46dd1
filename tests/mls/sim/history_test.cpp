#include <cstdlib>
#include <iostream>

#include "mls/sim/history.h"

using namespace conclave;
using namespace conclave::mls::test;

namespace {

void run(const HistorySetup& setup, std::size_t operations) {
  INFO("seed " << setup.seed << " suite " << static_cast<int>(setup.suite));
  History history(setup);
  for (std::size_t i = 0; i < operations; ++i) {
    INFO("operation " << i);
    history.step();
    history.check();
  }
  std::cout << "seed " << setup.seed << ", " << operations << " operations, at most " << history.most_members << " members:";
  for (const auto& [what, count] : history.counts) std::cout << " " << what << " " << count << ",";
  std::cout << std::endl;
}

std::uint64_t from_environment(const char* name, std::uint64_t least, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  const auto number = text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
  return number >= least ? number : otherwise;
}

}  // namespace

TEST_CASE("random histories keep all members in agreement and those who left out", "[mls][sim]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) run({seed, 14, crypto::SuiteId{1}, true}, 80);
}

// CONCLAVE_LONG=1; or another number of operations, and CONCLAVE_SEED for another history.
TEST_CASE("ten thousand operations over up to two hundred members", "[mls][sim]") {
  if (std::getenv("CONCLAVE_LONG") == nullptr) {
    std::cout << "SKIPPED: set CONCLAVE_LONG=1" << std::endl;
    return;
  }
  const std::uint64_t seed = from_environment("CONCLAVE_SEED", 1, 99);
  run({seed, 200, seed % 2 == 0 ? crypto::SuiteId{1} : crypto::SuiteId{3}, true}, from_environment("CONCLAVE_LONG", 2, 10000));
}
