#include "runtime/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <thread>

#include "runtime/socket_address.h"

namespace conclave::runtime {
namespace {

using transport::Address;
using Addresses = std::vector<Address>;

std::optional<Address> address_of(const addrinfo& entry, std::uint16_t port) {
  if (entry.ai_family != AF_INET && entry.ai_family != AF_INET6) return std::nullopt;
  sockaddr_storage name{};
  std::memcpy(&name, entry.ai_addr, std::min<std::size_t>(entry.ai_addrlen, sizeof name));
  Address address = from_socket_address(name);
  address.port = port;
  return address;
}

Result<Addresses> ask_system(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* list = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (failed != 0)
    return Error{ErrorCode::unreachable, std::string("the host's name leads nowhere: ") + ::gai_strerror(failed)};
  Addresses addresses;
  for (const auto* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (const auto address = address_of(*entry, port)) addresses.push_back(*address);
  }
  ::freeaddrinfo(list);
  if (addresses.empty()) return Error{ErrorCode::unreachable, "the host's name has no address"};
  return interleave_families(addresses);
}

}  // namespace

struct Resolver::Answer {
  std::mutex mutex;
  std::optional<Result<Addresses>> addresses;
};

std::optional<Address> parse_address(const std::string& text, std::uint16_t port) {
  Address address = Address::v4(0, 0, 0, 0, port);
  if (::inet_pton(AF_INET, text.c_str(), address.ip.data() + mapped_prefix_size) == 1) return address;
  if (::inet_pton(AF_INET6, text.c_str(), address.ip.data()) == 1) return address;
  return std::nullopt;
}

std::string ip_text(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_v4(address)) return ::inet_ntop(AF_INET, address.ip.data() + mapped_prefix_size, text.data(), text.size());
  return ::inet_ntop(AF_INET6, address.ip.data(), text.data(), text.size());
}

std::string address_text(const Address& address) {
  const auto port = ":" + std::to_string(address.port);
  return is_v4(address) ? ip_text(address) + port : "[" + ip_text(address) + "]" + port;
}

Addresses interleave_families(const Addresses& addresses) {
  Addresses families[2];
  if (addresses.empty()) return addresses;
  const bool first = is_v4(addresses.front());
  for (const auto& address : addresses) families[is_v4(address) == first ? 0 : 1].push_back(address);
  Addresses mixed;
  for (std::size_t at = 0; mixed.size() < addresses.size(); ++at) {
    for (const auto& family : families) {
      if (at < family.size()) mixed.push_back(family[at]);
    }
  }
  return mixed;
}

Resolver::Resolver(const std::string& host, std::uint16_t port, std::shared_ptr<const Waker> waker)
    : answer_(std::make_shared<Answer>()) {
  if (const auto literal = parse_address(host, port)) {
    answer_->addresses = Addresses{*literal};
    waker->wake();
    return;
  }
  std::thread([host, port, waker = std::move(waker), answer = answer_] {
    auto addresses = ask_system(host, port);
    {
      const std::lock_guard lock(answer->mutex);
      answer->addresses = std::move(addresses);
    }
    waker->wake();
  }).detach();
}

std::optional<Result<Addresses>> Resolver::poll() {
  const std::lock_guard lock(answer_->mutex);
  return std::exchange(answer_->addresses, std::nullopt);
}

}  // namespace conclave::runtime
