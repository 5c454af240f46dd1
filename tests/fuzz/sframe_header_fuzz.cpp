// Any bytes as an SFrame header: refused, or written back as the very same bytes.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "sframe/header.h"

using namespace conclave;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = sframe::read_header({data, size});
  if (!read) return 0;
  std::array<std::uint8_t, sframe::max_header_size> out{};
  const bool same = sframe::write(read->header, out) == read->size && std::equal(out.begin(), out.begin() + read->size, data);
  if (!same || sframe::encoded_size(read->header) != read->size) std::abort();
  return 0;
}
