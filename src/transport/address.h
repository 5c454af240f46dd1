// Where a datagram comes from or goes to.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>

namespace conclave::transport {

/// An IPv6 address, or an IPv4 one mapped into it (::ffff:a.b.c.d), and a UDP port in host order.
struct Address {
  std::array<std::uint8_t, 16> ip{};
  std::uint16_t port = 0;

  static Address v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d, std::uint16_t port) {
    return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d}, port};
  }

  friend auto operator<=>(const Address&, const Address&) = default;
};

/// Who is taken for one when strangers are counted: an IPv4 address, or the 64 bits of IPv6 that one subscriber has.
using AddressBlock = std::array<std::uint8_t, 16>;

inline AddressBlock block_of(const Address& address) {
  AddressBlock block = address.ip;
  const AddressBlock v4 = Address::v4(0, 0, 0, 0, 0).ip;
  if (std::equal(v4.begin(), v4.begin() + 12, block.begin())) return block;
  std::fill(block.begin() + 8, block.end(), std::uint8_t{0});
  return block;
}

}  // namespace conclave::transport
