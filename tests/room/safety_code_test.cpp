#include "room/safety_code.h"

#include <catch2/catch.hpp>
#include <set>

#include "room/words.h"

using namespace conclave;
using room::safety_code;

TEST_CASE("the safety code is the same from both ends and another for other people", "[room]") {
  const Bytes ada(32, 1), bob(32, 2), eve(32, 3);
  const auto code = safety_code({ada, bob});
  REQUIRE(code.ok());
  CHECK(code->digits == safety_code({bob, ada})->digits);
  CHECK(code->words == safety_code({bob, ada})->words);
  CHECK(code->digits != safety_code({ada, eve})->digits);
  CHECK(code->words != safety_code({ada, eve})->words);
  CHECK(code->digits.size() == 47);
}

TEST_CASE("keys cannot be moved from one member to the next to make an equal code", "[room][attack]") {
  CHECK(safety_code({Bytes(31, 1), Bytes(33, 1)})->digits != safety_code({Bytes(32, 1), Bytes(32, 1)})->digits);
}

TEST_CASE("the words of safety codes are distinct", "[room]") {
  CHECK(std::set<std::string_view>(room::safety_words.begin(), room::safety_words.end()).size() == 256);
}
