#include "runtime/datagram_port.h"

namespace conclave::runtime {

std::vector<ReceivedDatagram> DatagramPort::receive() {
  if (socket_) return socket_->receive();
  taken_.clear();
  while (taken_.size() < most_waiting) {
    auto datagram = arrived_.pop();
    if (!datagram) break;
    taken_.push_back(*std::move(datagram));
  }
  received_ += taken_.size();
  std::vector<ReceivedDatagram> datagrams;
  datagrams.reserve(taken_.size());
  for (const auto& bytes : taken_) datagrams.push_back({relay_, bytes});
  return datagrams;
}

void DatagramPort::renew() {
  if (!socket_) return;
  if (auto fresh = UdpSocket::bind({}); fresh.ok()) socket_ = std::move(*fresh);
}

void DatagramPort::send(std::span<const transport::OutgoingPacket> packets) {
  if (socket_) {
    socket_->send(packets);
    return;
  }
  for (const auto& packet : packets) carrier_->send(transport::whole(packet));
  sent_ += packets.size();
}

Result<void> DatagramPort::deliver(ByteView datagram) {
  if (!carried()) return Error{ErrorCode::invalid_state, "the call has a socket of its own"};
  if (datagram.empty() || datagram.size() > UdpSocket::largest_datagram) return Error{ErrorCode::invalid_argument, "no datagram has this size"};
  if (!arrived_.push(Bytes(datagram.begin(), datagram.end()))) return Error{ErrorCode::limit_exceeded, "too many datagrams wait"};
  return {};
}

}  // namespace conclave::runtime
