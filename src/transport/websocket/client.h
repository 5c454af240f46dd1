// A member's connection to a relay over TCP, without sockets and clock.
#pragma once

#include <memory>
#include <vector>

#include "conclave/transport.h"
#include "crypto/random.h"
#include "transport/quic/relay_key.h"

namespace conclave::transport::websocket {

class Connection;

struct ClientConfig {
  quic::KeyHash relay_key_hash{};  ///< as the link pins it
  Duration handshake_timeout = std::chrono::milliseconds(4500);
  Duration idle_timeout = std::chrono::seconds(6);
  Duration keep_alive = std::chrono::seconds(1);
};

/// The channels, media and feedback as frames of one WebSocket. After each call, what `output` shows is to be written to the stream;
/// at `next_deadline` and after `receive`, `poll` is to be called.
class Client final : public Transport {
 public:
  /// Begins to connect: `output` holds the first bytes. `random` outlives the client.
  Client(const ClientConfig& config, crypto::Random& random, Time now);
  ~Client() override;

  /// Bytes from the relay. Whatever they are, they do nothing unless they prove themselves.
  void receive(ByteView bytes, Time now);
  /// The stream ended, broke, or never stood.
  void receive_end(const Error& error);
  /// What is to leave next, at most some kilobytes: fetch it only when the stream takes it at once. Valid until the next call.
  ByteView output(Time now);
  void consume(std::size_t size);  ///< so much of it was written
  [[nodiscard]] bool wants_to_write() const;
  /// Nothing more will be written: our side of the stream may be ended.
  [[nodiscard]] bool said_all() const;

  Result<void> send_message(Channel channel, ByteView message, Time now) override;
  Result<void> send_media(const MediaPacket& packet, Time now) override;
  Result<void> send_feedback(ByteView feedback, Time now) override;
  std::vector<TransportEvent> poll(Time now) override;
  [[nodiscard]] Time next_deadline() const override;
  void close(Time now) override;
  [[nodiscard]] std::size_t max_payload_size() const override;
  [[nodiscard]] TransportCounters counters() const override;

  /// True when nothing more comes or goes: after the end, and after `close` when the goodbye has left.
  [[nodiscard]] bool finished() const;

 private:
  std::unique_ptr<Connection> connection_;
  bool failed_ = false;  ///< no memory for a connection; not yet told
};

}  // namespace conclave::transport::websocket
