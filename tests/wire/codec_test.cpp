#include <catch2/catch.hpp>

#include "wire/fields.h"

using namespace conclave;

namespace {

enum class Kind : std::uint8_t { number = 1, text = 2 };
struct Number {
  static constexpr auto tag = Kind::number;
  std::uint32_t value = 0;
  CONCLAVE_FIELDS(value)
};
struct Text {
  static constexpr auto tag = Kind::text;
  Bytes value;
  CONCLAVE_FIELDS(value)
};
struct Sample {
  std::uint16_t head = 0;
  std::vector<std::uint32_t> list;
  std::optional<Bytes> maybe;
  std::variant<Number, Text> choice;
  std::array<std::uint8_t, 3> fixed{};
  std::shared_ptr<const Number> shared;
  CONCLAVE_FIELDS(head, list, maybe, choice, fixed, shared)
};

Sample sample() {
  Sample value;
  value.head = 0x1234;
  value.list = {1, 2, 3};
  value.maybe = Bytes{9, 8};
  value.choice = Text{{7, 7, 7}};
  value.fixed = {4, 5, 6};
  value.shared = std::make_shared<Number>(Number{42});
  return value;
}

ErrorCode error_of(const Bytes& bytes) {
  const auto result = wire::decode<Sample>(bytes);
  return result.ok() ? ErrorCode::internal : result.error().code;
}

}  // namespace

TEST_CASE("a struct is written as its declaration says and reads back", "[wire]") {
  const Bytes bytes = wire::encode(sample());
  const Bytes expected{0x12, 0x34, 12, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 9, 8, 2, 3, 7, 7, 7, 4, 5, 6, 0, 0, 0, 42};
  CHECK(bytes == expected);
  CHECK(wire::size_of(sample()) == bytes.size());
  const auto again = wire::decode<Sample>(bytes);
  REQUIRE(again.ok());
  CHECK(wire::encode(*again) == bytes);
}

TEST_CASE("every truncation, and a trailing byte, is refused", "[wire][fuzz]") {
  Bytes bytes = wire::encode(sample());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK(error_of(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size))) == ErrorCode::malformed);
  }
  bytes.push_back(0);
  CHECK(error_of(bytes) == ErrorCode::malformed);
}

TEST_CASE("no single-bit flip reads as something that writes differently", "[wire][fuzz]") {
  const Bytes good = wire::encode(sample());
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bytes = good;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto result = wire::decode<Sample>(bytes);
    if (result.ok()) CHECK(wire::encode(*result) == bytes);
  }
}

TEST_CASE("a length header must be minimal, valid and within its container", "[wire]") {
  const auto length_of = [](const Bytes& bytes) {
    wire::Reader reader(bytes);
    const std::size_t length = reader.read_length();
    return reader.ok() ? std::optional(length) : std::nullopt;
  };
  CHECK(length_of({0x01, 0xFF}) == 1);
  CHECK_FALSE(length_of({0x01}).has_value());              // longer than what contains it
  CHECK_FALSE(length_of({0x40, 0x01, 0xFF}).has_value());  // 1 in two bytes
  CHECK_FALSE(length_of({0x80, 0x00, 0x00, 0x40}).has_value());
  CHECK_FALSE(length_of({0xC0, 0, 0, 0, 0, 0, 0, 0}).has_value());
  CHECK_FALSE(length_of({0xBF, 0xFF, 0xFF, 0xFF}).has_value());  // a gigabyte announced by four bytes
}

TEST_CASE("an unknown arm, a wrong presence octet and an oversized secret are refused", "[wire]") {
  Bytes bytes = wire::encode(sample());
  bytes[19] = 3;
  CHECK(error_of(bytes) == ErrorCode::unsupported);
  bytes = wire::encode(sample());
  bytes[15] = 2;
  CHECK(error_of(bytes) == ErrorCode::malformed);
  using Small = Secret<struct SmallTag, 8>;
  CHECK(wire::decode<Small>(Bytes{2, 1, 2}).ok());
  CHECK_FALSE(wire::decode<Small>(Bytes{9, 1, 2, 3, 4, 5, 6, 7, 8, 9}).ok());
}
