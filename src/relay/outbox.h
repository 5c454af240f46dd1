// What the relay wants done: the outputs of one call, in order.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "conclave/transport.h"
#include "relay/counters.h"
#include "transport/feedback.h"
#include "transport/messages.h"
#include "transport/server.h"

namespace conclave::relay {

using transport::ConnectionId;

/// Who gets a packet, and what is added to its stream sequence on the way there, modulo 2^24.
struct Receiver {
  ConnectionId connection = 0;
  std::uint32_t offset = 0;
};

/// Shared by all packets of a stream until its subscriptions change.
using Receivers = std::shared_ptr<const std::vector<Receiver>>;

/// The packet as `receiver` gets it.
inline MediaPacket numbered(MediaPacket packet, const Receiver& receiver) {
  packet.header.stream_sequence = (packet.header.stream_sequence + receiver.offset) & 0xffffff;
  return packet;
}

/// The encoded message; one copy serves all receivers.
struct SendMessage {
  ConnectionId connection = 0;
  Channel channel = Channel::control;
  std::shared_ptr<const Bytes> message;
};

/// The same packet for each of `receivers`; the transport fills in the time of its hop.
struct SendMedia {
  Receivers receivers;
  MediaPacket packet;
};

struct SendFeedback {
  ConnectionId connection = 0;
  Bytes feedback;
};

/// The connection has become a member's and may send more than a stranger.
struct Admit {
  ConnectionId connection = 0;
};

/// The relay has forgotten the connection and ignores what still comes from it.
struct Close {
  ConnectionId connection = 0;
  ErrorCode code = ErrorCode::refused;
  std::string reason;
};

using Output = std::variant<SendMessage, SendMedia, SendFeedback, Admit, Close>;
using Outputs = std::vector<Output>;

/// Collects the outputs of one call.
class Outbox {
 public:
  void send(ConnectionId to, Channel channel, const transport::RelayMessage& message);
  void send(ConnectionId to, Channel channel, std::shared_ptr<const Bytes> encoded);
  /// Encoded once for all.
  void send(const std::vector<ConnectionId>& to, Channel channel, const transport::RelayMessage& message);
  void forward(Receivers to, MediaPacket packet);
  /// `items` fit one datagram.
  void feedback(ConnectionId to, const std::vector<transport::Feedback>& items);
  void admit(ConnectionId connection);
  void close(ConnectionId connection, ErrorCode code, std::string reason);

  Outputs take() { return std::move(outputs_); }

 private:
  Outputs outputs_;
};

/// One call into the relay: when it is, what comes of it, and where it is counted.
struct Turn {
  Time now{};
  Outbox& out;
  Counters& counters;
};

}  // namespace conclave::relay
