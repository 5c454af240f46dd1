// Addresses between ours and the system's.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "transport/address.h"

namespace conclave::runtime {

inline constexpr std::size_t mapped_prefix_size = 12;  ///< ::ffff:0:0/96

inline bool is_v4(const transport::Address& address) {
  const auto prefix = transport::Address::v4(0, 0, 0, 0, 0);
  return std::equal(prefix.ip.begin(), prefix.ip.begin() + mapped_prefix_size, address.ip.begin());
}

inline bool is_wildcard(const transport::Address& address) {
  return std::all_of(address.ip.begin(), address.ip.end(), [](std::uint8_t byte) { return byte == 0; });
}

/// Fills `out` for a socket of `family`, AF_INET or AF_INET6, and returns its size. On an AF_INET socket an address that is no
/// IPv4 one becomes the wildcard.
inline socklen_t to_socket_address(const transport::Address& address, int family, sockaddr_storage& out) {
  out = sockaddr_storage{};
  if (family == AF_INET) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    if (is_v4(address)) std::memcpy(&v4.sin_addr, address.ip.data() + mapped_prefix_size, sizeof v4.sin_addr);
    std::memcpy(&out, &v4, sizeof v4);
    return sizeof v4;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(address.port);
  std::memcpy(&v6.sin6_addr, address.ip.data(), sizeof v6.sin6_addr);
  std::memcpy(&out, &v6, sizeof v6);
  return sizeof v6;
}

inline transport::Address from_socket_address(const sockaddr_storage& name) {
  if (name.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &name, sizeof v4);
    auto address = transport::Address::v4(0, 0, 0, 0, ntohs(v4.sin_port));
    std::memcpy(address.ip.data() + mapped_prefix_size, &v4.sin_addr, sizeof v4.sin_addr);
    return address;
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &name, sizeof v6);
  transport::Address address;
  address.port = ntohs(v6.sin6_port);
  std::memcpy(address.ip.data(), &v6.sin6_addr, address.ip.size());
  return address;
}

}  // namespace conclave::runtime
