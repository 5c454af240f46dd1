#include "crypto/work.h"

#include <catch2/catch.hpp>

#include "base/bytes.h"

using namespace conclave;
using namespace conclave::crypto;

TEST_CASE("work that was done checks for its subject and its difficulty", "[crypto]") {
  const Bytes subject = to_bytes(as_bytes("a knock"));
  const auto nonce = find_work(subject, 12, 0, 1U << 20);
  REQUIRE(nonce);
  CHECK(check_work(subject, 12, *nonce));
  CHECK(check_work(subject, 5, *nonce));
  CHECK(check_work(subject, 0, 77));
}

TEST_CASE("work for another knock, or none, is worth what chance gives", "[crypto][attack]") {
  const auto nonce = find_work(as_bytes("a knock"), 16, 0, 1U << 24);
  REQUIRE(nonce);
  CHECK_FALSE(check_work(as_bytes("another knock"), 16, *nonce));
  CHECK_FALSE(check_work(as_bytes("a knock"), 16, *nonce + 1));
  CHECK_FALSE(find_work(as_bytes("a knock"), 16, *nonce + 1, 3));
  std::size_t lucky = 0;
  for (std::uint64_t guess = 0; guess < 4096; ++guess) lucky += check_work(as_bytes("another knock"), 8, guess) ? 1 : 0;
  CHECK(lucky < 64);
}
