// The relay's side of all its connections over TCP, without sockets and clock.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "crypto/random.h"
#include "transport/address.h"
#include "transport/quic/inbox.h"
#include "transport/quic/relay_key.h"
#include "transport/server.h"

namespace conclave::transport::websocket {

class Connection;
class ServerCredentials;

/// What strangers may cost. An address is an IPv4 one, or a /64 of IPv6.
struct ServerConfig {
  std::size_t max_half_open = 256;             ///< without an answered upgrade
  std::size_t max_half_open_per_address = 64;  ///< so that nobody takes all of those from one place
  std::size_t newcomers_per_second = 100;      ///< whose handshakes begin; as many may come at once
  std::size_t max_connections = 4096;
  std::size_t max_per_address = 512;
  Duration handshake_timeout = std::chrono::seconds(5);  ///< from the first byte of TCP to the answered upgrade, however they trickle
  Duration idle_timeout = std::chrono::seconds(10);      ///< without one whole frame
  Duration message_timeout = std::chrono::seconds(60);   ///< from a message's first byte to its last, however they trickle
  std::size_t max_unfinished = std::size_t{64} << 20;    ///< bytes of messages that are not whole, of all connections: beyond it who holds the most is ended
};

struct ServerCounters {
  TransportCounters transport;      ///< of all connections, past ones included
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;        ///< no room
  std::uint64_t crowded = 0;        ///< too many from one address
  std::uint64_t displaced = 0;      ///< half open, and gave its place to a newcomer
  std::uint64_t held_up = 0;        ///< how often newcomers had to wait, for too many came at once
  std::uint64_t tls_failed = 0;     ///< no TLS, or none of ours
  std::uint64_t not_upgraded = 0;   ///< HTTP, but no WebSocket of ours
  std::uint64_t timed_out = 0;      ///< half open for too long
  std::uint64_t abandoned = 0;      ///< gone before it stood
  std::size_t unfinished_bytes = 0; ///< now, of messages that are not whole
};

/// Names of connections over TCP, so that one server can tell them from those over QUIC.
inline constexpr ConnectionId first_id = ConnectionId{1} << 63;

/// After each call, those of `take_talkative` are to be written, as far as their sockets take it; at `next_deadline` and after
/// `receive`, `poll` is to be called.
class WebSocketServer final : public Server {
 public:
  /// `invalid_argument` when the key does not work. `random` outlives the server.
  static Result<std::unique_ptr<WebSocketServer>> make(const quic::RelayKey& key, const ServerConfig& config, crypto::Random& random);
  ~WebSocketServer() override;

  /// Whether a newcomer's handshake may begin now. If not, they are to wait for a moment where they are.
  bool takes_newcomers(Time now);
  /// A stream from `from`; nothing when it is to be closed at once. Where no half-open place is left, the oldest of those from the
  /// most crowded address gives way.
  std::optional<ConnectionId> accept(const Address& from, Time now);
  /// Bytes of a stream. Nothing happens for one that is not there.
  void receive(ConnectionId id, ByteView bytes, Time now);
  /// It ended or broke.
  void receive_end(ConnectionId id);
  /// What is to be written to it next: fetch it only when the socket takes it. Valid until the next call.
  ByteView output(ConnectionId id, Time now);
  void consume(ConnectionId id, std::size_t size);
  /// Nothing more will be written: our side of the stream is to be ended.
  [[nodiscard]] bool said_all(ConnectionId id) const;
  /// Those that may have something to write, or may be over.
  std::vector<ConnectionId> take_talkative();
  /// True when its socket is to be closed; then the server has forgotten it.
  bool forget_if_finished(ConnectionId id);

  std::vector<ServerEvent> poll(Time now) override;
  [[nodiscard]] Time next_deadline() const override;
  Result<void> send_message(ConnectionId id, Channel channel, ByteView message, Time now) override;
  Result<void> send_media(ConnectionId id, const MediaPacket& packet, Time now) override;
  Result<void> send_feedback(ConnectionId id, ByteView feedback, Time now) override;
  void admit(ConnectionId id) override;
  void close(ConnectionId id, ErrorCode code, std::string_view reason, Time now) override;

  /// For newcomers from now on.
  void set_config(const ServerConfig& config) { config_ = config; }
  [[nodiscard]] std::optional<Address> address_of(ConnectionId id) const;
  [[nodiscard]] std::size_t connections() const { return connections_.size(); }
  [[nodiscard]] std::size_t half_open() const { return half_open_.size(); }
  [[nodiscard]] ServerCounters counters() const;

 private:
  struct Entry {
    std::unique_ptr<Connection> connection;
    Address from;
    Time deadline = never;
    std::size_t unfinished = 0;  ///< as the ledger has it
  };
  struct Crowd {
    std::size_t connections = 0;
    std::size_t half_open = 0;
  };

  WebSocketServer(const ServerConfig& config, std::unique_ptr<ServerCredentials> credentials, crypto::Random& random);
  [[nodiscard]] Entry* find(ConnectionId id);
  /// The connection, whose owner will look at it; null when there is none.
  Connection* touch(ConnectionId id);
  bool has_room(const Address& from);
  void displace_one();
  void settle(ConnectionId id, Entry& entry);
  void bound_unfinished(Time now);
  void leave_half_open(ConnectionId id, const Entry& entry);
  void count_failure(const Connection& connection);

  ServerConfig config_;
  std::unique_ptr<ServerCredentials> credentials_;
  crypto::Random& random_;
  std::unordered_map<ConnectionId, Entry> connections_;
  std::map<AddressBlock, Crowd> crowds_;
  std::set<ConnectionId> half_open_;
  std::set<ConnectionId> talkative_;
  std::set<ConnectionId> eventful_;  ///< with events for `poll`
  std::set<std::pair<Time, ConnectionId>> deadlines_;
  quic::InboxLedger unfinished_;
  ConnectionId next_id_ = first_id;
  Time newcomers_until_ = Time::min();  ///< beginnings up to then are spoken for
  ServerCounters counters_;
};

}  // namespace conclave::transport::websocket
