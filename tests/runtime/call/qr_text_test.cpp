#include "qr_text.h"

#include <catch2/catch.hpp>

#include <vector>

using namespace conclave::call;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::string line;
  for (const char each : text) {
    if (each != '\n') line += each;
    if (each == '\n') lines.push_back(std::exchange(line, ""));
  }
  return lines;
}

/// Characters, not bytes.
std::size_t width(const std::string& line) {
  std::size_t count = 0;
  for (const char each : line) count += (static_cast<unsigned char>(each) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("a link becomes a square of blocks with a light border, and another link another one", "[runtime]") {
  const std::string link = "conclave://relay.example.org:4433/AAAAAAAAAAAAAAAAAAAAAA#" + std::string(130, 'A');
  const auto lines = lines_of(qr_text(link));
  REQUIRE(lines.size() > 20);
  for (const std::string& line : lines) CHECK(width(line) == width(lines[0]));
  CHECK(width(lines[0]) / 2 - lines.size() + 1 <= 1);  // two rows of modules in a line
  for (const std::size_t edge : {std::size_t{0}, std::size_t{1}}) {
    std::string light;
    for (std::size_t i = 0; i < width(lines[0]); ++i) light += "\u2588";
    CHECK(lines[edge] == light);
  }
  CHECK(qr_text(link) != qr_text(link + "B"));
  CHECK(qr_text(link) == qr_text(link));
}

TEST_CASE("what is too long for a code becomes none", "[runtime]") { CHECK(qr_text(std::string(10'000, 'A')).empty()); }
