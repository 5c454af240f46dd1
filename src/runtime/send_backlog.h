// Packets that the socket has not taken yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "runtime/udp_socket.h"

namespace conclave::runtime {

/// Keeps the order and a bounded number; what does not fit is lost, as on any full link.
class SendBacklog {
 public:
  static constexpr std::size_t most_packets = 8192;

  void add(std::vector<transport::OutgoingPacket> packets) {
    if (waiting_.empty()) waiting_ = std::move(packets);
    else waiting_.insert(waiting_.end(), std::make_move_iterator(packets.begin()), std::make_move_iterator(packets.end()));
  }

  /// Sends what `socket` takes now, and keeps as much of the rest as fits.
  void drain(UdpSocket& socket) {
    const std::size_t sent = socket.send(waiting_);
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(sent));
    if (waiting_.size() <= most_packets) return;
    dropped_ += waiting_.size() - most_packets;
    waiting_.resize(most_packets);
  }

  [[nodiscard]] bool empty() const { return waiting_.empty(); }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  std::vector<transport::OutgoingPacket> waiting_;
  std::uint64_t dropped_ = 0;
};

}  // namespace conclave::runtime
