// Where a member's datagrams leave and arrive: its UDP socket, or the carrier that the application lends.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "conclave/client.h"
#include "runtime/bounded_queue.h"
#include "runtime/udp_socket.h"

namespace conclave::runtime {

/// `deliver` is for any thread, everything else for the member's.
class DatagramPort {
 public:
  explicit DatagramPort(UdpSocket socket) : socket_(std::move(socket)) {}
  /// `relay`: the address that stands for whoever the carrier reaches.
  DatagramPort(std::unique_ptr<DatagramCarrier> carrier, const transport::Address& relay) : carrier_(std::move(carrier)), relay_(relay) {}

  /// What has arrived; the bytes are valid until the next `receive`.
  std::vector<ReceivedDatagram> receive();
  /// A fresh socket, with another port and whatever address this machine has now; else the one before may still do. A carrier stays.
  void renew();
  /// What is not taken now is lost, as datagrams may be.
  void send(std::span<const transport::OutgoingPacket> packets);
  /// To be polled; negative where there is none.
  [[nodiscard]] int descriptor() const { return socket_ ? socket_->descriptor() : -1; }
  [[nodiscard]] bool carried() const { return carrier_ != nullptr; }
  [[nodiscard]] std::uint64_t sent() const { return socket_ ? socket_->counters().sent : sent_; }
  [[nodiscard]] std::uint64_t received() const { return socket_ ? socket_->counters().received : received_; }

  /// A datagram from the carrier. `invalid_state` without one, `invalid_argument` for a size that no datagram has, `limit_exceeded`, and dropped,
  /// when too many wait.
  Result<void> deliver(ByteView datagram);

 private:
  static constexpr std::size_t most_waiting = 512;

  std::optional<UdpSocket> socket_;
  std::unique_ptr<DatagramCarrier> carrier_;
  transport::Address relay_;
  BoundedQueue<Bytes> arrived_{most_waiting};
  std::vector<Bytes> taken_;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
};

}  // namespace conclave::runtime
