#include "transport/fec/erasure_code.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

using namespace conclave;
using namespace conclave::transport::fec;

namespace {

/// Multiplication modulo x^8 + x^4 + x^3 + x^2 + 1, bit by bit.
std::uint8_t times(unsigned a, unsigned b) {
  unsigned product = 0;
  for (; b != 0; b >>= 1, a = (a << 1) ^ ((a & 0x80U) != 0 ? 0x11dU : 0U)) product ^= (b & 1U) != 0 ? a : 0U;
  return static_cast<std::uint8_t>(product);
}

std::uint8_t inverse_of(std::uint8_t value) {
  for (unsigned candidate = 1; candidate < 256; ++candidate) {
    if (times(value, candidate) == 1) return static_cast<std::uint8_t>(candidate);
  }
  return 0;
}

std::vector<Bytes> random_symbols(std::mt19937& random, std::size_t count, std::size_t size) {
  std::vector<Bytes> out(count, Bytes(size));
  for (Bytes& symbol : out) std::ranges::generate(symbol, [&] { return static_cast<std::uint8_t>(random()); });
  return out;
}

}  // namespace

TEST_CASE("parity is the sum that the code's definition says, whatever the places", "[transport]") {
  std::mt19937 random(1);
  const auto symbols = random_symbols(random, 5, 37);
  const std::vector<std::uint8_t> places{0, 1, 7, 30, 47};
  std::vector<Symbol> data;
  for (std::size_t i = 0; i < symbols.size(); ++i) data.push_back({places[i], symbols[i].data()});
  const Bytes parity = make_parity(data, max_rows, 37);
  for (std::size_t row = 0; row < max_rows; ++row) {
    for (std::size_t at = 0; at < 37; ++at) {
      std::uint8_t sum = 0;
      for (std::size_t i = 0; i < symbols.size(); ++i) {
        const auto coefficient = inverse_of(static_cast<std::uint8_t>((128 + row) ^ places[i]));
        sum = static_cast<std::uint8_t>(sum ^ times(coefficient, symbols[i][at]));
      }
      REQUIRE(parity[row * 37 + at] == sum);
    }
  }
}

TEST_CASE("any symbols that are lost come back from as many rows of parity, whichever they are", "[transport]") {
  std::mt19937 random(2);
  for (int round = 0; round < 300; ++round) {
    const std::size_t count = 1 + random() % max_places;
    const std::size_t size = 1 + random() % 200;
    const auto symbols = random_symbols(random, count, size);
    std::vector<std::uint8_t> places(max_places);
    for (std::uint8_t place = 0; place < max_places; ++place) places[place] = place;
    std::shuffle(places.begin(), places.end(), random);
    std::vector<Symbol> data;
    for (std::size_t i = 0; i < count; ++i) data.push_back({places[i], symbols[i].data()});
    const Bytes parity = make_parity(data, max_rows, size);
    const std::size_t lost = 1 + random() % std::min(count, max_rows);
    std::vector<std::uint8_t> rows{0, 1, 2, 3, 4, 5, 6, 7};
    std::shuffle(rows.begin(), rows.end(), random);
    std::vector<std::uint8_t> missing;
    std::vector<Symbol> some;
    for (std::size_t i = 0; i < lost; ++i) {
      missing.push_back(data[i].at);
      some.push_back({rows[i], parity.data() + rows[i] * size});
    }
    const Bytes found = recover({data.begin() + static_cast<std::ptrdiff_t>(lost), data.end()}, some, missing, size);
    for (std::size_t i = 0; i < lost; ++i) REQUIRE(std::equal(symbols[i].begin(), symbols[i].end(), found.begin() + static_cast<std::ptrdiff_t>(i * size)));
  }
}
