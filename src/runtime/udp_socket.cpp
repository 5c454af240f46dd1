#include "runtime/udp_socket.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <numeric>
#include <string>
#include <utility>

#include "runtime/socket_address.h"

namespace conclave::runtime {
namespace {

using transport::Address;
using transport::OutgoingPacket;

constexpr std::size_t most_segments = 64;       // UDP_MAX_SEGMENTS of the kernel
constexpr std::size_t most_bytes = 65'000;      // of one piece before segmentation
constexpr int buffer_bytes = 4 << 20;           // asked for; the system gives what it allows

Error system_error(const char* what) { return Error{ErrorCode::io_error, std::string(what) + ": " + std::strerror(errno)}; }

iovec piece(ByteView bytes) { return {const_cast<std::uint8_t*>(bytes.data()), bytes.size()}; }

/// How many packets from the front can leave as one: same destination, same size, the last at most that size.
std::size_t run_length(std::span<const OutgoingPacket> packets, bool segmentation) {
  const OutgoingPacket& first = packets.front();
  std::size_t length = 1;
  std::size_t bytes = first.size();
  if (!segmentation || bytes == 0) return 1;
  while (length < packets.size() && length < most_segments) {
    const OutgoingPacket& next = packets[length];
    if (next.to != first.to || next.size() == 0 || next.size() > first.size()) break;
    bytes += next.size();
    if (bytes > most_bytes) break;
    ++length;
    if (next.size() < first.size()) break;
  }
  return length;
}

}  // namespace

/// Scratch space of both directions, allocated once.
struct UdpSocket::Buffers {
  /// The control message that tells the kernel where to cut.
  struct SegmentControl {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> space{};

    void attach(msghdr& message, std::uint16_t segment_size) {
      message.msg_control = space.data();
      message.msg_controllen = space.size();
      cmsghdr* header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_UDP;
      header->cmsg_type = UDP_SEGMENT;
      header->cmsg_len = CMSG_LEN(sizeof segment_size);
      std::memcpy(CMSG_DATA(header), &segment_size, sizeof segment_size);
    }
  };

  std::array<std::array<std::uint8_t, largest_datagram>, batch> datagrams{};
  std::array<sockaddr_storage, batch> names{};
  std::array<iovec, 2 * batch * most_segments> vectors{};
  std::array<mmsghdr, batch> messages{};
  std::array<SegmentControl, batch> controls{};
  std::array<std::size_t, batch> run_lengths{};
};

UdpSocket::UdpSocket(int descriptor, int family)
    : descriptor_(descriptor), family_(family), buffers_(std::make_unique<Buffers>()) {}

UdpSocket::UdpSocket(UdpSocket&& other) noexcept { *this = std::move(other); }

UdpSocket& UdpSocket::operator=(UdpSocket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(buffers_, other.buffers_);
  family_ = other.family_;
  segmentation_ = other.segmentation_;
  local_ = other.local_;
  counters_ = other.counters_;
  return *this;
}

UdpSocket::~UdpSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<UdpSocket> UdpSocket::bind(const Address& local) {
  int family = AF_INET6;
  int descriptor = ::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0 && errno == EAFNOSUPPORT && (is_v4(local) || is_wildcard(local))) {
    family = AF_INET;
    descriptor = ::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  }
  if (descriptor < 0) return system_error("cannot make a UDP socket");
  UdpSocket socket(descriptor, family);
  socket.configure();
  CONCLAVE_TRY(socket.bind_to(local));
  return socket;
}

void UdpSocket::configure() {
  const int off = 0;
  const int probe = IP_PMTUDISC_PROBE;  // never fragmented (RFC 9000 section 14)
  if (family_ == AF_INET6) {
    ::setsockopt(descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    ::setsockopt(descriptor_, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &probe, sizeof probe);
  }
  ::setsockopt(descriptor_, IPPROTO_IP, IP_MTU_DISCOVER, &probe, sizeof probe);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
  int segment = 0;
  socklen_t size = sizeof segment;
  segmentation_ = ::getsockopt(descriptor_, SOL_UDP, UDP_SEGMENT, &segment, &size) == 0;
}

Result<void> UdpSocket::bind_to(const Address& local) {
  sockaddr_storage name{};
  socklen_t size = to_socket_address(local, family_, name);
  if (::bind(descriptor_, reinterpret_cast<const sockaddr*>(&name), size) != 0) {
    const std::string reason = std::strerror(errno);
    const std::string port = local.port == 0 ? "" : " " + std::to_string(local.port);
    return Error{ErrorCode::io_error, "cannot bind the UDP port" + port + ": " + reason};
  }
  size = sizeof name;
  if (::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&name), &size) != 0) return system_error("getsockname");
  local_ = from_socket_address(name);
  return {};
}

