// How large a tree may be.
#include <cstdlib>
#include <iostream>

#include "mls/support/world.h"

using namespace conclave;
using namespace conclave::mls;

TEST_CASE("a ratchet tree that is too large does not read", "[mls][attack]") {
  if (std::getenv("CONCLAVE_LONG") == nullptr) return void(std::cout << "SKIPPED: set CONCLAVE_LONG=1" << std::endl);
  crypto::SeededRandom random(1);
  const Bytes encoded = wire::encode(wire::Opaque{Bytes(node_count(max_leaf_count) + 1)});
  const auto tree = RatchetTree::read(crypto::all_suites()[0], encoded, random);
  REQUIRE_FALSE(tree.ok());
  CHECK(tree.error().detail == std::string("a ratchet tree is too large"));
}
