// Where a datagram comes from or goes to.
#pragma once

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

}  // namespace conclave::transport
