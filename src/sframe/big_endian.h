// Numbers in network order, and short copies, without loops: what every frame pays for.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace conclave::sframe {

/// The value whose big-endian bytes are the native ones of `value`, and the other way round.
constexpr std::uint64_t big_endian(std::uint64_t value) {
  if constexpr (std::endian::native == std::endian::little) return __builtin_bswap64(value);
  return value;
}

/// Writes `value` to the eight bytes at `out`.
inline void put_big_endian(std::uint64_t value, std::uint8_t* out) {
  value = big_endian(value);
  std::memcpy(out, &value, 8);
}

/// Reads the eight bytes at `in`.
inline std::uint64_t get_big_endian(const std::uint8_t* in) {
  std::uint64_t value = 0;
  std::memcpy(&value, in, 8);
  return big_endian(value);
}

/// Copies `size` bytes between places that do not overlap; up to 32 of them without a call.
inline void copy_short(std::uint8_t* out, const std::uint8_t* in, std::size_t size) {
  const auto ends = [&]<std::size_t width>() {  // two copies of `width` that meet or overlap
    std::uint8_t front[width];
    std::uint8_t back[width];
    std::memcpy(front, in, width);
    std::memcpy(back, in + size - width, width);
    std::memcpy(out, front, width);
    std::memcpy(out + size - width, back, width);
  };
  if (size > 32) {
    std::memcpy(out, in, size);
  } else if (size >= 16) {
    ends.template operator()<16>();
  } else if (size >= 8) {
    ends.template operator()<8>();
  } else if (size >= 4) {
    ends.template operator()<4>();
  } else {
    for (std::size_t i = 0; i < size; ++i) out[i] = in[i];
  }
}

}  // namespace conclave::sframe
