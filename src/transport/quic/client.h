// A member's QUIC connection to a relay, without sockets and clock.
#pragma once

#include <memory>
#include <vector>

#include "conclave/transport.h"
#include "crypto/random.h"
#include "transport/quic/relay_key.h"

namespace conclave::transport::quic {

class Connection;

struct ClientConfig {
  KeyHash relay_key_hash{};  ///< as the link pins it
  Duration handshake_timeout = std::chrono::milliseconds(4500);
  Duration idle_timeout = std::chrono::seconds(10);
  Duration keep_alive = std::chrono::seconds(1);  ///< and so how soon it notices a relay that was started again
  bool seal_payloads = false;  ///< on the hop to the relay and from it: nobody sees the same bytes at two members
  const char* protocol = "conclave/1";  ///< for tests of versions; outlives the client
};

/// QUIC for handshake and channels, hop packets for media, on one UDP path. After each call, what `transmit` returns is to
/// be sent; at `next_deadline` and after `receive`, `poll` and `transmit` are to be called.
class Client final : public Transport {
 public:
  /// Begins to connect: `transmit` holds the first packet. `random` outlives the client.
  Client(const ClientConfig& config, crypto::Random& random, Time now);
  ~Client() override;

  /// One datagram from the relay. Whatever it is, it is dropped unless it proves itself.
  void receive(ByteView packet, Time now);
  /// The datagrams to be sent now, each at most `max_datagram_size` bytes.
  std::vector<Bytes> transmit(Time now);

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
  /// Since when something that we sent waits for its acknowledgement, without any having come; `never`: nothing does.
  [[nodiscard]] Time unanswered_since() const;

 private:
  std::unique_ptr<Connection> connection_;
  std::uint64_t malformed_ = 0;
  bool failed_ = false;  ///< no memory for a connection; not yet told
};

}  // namespace conclave::transport::quic
