// Eight bytes in network order.
#pragma once

#include <cstdint>

namespace conclave::sframe {

/// Writes `value` to the eight bytes at `out`.
inline void put_big_endian(std::uint64_t value, std::uint8_t* out) {
  for (int i = 7; i >= 0; --i) {
    out[i] = static_cast<std::uint8_t>(value);
    value >>= 8;
  }
}

}  // namespace conclave::sframe
