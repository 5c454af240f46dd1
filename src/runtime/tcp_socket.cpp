#include "runtime/tcp_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "runtime/socket_address.h"

namespace conclave::runtime {
namespace {

constexpr int waiting_streams = 512;
constexpr int stream_flags = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

bool is_later(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

TcpTransfer outcome(ssize_t moved) {
  if (moved >= 0) return {static_cast<std::size_t>(moved), false};
  return {0, !is_later(errno)};
}

Error bind_error(const transport::Address& local) {
  return {ErrorCode::io_error, "cannot bind the TCP port " + std::to_string(local.port) + ": " + std::strerror(errno)};
}

}  // namespace

TcpSocket::TcpSocket(int descriptor) : descriptor_(descriptor) {
  const int on = 1;
  const int unsent = most_unsent;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
}

TcpSocket::TcpSocket(TcpSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
TcpSocket& TcpSocket::operator=(TcpSocket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}
TcpSocket::~TcpSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<TcpSocket> TcpSocket::connect(const transport::Address& to) {
  const int family = is_v4(to) ? AF_INET : AF_INET6;
  const int descriptor = ::socket(family, stream_flags, 0);
  if (descriptor < 0) return Error{ErrorCode::unreachable, std::string("cannot make a TCP socket: ") + std::strerror(errno)};
  TcpSocket socket(descriptor);
  sockaddr_storage name{};
  const socklen_t size = to_socket_address(to, family, name);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&name), size) != 0 && errno != EINPROGRESS) {
    return Error{ErrorCode::unreachable, std::string("no way by TCP: ") + std::strerror(errno)};
  }
  return socket;
}

/// Nothing received is the end; until a connection stands both answer "later".
TcpTransfer TcpSocket::receive(ByteSpan into) {
  const ssize_t size = ::recv(descriptor_, into.data(), into.size(), 0);
  return size == 0 ? TcpTransfer{0, true} : outcome(size);
}

TcpTransfer TcpSocket::send(ByteView bytes) { return outcome(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL)); }

void TcpSocket::end_output() { ::shutdown(descriptor_, SHUT_WR); }

TcpListener::TcpListener(TcpListener&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), local_(other.local_) {}
TcpListener& TcpListener::operator=(TcpListener&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  local_ = other.local_;
  return *this;
}
TcpListener::~TcpListener() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<TcpListener> TcpListener::bind(const transport::Address& local) {
  int family = AF_INET6;
  int descriptor = ::socket(family, stream_flags, 0);
  if (descriptor < 0 && errno == EAFNOSUPPORT && (is_v4(local) || is_wildcard(local))) {
    family = AF_INET;
    descriptor = ::socket(family, stream_flags, 0);
  }
  if (descriptor < 0) return bind_error(local);
  TcpListener listener(descriptor);
  const int on = 1;
  const int off = 0;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);  // a relay that was started again finds its port
  if (family == AF_INET6) ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  sockaddr_storage name{};
  socklen_t size = to_socket_address(local, family, name);
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&name), size) != 0 || ::listen(descriptor, waiting_streams) != 0) return bind_error(local);
  size = sizeof name;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&name), &size) != 0) return bind_error(local);
  listener.local_ = from_socket_address(name);
  return listener;
}

std::optional<TcpListener::Arrival> TcpListener::accept(bool& exhausted) {
  constexpr int tries = 8;  // the first in line may be gone already
  for (int i = 0; i < tries; ++i) {
    sockaddr_storage name{};
    socklen_t size = sizeof name;
    const int descriptor = ::accept4(descriptor_, reinterpret_cast<sockaddr*>(&name), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) return Arrival{TcpSocket(descriptor), from_socket_address(name)};
    exhausted = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    if (exhausted || errno == EAGAIN || errno == EWOULDBLOCK) break;
  }
  return std::nullopt;
}

}  // namespace conclave::runtime
