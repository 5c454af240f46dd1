// The relay's side of all its QUIC connections, without sockets and clock.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "crypto/random.h"
#include "transport/address.h"
#include "transport/outgoing.h"
#include "transport/quic/inbox.h"
#include "transport/quic/relay_key.h"
#include "transport/server.h"

namespace conclave::transport::quic {

class Connection;
class Door;
class Reserve;

/// What strangers may cost. Beyond `retry_from` half-open connections, or `newcomers_per_second`, a newcomer must first show,
/// by the token of a Retry packet, that it receives at its address (RFC 9000 section 8.1.2).
struct ServerConfig {
  std::size_t retry_from = 32;
  std::size_t newcomers_per_second = 100;  ///< without a token; as many may come at once
  std::size_t max_half_open = 256;
  std::size_t max_connections = 4096;
  std::size_t max_per_address = 512;  ///< connections of one IPv4 address, or of one /64 of IPv6
  bool seal_payloads = false;  ///< on every hop, in both directions; else where the member asks for it
  Duration handshake_timeout = std::chrono::seconds(5);
  Duration idle_timeout = std::chrono::seconds(10);
  Duration message_timeout = std::chrono::seconds(60);   ///< from a message's first byte to its last, however they trickle
  std::size_t max_unfinished = std::size_t{64} << 20;    ///< bytes of messages that are not whole, of all connections: beyond it who holds the most is ended
};

struct ServerCounters {
  TransportCounters transport;  ///< of all connections, past ones included
  std::uint64_t accepted = 0;   ///< handshakes begun
  std::uint64_t abandoned = 0;  ///< handshakes that never came to an end
  std::uint64_t retries = 0;
  std::uint64_t refused = 0;    ///< no room
  std::uint64_t crowded = 0;    ///< too many from one address
  std::uint64_t resets = 0;     ///< packets of connections that we do not know
  std::uint64_t version_negotiations = 0;
  std::size_t unfinished_bytes = 0;  ///< now, of messages that are not whole
};

/// After each call, what `transmit` returns is to be sent; at `next_deadline` and after `receive`, `poll` and `transmit`
/// are to be called.
class QuicServer final : public Server {
 public:
  /// `invalid_argument` when the key does not work. `random` outlives the server.
  static Result<std::unique_ptr<QuicServer>> make(const RelayKey& key, const ServerConfig& config, crypto::Random& random);
  ~QuicServer() override;

  /// One datagram from anybody.
  void receive(const Address& from, ByteView packet, Time now);
  /// The datagrams to be sent now, each at most `max_datagram_size` bytes; those to one address are in order.
  std::vector<OutgoingPacket> transmit(Time now);

  std::vector<ServerEvent> poll(Time now) override;
  [[nodiscard]] Time next_deadline() const override;
  Result<void> send_message(ConnectionId connection, Channel channel, ByteView message, Time now) override;
  Result<void> send_media(ConnectionId connection, const MediaPacket& packet, Time now) override;
  Result<void> send_feedback(ConnectionId connection, ByteView feedback, Time now) override;
  void admit(ConnectionId connection) override;
  void close(ConnectionId connection, ErrorCode code, std::string_view reason, Time now) override;

  /// For newcomers from now on.
  void set_config(const ServerConfig& config) { config_ = config; }
  /// Where the connection is reached; nothing when there is no such.
  [[nodiscard]] std::optional<Address> address_of(ConnectionId id) const;

  [[nodiscard]] std::size_t connections() const { return connections_.size(); }
  [[nodiscard]] std::size_t half_open() const { return half_open_.size(); }
  [[nodiscard]] ServerCounters counters() const;

 private:
  struct Entry {
    std::unique_ptr<Connection> connection;
    std::vector<std::string> quic_ids;
    Time deadline = never;
    AddressBlock origin{};
    std::size_t unfinished = 0;  ///< as the ledger has it
    bool talkative = false;  ///< stands in `talkative_`
  };

  QuicServer(const ServerConfig& config, std::unique_ptr<Door> door, crypto::Random& random);
  Entry* find(ConnectionId id);
  /// The connection, which `transmit` will look at; null when there is none.
  Connection* touch(ConnectionId id);
  void note_touched(ConnectionId id, Entry& entry);
  void receive_hop(const Address& from, ByteView packet, Time now);
  void receive_quic(const Address& from, ByteView packet, Time now);
  void admit_newcomer(const Address& from, ByteView packet, Time now);
  bool must_show_address(Time now);
  void settle(ConnectionId id, Time now);
  void bound_unfinished(Time now);
  void note_ids(ConnectionId id, Entry& entry);
  void schedule(ConnectionId id, Entry& entry, Time deadline);
  void remove(ConnectionId id);

  ServerConfig config_;
  std::unique_ptr<Door> door_;
  crypto::Random& random_;
  std::unique_ptr<Reserve> reserve_;  ///< goes after the connections
  std::unordered_map<ConnectionId, Entry> connections_;
  std::map<std::string, ConnectionId> by_quic_id_;  ///< ordered: strangers choose some of the keys
  std::map<std::uint32_t, ConnectionId> by_hop_id_;
  std::map<AddressBlock, std::size_t> by_origin_;  ///< connections of each
  std::set<ConnectionId> half_open_;
  std::vector<ConnectionId> talkative_;  ///< touched since the last `transmit`
  std::set<ConnectionId> eventful_;   ///< with events for `poll`
  std::set<std::pair<Time, ConnectionId>> deadlines_;
  InboxLedger unfinished_;
  Time newcomers_until_{};  ///< the time up to which newcomers have used their share
  std::size_t last_batch_ = 0;
  ConnectionId next_id_ = 1;
  ServerCounters counters_;
};

}  // namespace conclave::transport::quic
