#include "transport/fec/erasure_code.h"

#include <isa-l/erasure_code.h>

#include <array>
#include <cassert>
#include <utility>

namespace conclave::transport::fec {
namespace {

constexpr std::size_t table_size = 32;  // of ISA-L, for each coefficient

using Matrix = std::vector<std::uint8_t>;  // row by row

std::uint8_t coefficient(std::uint8_t row, std::uint8_t place) { return gf_inv(static_cast<std::uint8_t>((128U + row) ^ place)); }

/// Each row of `matrix` makes one symbol out of `sources`.
Bytes combine(Matrix matrix, const std::vector<Symbol>& sources, std::size_t rows, std::size_t size) {
  std::vector<std::uint8_t> tables(table_size * sources.size() * rows);
  ec_init_tables(static_cast<int>(sources.size()), static_cast<int>(rows), matrix.data(), tables.data());
  std::vector<std::uint8_t*> in;
  for (const Symbol& source : sources) in.push_back(const_cast<std::uint8_t*>(source.bytes));  // which ISA-L only reads
  Bytes out(rows * size);
  std::array<std::uint8_t*, max_rows> symbols{};
  for (std::size_t row = 0; row < rows; ++row) symbols[row] = out.data() + row * size;
  ec_encode_data(static_cast<int>(size), static_cast<int>(sources.size()), static_cast<int>(rows), tables.data(), in.data(), symbols.data());
  return out;
}

/// What the rows of `parity` make of the places `missing`, the other way round.
Matrix inverse(const std::vector<Symbol>& parity, const std::vector<std::uint8_t>& missing) {
  Matrix matrix;
  for (const Symbol& row : parity) {
    for (const std::uint8_t place : missing) matrix.push_back(coefficient(row.at, place));
  }
  Matrix out(matrix.size());
  [[maybe_unused]] const int singular = gf_invert_matrix(matrix.data(), out.data(), static_cast<int>(missing.size()));
  assert(singular == 0);  // no square part of a Cauchy matrix is
  return out;
}

}  // namespace

Bytes make_parity(const std::vector<Symbol>& data, std::size_t rows, std::size_t size) {
  assert(!data.empty() && data.size() <= max_places && rows >= 1 && rows <= max_rows);
  Matrix matrix;
  for (std::size_t row = 0; row < rows; ++row) {
    for (const Symbol& symbol : data) matrix.push_back(coefficient(static_cast<std::uint8_t>(row), symbol.at));
  }
  return combine(std::move(matrix), data, rows, size);
}

/// missing = inverse * (parity - what the data that came had to do with it), in one go; addition and subtraction are the same.
Bytes recover(const std::vector<Symbol>& data, const std::vector<Symbol>& parity, const std::vector<std::uint8_t>& missing, std::size_t size) {
  assert(!missing.empty() && missing.size() <= max_rows && parity.size() == missing.size());
  const Matrix back = inverse(parity, missing);
  std::vector<Symbol> sources = data;
  sources.insert(sources.end(), parity.begin(), parity.end());
  Matrix matrix;
  for (std::size_t row = 0; row < missing.size(); ++row) {
    const std::uint8_t* weights = back.data() + row * parity.size();
    for (const Symbol& symbol : data) {
      std::uint8_t sum = 0;
      for (std::size_t i = 0; i < parity.size(); ++i) sum = static_cast<std::uint8_t>(sum ^ gf_mul(weights[i], coefficient(parity[i].at, symbol.at)));
      matrix.push_back(sum);
    }
    matrix.insert(matrix.end(), weights, weights + parity.size());
  }
  return combine(std::move(matrix), sources, missing.size(), size);
}

}  // namespace conclave::transport::fec
