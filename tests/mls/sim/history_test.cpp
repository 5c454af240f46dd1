#include <cstdlib>
#include <iostream>

#include "mls/sim/history.h"

using namespace conclave;
using namespace conclave::mls::test;

namespace {

using Counts = std::map<std::string, std::size_t>;

Counts run(const HistorySetup& setup, std::size_t operations, std::size_t members_at_least = 4) {
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
  CHECK(history.most_members >= members_at_least);
  return history.counts;
}

/// A history in which something never happens shows nothing about it.
void check_whole(const Counts& counts, std::size_t least) {
  for (const char* what : {"proposal", "update", "proposal lost", "reinit outweighed", "from outside", "removed", "race lost", "commit", "late", "resumption psk",
                           "resync", "resync with psk", "joined", "restored", "external commit", "talk", "reinit", "branch", "signer changed", "trespass",
                           "keys tried", "keys of members tried", "eavesdrop"}) {
    INFO(what);
    const auto found = counts.find(what);
    CHECK((found == counts.end() ? 0 : found->second) >= least);
  }
}

std::uint64_t from_environment(const char* name, std::uint64_t least, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  const auto number = text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
  return number >= least ? number : otherwise;
}

}  // namespace

TEST_CASE("random histories keep all members in agreement and those who left out", "[mls][sim]") {
  Counts all;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    for (const auto& [what, count] : run({seed, 14, crypto::SuiteId{1}, true}, 80)) all[what] += count;
  }
  check_whole(all, 1);
}

// CONCLAVE_LONG=1; or another number of operations, and CONCLAVE_SEED for another history.
TEST_CASE("ten thousand operations over up to two hundred members", "[mls][sim]") {
  if (std::getenv("CONCLAVE_LONG") == nullptr) {
    std::cout << "SKIPPED: set CONCLAVE_LONG=1" << std::endl;
    return;
  }
  const std::uint64_t seed = from_environment("CONCLAVE_SEED", 1, 99);
  const std::uint64_t operations = from_environment("CONCLAVE_LONG", 2, 10000);
  check_whole(run({seed, 200, seed % 2 == 0 ? crypto::SuiteId{1} : crypto::SuiteId{3}, true}, operations, operations < 10'000 ? 4 : 100), operations / 1000);
}
