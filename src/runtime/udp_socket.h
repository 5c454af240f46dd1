// UDP with batches: recvmmsg(2), sendmmsg(2) and, where the kernel has it, segmentation offload (udp(7), UDP_SEGMENT).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "conclave/bytes.h"
#include "transport/address.h"
#include "transport/outgoing.h"

namespace conclave::runtime {

struct UdpCounters {
  std::uint64_t received = 0;
  std::uint64_t truncated = 0;     ///< longer than anything we take
  std::uint64_t sent = 0;
  std::uint64_t send_failed = 0;   ///< refused by the system: no route, a firewall
  std::uint64_t system_calls = 0;  ///< that sent something
};

struct ReceivedDatagram {
  transport::Address from;
  ByteView bytes;  ///< valid until the next `receive`
};

/// One bound socket that never blocks. Move-only; closed with its owner. One thread at a time.
class UdpSocket {
 public:
  static constexpr std::size_t batch = 64;
  static constexpr std::size_t largest_datagram = 1500;  ///< that is taken

  /// Binds `local`; an IPv6 wildcard takes IPv4 too, and stands for the IPv4 one where the system has no IPv6. Port 0: any
  /// free one. `io_error` with the system's words when that fails.
  static Result<UdpSocket> bind(const transport::Address& local);

  UdpSocket(UdpSocket&&) noexcept;
  UdpSocket& operator=(UdpSocket&&) noexcept;
  ~UdpSocket();

  /// With the port that the system chose.
  [[nodiscard]] const transport::Address& local_address() const { return local_; }
  [[nodiscard]] int descriptor() const { return descriptor_; }

  /// At most `batch` datagrams that have arrived; none when there are no more.
  std::vector<ReceivedDatagram> receive();

  /// Sends from the front, as many as the system takes now; returns how many that were, those that failed included. Neighbours
  /// with one destination and one size leave in one piece. Fewer than all: wait until the descriptor can be written.
  std::size_t send(std::span<const transport::OutgoingPacket> packets);

  /// Without segmentation offload, for comparison.
  void disable_segmentation() { segmentation_ = false; }
  [[nodiscard]] const UdpCounters& counters() const { return counters_; }

 private:
  struct Buffers;

  UdpSocket(int descriptor, int family);
  Result<void> bind_to(const transport::Address& local);
  void configure();
  std::size_t prepare(std::span<const transport::OutgoingPacket> packets);
  std::size_t give_up_first(int error, bool& blocked);
  std::size_t send_batch(std::span<const transport::OutgoingPacket> packets, bool& blocked);

  int descriptor_ = -1;
  int family_ = 0;
  bool segmentation_ = false;
  transport::Address local_;
  std::unique_ptr<Buffers> buffers_;
  UdpCounters counters_;
};

}  // namespace conclave::runtime
