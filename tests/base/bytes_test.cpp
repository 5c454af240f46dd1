#include "base/bytes.h"

#include <catch2/catch.hpp>

using namespace conclave;

TEST_CASE("hexadecimal and base64url read back what they wrote", "[base]") {
  Bytes bytes;
  for (int i = 0; i < 256; ++i) {
    CHECK(*from_hex(to_hex(bytes)) == bytes);
    CHECK(*from_base64url(to_base64url(bytes)) == bytes);
    bytes.push_back(static_cast<std::uint8_t>(i * 7));
  }
}

TEST_CASE("base64url has one spelling per value", "[base]") {
  CHECK(from_base64url("AA").ok());
  CHECK_FALSE(from_base64url("AB").ok());   // stray bits
  CHECK_FALSE(from_base64url("AA==").ok());  // padding
  CHECK_FALSE(from_base64url("A A").ok());
  CHECK_FALSE(from_base64url("A").ok());
}

TEST_CASE("damaged hexadecimal is refused", "[base]") {
  CHECK_FALSE(from_hex("0").ok());
  CHECK_FALSE(from_hex("0g").ok());
  CHECK_FALSE(from_hex("00 ").ok());
}
