#include "runtime/resolver.h"

#include <poll.h>

#include <catch2/catch.hpp>

namespace conclave::runtime {

using transport::Address;

Result<std::vector<Address>> resolve(const std::string& host) {
  const auto waker = std::make_shared<Waker>();
  Resolver resolver(host, 4433, waker);
  pollfd woken{waker->descriptor(), POLLIN, 0};
  REQUIRE(::poll(&woken, 1, 20'000) == 1);
  auto answer = resolver.poll();
  REQUIRE(answer.has_value());
  CHECK_FALSE(resolver.poll().has_value());
  return *std::move(answer);
}

TEST_CASE("addresses are read and written as text", "[runtime]") {
  CHECK(parse_address("192.0.2.7", 80) == Address::v4(192, 0, 2, 7, 80));
  CHECK(address_text(*parse_address("192.0.2.7", 80)) == "192.0.2.7:80");
  CHECK(address_text(*parse_address("2001:db8::1", 4433)) == "[2001:db8::1]:4433");
  CHECK(parse_address("::ffff:192.0.2.7", 80) == parse_address("192.0.2.7", 80));
  for (const char* wrong : {"", "host", "1.2.3", "1.2.3.4.5", "[::1]", "::1%lo", "1.2.3.4 "})
    CHECK_FALSE(parse_address(wrong, 1).has_value());
}

TEST_CASE("a literal address needs no resolver", "[runtime]") {
  const auto answer = resolve("127.0.0.1");
  REQUIRE(answer.ok());
  CHECK(*answer == std::vector{Address::v4(127, 0, 0, 1, 4433)});
}

TEST_CASE("localhost has an address", "[runtime]") {
  const auto answer = resolve("localhost");
  REQUIRE(answer.ok());
  CHECK(answer->front().port == 4433);
}

TEST_CASE("a name that cannot be is unreachable", "[runtime]") {
  const auto answer = resolve("no such name");
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().code == ErrorCode::unreachable);
}

TEST_CASE("families take turns, the system's favourite first", "[runtime]") {
  const auto six = [](const char* text) { return *parse_address(text, 1); };
  const auto four = [](std::uint8_t last) { return Address::v4(10, 0, 0, last, 1); };
  CHECK(interleave_families({six("::1"), six("::2"), six("::3"), four(1)}) ==
        std::vector{six("::1"), four(1), six("::2"), six("::3")});
  CHECK(interleave_families({four(1), four(2), six("::1")}) == std::vector{four(1), six("::1"), four(2)});
  CHECK(interleave_families({}).empty());
}

}  // namespace conclave::runtime
