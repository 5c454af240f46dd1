// Reed-Solomon: symbols that are lost, from those that came and from parity made of all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "conclave/bytes.h"

namespace conclave::transport::fec {

/// Places of data in a block, and of parity.
inline constexpr std::size_t max_places = 48;
inline constexpr std::size_t max_rows = 8;

/// A symbol of a block: of data at a place, or of parity in a row. All of a block have the same size, in bytes.
struct Symbol {
  std::uint8_t at = 0;
  const std::uint8_t* bytes = nullptr;
};

// The code over GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1: parity[r] is the sum over the data of coefficient(r, place) * data[place] with the
// Cauchy coefficients 1 / ((128 + r) xor place). So any n symbols of parity make up for any n of the data, places may be left empty, and how
// many there are need not be known when a coefficient is.

/// The parity of the first `rows` rows, one behind the other. 1 to `max_places` symbols, 1 to `max_rows` rows.
Bytes make_parity(const std::vector<Symbol>& data, std::size_t rows, std::size_t size);
/// The data at the places `missing`, in that order, one behind the other: from all other data of the block, and as many symbols of parity as are
/// missing, of different rows.
Bytes recover(const std::vector<Symbol>& data, const std::vector<Symbol>& parity, const std::vector<std::uint8_t>& missing, std::size_t size);

}  // namespace conclave::transport::fec
