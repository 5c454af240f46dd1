// Comparing short authentication tags.
#pragma once

#include <cassert>
#include <cstdint>
#include <cstring>

#include "conclave/bytes.h"

namespace conclave::crypto {

/// Whether two tags of at most 16 bytes are the same; the time depends on their sizes alone. A few loads where a general
/// comparison would go byte by byte.
inline bool same_tag(ByteView a, ByteView b) {
  assert(a.size() <= 16);
  if (a.size() != b.size()) return false;
  std::uint64_t x[2] = {0, 0};
  std::uint64_t y[2] = {0, 0};
  std::memcpy(x, a.data(), a.size());
  std::memcpy(y, b.data(), b.size());
  return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

}  // namespace conclave::crypto
