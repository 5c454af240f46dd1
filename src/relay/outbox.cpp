#include "relay/outbox.h"

#include <utility>

#include "transport/codec.h"

namespace conclave::relay {

void Outbox::send(ConnectionId to, Channel channel, const transport::RelayMessage& message) {
  outputs_.push_back(SendMessage{to, channel, std::make_shared<const Bytes>(transport::encode(message))});
}

void Outbox::send(ConnectionId to, Channel channel, std::shared_ptr<const Bytes> encoded) {
  outputs_.push_back(SendMessage{to, channel, std::move(encoded)});
}

void Outbox::send(const std::vector<ConnectionId>& to, Channel channel, const transport::RelayMessage& message) {
  if (to.empty()) return;
  const auto bytes = std::make_shared<const Bytes>(transport::encode(message));
  for (const ConnectionId connection : to) outputs_.push_back(SendMessage{connection, channel, bytes});
}

void Outbox::forward(Receivers to, MediaPacket packet) {
  outputs_.push_back(SendMedia{std::move(to), std::move(packet)});
}

void Outbox::feedback(ConnectionId to, const std::vector<transport::Feedback>& items) {
  auto datagram = transport::encode_feedback(items);
  if (datagram.ok()) outputs_.push_back(SendFeedback{to, std::move(datagram).value()});
}

void Outbox::admit(ConnectionId connection) { outputs_.push_back(Admit{connection}); }

void Outbox::close(ConnectionId connection, ErrorCode code, std::string reason) {
  outputs_.push_back(Close{connection, code, std::move(reason)});
}

}  // namespace conclave::relay
