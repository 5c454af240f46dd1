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

TEST_CASE("a large ratchet tree of almost only blank nodes does not read", "[mls][attack]") {
  test::World world(3);
  test::Client& alice = world.founder("alice");
  const Bytes leaf = to_bytes(alice.in().tree().leaf({0})->encoded());
  const auto read = [&](std::size_t leaves) {
    Bytes nodes{1, 1};
    nodes.insert(nodes.end(), leaf.begin(), leaf.end());
    nodes.resize(nodes.size() + 2 * (leaves - 1) - 1);
    nodes.insert(nodes.end(), {1, 1});
    nodes.insert(nodes.end(), leaf.begin(), leaf.end());
    const auto tree = RatchetTree::read(world.suite(), wire::encode(wire::Opaque{nodes}), world.random);
    return tree.ok() ? ErrorCode::internal : tree.error().code;
  };
  CHECK(read(3) == ErrorCode::internal);
  CHECK(read(65'536) == ErrorCode::internal);
  CHECK(read(65'537) == ErrorCode::limit_exceeded);
}
