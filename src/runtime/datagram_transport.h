// A transport that leaves the socket to its owner.
#pragma once

#include <memory>
#include <vector>

#include "conclave/transport.h"

namespace conclave::runtime {

/// Datagrams of one path go in and out by value.
class DatagramTransport : public Transport {
 public:
  /// One datagram that arrived from the peer's address. Any bytes are tolerated.
  virtual void receive(ByteView datagram, Time now) = 0;
  /// All datagrams that are to leave now.
  virtual std::vector<Bytes> transmit(Time now) = 0;
  /// Nothing more comes or goes: after the end, and after `close` when the goodbye has left.
  [[nodiscard]] virtual bool finished() const = 0;
};

}  // namespace conclave::runtime