std::vector<ReceivedDatagram> UdpSocket::receive() {
  Buffers& buffers = *buffers_;
  for (std::size_t i = 0; i < batch; ++i) {
    buffers.vectors[i] = {buffers.datagrams[i].data(), largest_datagram};
    buffers.messages[i] = mmsghdr{};
    msghdr& message = buffers.messages[i].msg_hdr;
    message.msg_name = &buffers.names[i];
    message.msg_namelen = sizeof buffers.names[i];
    message.msg_iov = &buffers.vectors[i];
    message.msg_iovlen = 1;
  }
  const int got = ::recvmmsg(descriptor_, buffers.messages.data(), batch, MSG_DONTWAIT, nullptr);
  std::vector<ReceivedDatagram> out;
  for (std::size_t i = 0; i < static_cast<std::size_t>(std::max(got, 0)); ++i) {
    const mmsghdr& message = buffers.messages[i];
    ++counters_.received;
    if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0) ++counters_.truncated;
    else out.push_back({from_socket_address(buffers.names[i]), ByteView(buffers.datagrams[i].data(), message.msg_len)});
  }
  return out;
}

std::size_t UdpSocket::send(std::span<const OutgoingPacket> packets) {
  std::size_t done = 0;
  bool blocked = false;
  while (done < packets.size() && !blocked) done += send_batch(packets.subspan(done), blocked);
  return done;
}

/// Fills the scratch space with at most `batch` runs of packets from the front; returns how many runs that are.
std::size_t UdpSocket::prepare(std::span<const OutgoingPacket> packets) {
  Buffers& buffers = *buffers_;
  std::size_t runs = 0;
  std::size_t vector = 0;
  for (std::size_t at = 0; at < packets.size() && runs < batch; ++runs) {
    const std::size_t length = buffers.run_lengths[runs] = run_length(packets.subspan(at), segmentation_);
    buffers.messages[runs] = mmsghdr{};
    msghdr& message = buffers.messages[runs].msg_hdr;
    message.msg_namelen = to_socket_address(packets[at].to, family_, buffers.names[runs]);
    message.msg_name = &buffers.names[runs];
    message.msg_iov = &buffers.vectors[vector];
    if (length > 1) buffers.controls[runs].attach(message, static_cast<std::uint16_t>(packets[at].size()));
    const std::size_t first_vector = vector;
    for (const std::size_t end = at + length; at < end; ++at) {
      buffers.vectors[vector++] = piece(packets[at].front());
      if (packets[at].payload.size() > 0) buffers.vectors[vector++] = piece(packets[at].payload.bytes());
    }
    message.msg_iovlen = vector - first_vector;
  }
  return runs;
}

/// One system call. Returns how many packets are dealt with.
std::size_t UdpSocket::send_batch(std::span<const OutgoingPacket> packets, bool& blocked) {
  const std::size_t runs = prepare(packets);
  const int taken = ::sendmmsg(descriptor_, buffers_->messages.data(), static_cast<unsigned>(runs), MSG_DONTWAIT);
  if (taken <= 0) return give_up_first(errno, blocked);
  ++counters_.system_calls;
  const auto lengths = std::span(buffers_->run_lengths).first(static_cast<std::size_t>(taken));
  const std::size_t sent = std::accumulate(lengths.begin(), lengths.end(), std::size_t{0});
  counters_.sent += sent;
  return sent;
}

/// The system refused the first run: later, in smaller pieces, or never.
std::size_t UdpSocket::give_up_first(int error, bool& blocked) {
  if (error == EINTR) return 0;
  blocked = error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS;
  if (blocked) return 0;
  const std::size_t length = buffers_->run_lengths.front();
  if (length > 1 && (error == EIO || error == EINVAL)) {  // the device cannot segment
    segmentation_ = false;
    return 0;
  }
  counters_.send_failed += length;
  return length;
}

}  // namespace conclave::runtime
