// The relay's side of many transports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "conclave/transport.h"
#include "transport/address.h"

namespace conclave::transport {

/// Names one connection for as long as the server lives; never used again.
using ConnectionId = std::uint64_t;

/// The largest message that a connection may send before it is admitted, in bytes.
inline constexpr std::size_t max_stranger_message_size = std::size_t{64} << 10;

struct ServerEvent {
  ConnectionId connection = 0;
  TransportEvent event;  ///< `TransportConnected` first, `TransportClosed` last; after our own `close` nothing comes
  AddressBlock origin{}; ///< with `TransportConnected`: where it comes from; all zeros: not known
};

/// All connections of one relay, however they arrive. Single-threaded, without a clock.
class Server {
 public:
  Server() = default;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  virtual ~Server() = default;

  /// What happened since the last call, in order.
  virtual std::vector<ServerEvent> poll(Time now) = 0;
  /// When `poll` has to be called again even if nothing arrives.
  [[nodiscard]] virtual Time next_deadline() const = 0;

  /// Each send is `invalid_state` when there is no such connection, and else as in `Transport`.
  virtual Result<void> send_message(ConnectionId connection, Channel channel, ByteView message, Time now) = 0;
  /// The payload is shared: one copy serves all receivers.
  virtual Result<void> send_media(ConnectionId connection, const MediaPacket& packet, Time now) = 0;
  virtual Result<void> send_feedback(ConnectionId connection, ByteView feedback, Time now) = 0;
  /// The connection is a member's: its messages may have up to `max_message_size` bytes, instead of
  /// `max_stranger_message_size`. A larger one closes the connection with `limit_exceeded`.
  virtual void admit(ConnectionId connection) = 0;
  /// Closes after what is queued has left; `reason` reaches the client as the detail of its `TransportClosed`.
  virtual void close(ConnectionId connection, ErrorCode code, std::string_view reason, Time now) = 0;
};

}  // namespace conclave::transport
