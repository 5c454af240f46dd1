#include "runtime/datagram_socket.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace conclave::runtime {
namespace {

using transport::Address;

constexpr int socket_flags = SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
constexpr int buffer_bytes = 1 << 20;
constexpr std::size_t mapped_prefix = 12;  // ::ffff:0:0/96

/// A sockaddr of either family.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketAddress to_socket_address(const Address& address, bool v4) {
  SocketAddress result;
  if (v4) {
    sockaddr_in ip{};
    ip.sin_family = AF_INET;
    ip.sin_port = htons(address.port);
    std::memcpy(&ip.sin_addr, address.ip.data() + mapped_prefix, sizeof ip.sin_addr);
    std::memcpy(&result.storage, &ip, sizeof ip);
    result.size = sizeof ip;
  } else {
    sockaddr_in6 ip{};
    ip.sin6_family = AF_INET6;
    ip.sin6_port = htons(address.port);
    std::memcpy(&ip.sin6_addr, address.ip.data(), address.ip.size());
    std::memcpy(&result.storage, &ip, sizeof ip);
    result.size = sizeof ip;
  }
  return result;
}

Address from_socket_address(const SocketAddress& from) {
  Address address = Address::v4(0, 0, 0, 0, 0);
  if (from.storage.ss_family == AF_INET) {
    sockaddr_in ip{};
    std::memcpy(&ip, &from.storage, sizeof ip);
    std::memcpy(address.ip.data() + mapped_prefix, &ip.sin_addr, sizeof ip.sin_addr);
    address.port = ntohs(ip.sin_port);
  } else {
    sockaddr_in6 ip{};
    std::memcpy(&ip, &from.storage, sizeof ip);
    std::memcpy(address.ip.data(), &ip.sin6_addr, address.ip.size());
    address.port = ntohs(ip.sin6_port);
  }
  return address;
}

}  // namespace

Result<DatagramSocket> DatagramSocket::open(const Address& local) {
  int descriptor = ::socket(AF_INET6, socket_flags, 0);
  const bool v4_only = descriptor < 0;
  if (v4_only) descriptor = ::socket(AF_INET, socket_flags, 0);
  if (descriptor < 0) return Error{ErrorCode::io_error, std::string("no UDP socket: ") + std::strerror(errno)};
  DatagramSocket socket(descriptor, v4_only);
  const int off = 0;
  if (!v4_only) ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
  auto address = to_socket_address(local, v4_only);
  if (::bind(descriptor, address.get(), address.size) == 0) return socket;
  const std::string reason = errno == EADDRINUSE ? "another program has it" : std::strerror(errno);
  return Error{ErrorCode::io_error, "UDP port " + std::to_string(local.port) + " cannot be used: " + reason};
}

DatagramSocket::DatagramSocket(DatagramSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), v4_only_(other.v4_only_) {}

DatagramSocket::~DatagramSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Address DatagramSocket::local() const {
  SocketAddress address;
  ::getsockname(descriptor_, address.get(), &address.size);
  return from_socket_address(address);
}

std::optional<DatagramSocket::Received> DatagramSocket::receive(ByteSpan buffer) {
  SocketAddress from;
  for (;;) {
    const auto size = ::recvfrom(descriptor_, buffer.data(), buffer.size(), 0, from.get(), &from.size);
    if (size >= 0) return Received{from_socket_address(from), buffer.first(static_cast<std::size_t>(size))};
    if (errno != EINTR && errno != ECONNREFUSED) return std::nullopt;  // a refusal (ICMP) concerns an earlier datagram
  }
}

void DatagramSocket::send(const Address& to, ByteView bytes) {
  auto address = to_socket_address(to, v4_only_);
  ::sendto(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL, address.get(), address.size);
}

}  // namespace conclave::runtime
