// A transport that leaves the UDP socket to its owner, or has a TCP socket of its own.
#pragma once

#include <memory>
#include <vector>

#include "conclave/transport.h"

namespace conclave::runtime {

/// Datagrams of one path go in and out by value; a stream moves its bytes in `poll` and `transmit`.
class DatagramTransport : public Transport {
 public:
  /// One datagram that arrived from the peer's address. Any bytes are tolerated.
  virtual void receive(ByteView datagram, Time now) = 0;
  /// All datagrams that are to leave now.
  virtual std::vector<Bytes> transmit(Time now) = 0;
  /// Nothing more comes or goes: after the end, and after `close` when the goodbye has left.
  [[nodiscard]] virtual bool finished() const = 0;
  /// Its own descriptor, to be waited for; negative where its datagrams go through its owner's socket.
  [[nodiscard]] virtual int descriptor() const { return -1; }
  /// Its descriptor is to be waited for until it takes more.
  [[nodiscard]] virtual bool wants_to_write() const { return false; }
  /// Since when something that we sent waits for its acknowledgement, without any having come; `never`: nothing does.
  [[nodiscard]] virtual Time unanswered_since() const { return never; }
};

}  // namespace conclave::runtime
