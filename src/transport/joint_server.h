// Connections over UDP and over TCP as those of one server.
#pragma once

#include "transport/server.h"

namespace conclave::transport {

/// Whoever speaks to it does not know which is which. `stream` names its connections from `first_stream_id` on, `datagram` below it; it
/// may be null: then there are none. Both outlive it.
class JointServer final : public Server {
 public:
  JointServer(Server& datagram, Server* stream, ConnectionId first_stream_id) : datagram_(datagram), stream_(stream), first_stream_id_(first_stream_id) {}

  std::vector<ServerEvent> poll(Time now) override;
  [[nodiscard]] Time next_deadline() const override;
  Result<void> send_message(ConnectionId id, Channel channel, ByteView message, Time now) override;
  Result<void> send_media(ConnectionId id, const MediaPacket& packet, Time now) override;
  Result<void> send_feedback(ConnectionId id, ByteView feedback, Time now) override;
  void admit(ConnectionId id) override;
  void close(ConnectionId id, ErrorCode code, std::string_view reason, Time now) override;

 private:
  [[nodiscard]] Server& of(ConnectionId id) const { return stream_ != nullptr && id >= first_stream_id_ ? *stream_ : datagram_; }

  Server& datagram_;
  Server* stream_;
  ConnectionId first_stream_id_;
};

}  // namespace conclave::transport
