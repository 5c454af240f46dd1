#include "base/secret.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <new>
#include <type_traits>

#include "base/secret_buffer.h"

using namespace conclave;

namespace {
using TestSecret = Secret<struct TestTag>;
using OtherSecret = Secret<struct OtherTag>;
const Bytes sample(32, 0x5A);
}  // namespace

TEST_CASE("a secret is move-only and of one kind", "[base]") {
  STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<TestSecret>);
  STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<TestSecret>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<OtherSecret, TestSecret>);
  STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<SecretBuffer>);
}

TEST_CASE("moving and destroying a secret leaves no copy behind", "[base]") {
  alignas(TestSecret) unsigned char place[sizeof(TestSecret)];
  auto* secret = new (place) TestSecret(TestSecret::copy_of(sample));
  TestSecret moved = std::move(*secret);
  const Bytes zero(32, 0);
  CHECK(std::memcmp(place, zero.data(), zero.size()) == 0);
  CHECK(constant_time_equal(moved.expose(), sample));
  *secret = std::move(moved);
  secret->~TestSecret();
  CHECK(std::memcmp(place, zero.data(), zero.size()) == 0);
}

TEST_CASE("a truncated secret buffer wipes its tail", "[base]") {
  SecretBuffer buffer = SecretBuffer::copy_of(sample);
  const std::uint8_t* start = buffer.expose().data();
  buffer.truncate(4);
  for (int i = 4; i < 32; ++i) CHECK(start[i] == 0);
  CHECK(buffer.size() == 4);
}
