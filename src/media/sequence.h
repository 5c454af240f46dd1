// Counters that wrap on the wire, made into ones that do not.
#pragma once

#include <cstdint>

namespace conclave::media {

/// How far `to` lies after `from` on a circle of 2^Bits, in [-2^(Bits-1), 2^(Bits-1)).
template <unsigned Bits>
constexpr std::int32_t distance(std::uint32_t from, std::uint32_t to) {
  static_assert(Bits >= 2 && Bits <= 31);
  constexpr std::uint32_t mask = (std::uint32_t{1} << Bits) - 1;
  constexpr std::uint32_t half = std::uint32_t{1} << (Bits - 1);
  return static_cast<std::int32_t>((to - from + half) & mask) - static_cast<std::int32_t>(half);
}

/// Extends a counter of `Bits` bits to 64: each value is taken as the one nearest to the reference.
template <unsigned Bits>
class Unwrapper {
 public:
  /// The extended value, not remembered.
  [[nodiscard]] std::int64_t peek(std::uint32_t wrapped) const {
    if (!started_) return static_cast<std::int64_t>(wrapped);
    return last_ + distance<Bits>(static_cast<std::uint32_t>(last_), wrapped);
  }

  /// The extended value, which becomes the reference when it is the highest yet.
  std::int64_t unwrap(std::uint32_t wrapped) {
    const auto value = peek(wrapped);
    if (!started_ || value > last_) last_ = value;
    started_ = true;
    return value;
  }

 private:
  std::int64_t last_ = 0;
  bool started_ = false;
};

}  // namespace conclave::media
