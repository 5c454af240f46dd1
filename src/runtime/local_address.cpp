#include "runtime/local_address.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace conclave::runtime {
namespace {

/// The address of a UDP socket "connected" to `remote`, which the routing table alone decides; empty without a route.
template <class Sockaddr>
std::string address_towards(Sockaddr remote, int family, const void* ip_of_local, Sockaddr& local) {
  const int descriptor = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  socklen_t size = sizeof local;
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool found = descriptor >= 0 &&
                     ::connect(descriptor, reinterpret_cast<const sockaddr*>(&remote), sizeof remote) == 0 &&
                     ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&local), &size) == 0 &&
                     ::inet_ntop(family, ip_of_local, text.data(), text.size()) != nullptr;
  if (descriptor >= 0) ::close(descriptor);
  return found ? text.data() : "";
}

}  // namespace

std::string local_address() {
  sockaddr_in remote{};
  sockaddr_in local{};
  remote.sin_family = AF_INET;
  remote.sin_port = htons(9);
  ::inet_pton(AF_INET, "192.0.2.1", &remote.sin_addr);  // RFC 5737: documentation
  if (auto text = address_towards(remote, AF_INET, &local.sin_addr, local); !text.empty()) return text;
  sockaddr_in6 remote6{};
  sockaddr_in6 local6{};
  remote6.sin6_family = AF_INET6;
  remote6.sin6_port = htons(9);
  ::inet_pton(AF_INET6, "2001:db8::1", &remote6.sin6_addr);  // RFC 3849
  if (auto text = address_towards(remote6, AF_INET6, &local6.sin6_addr, local6); !text.empty()) return text;
  return "127.0.0.1";
}

}  // namespace conclave::runtime
