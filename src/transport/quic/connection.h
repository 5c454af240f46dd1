// One QUIC connection with its channels and its hop, seen from either end.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conclave/transport.h"
#include "crypto/random.h"
#include "transport/hop/link.h"
#include "transport/outgoing.h"
#include "transport/quic/inbox.h"
#include "transport/quic/message_stream.h"
#include "transport/quic/ngtcp2.h"
#include "transport/quic/tls.h"

namespace conclave::transport::quic {

inline constexpr std::size_t client_cid_size = 8;
inline constexpr std::size_t server_cid_size = 12;
/// Bytes of messages that one end holds until the other acknowledges them, over all channels.
inline constexpr std::size_t max_backlog = 2 * max_message_size;
/// Media and feedback that wait for `take_events`; later ones are dropped.
inline constexpr std::size_t max_waiting_datagrams = 4096;

/// Instead of 0, the first byte of the control channel of an end that wants payloads sealed on the hop, in both directions.
inline constexpr std::uint8_t control_with_sealed_payloads = 0x80;

/// A deadline that has passed. Not the least value of all, so that differences of times stay small.
inline constexpr Time at_once{};

struct Timeouts {
  Duration handshake = std::chrono::milliseconds(4500);
  Duration idle = std::chrono::seconds(10);
  Duration keep_alive = std::chrono::milliseconds(2500);
  Duration message{};                          ///< from a message's first byte to its last; zero: however long
  Duration flush = std::chrono::seconds(2);    ///< how long a closing connection waits for acknowledgements
  Duration linger = std::chrono::seconds(3);   ///< how long it answers with its goodbye afterwards
};

/// What a server knows of a connection before it begins.
struct Greeting {
  const ngtcp2_pkt_hd* header = nullptr;
  std::optional<ngtcp2_cid> original_dcid;  ///< when the client came back with the token of a Retry
  Address from;
  const ServerCredentials* credentials = nullptr;
  ByteView reset_secret;  ///< outlives the connection
  const ngtcp2_mem* memory = nullptr;  ///< likewise
  bool seal_payloads = false;
};

/// A hop is mostly two expanded keys, and lies where the library's memory has holes.
struct FreeLink {
  const ngtcp2_mem* memory = nullptr;  ///< null: the heap's
  void* place = nullptr;
  void operator()(hop::Link* link) const;
};

/// Not movable: both libraries keep its address. Everything it wants to say comes out of `write` and `take_events`.
class Connection {
 public:
  /// Null when a library has no memory left. With `seal_payloads` this end asks the other to seal payloads on the hop, and does so itself.
  static std::unique_ptr<Connection> connect(const KeyHash& pinned, const char* protocol, const Timeouts& timeouts, const Address& server,
                                             bool seal_payloads, crypto::Random& random, Time now);
  static std::unique_ptr<Connection> accept(const Greeting& greeting, const Timeouts& timeouts, crypto::Random& random, Time now);

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // ---- the network's side ----
  void read(const Address& from, ByteView packet, Time now);
  void read_hop(const Address& from, ByteView packet, Time now);
  void expire(Time now);
  void write(std::vector<OutgoingPacket>& out, Time now);
  [[nodiscard]] Time deadline() const;

  // ---- the owner's side ----
  Result<void> send_message(Channel channel, ByteView message);
  Result<void> send_media(const MediaPacket& packet, Time now);
  Result<void> send_feedback(ByteView feedback);
  void close(std::uint64_t code, std::string_view reason, Time now);
  /// Ends it for the messages that are not whole.
  void end_unfinished(Time now);
  /// Also tells the peer that it may send as much again.
  std::vector<TransportEvent> take_events();

  void allow_messages_up_to(std::size_t size) { message_limit_ = size; }
  [[nodiscard]] bool handshaking() const { return phase_ == Phase::handshaking; }
  /// Nothing more will come out of it.
  [[nodiscard]] bool finished() const { return phase_ == Phase::finished; }
  [[nodiscard]] bool has_events() const { return !events_.empty(); }
  /// Bytes of messages that are not whole.
  [[nodiscard]] std::size_t unfinished() const { return inbox_.held(); }
  /// Since when something in QUIC packets waits for its acknowledgement, without any having come; `never`: nothing does.
  [[nodiscard]] Time unanswered_since() const { return unanswered_since_; }
  /// Of the hop, after the handshake.
  [[nodiscard]] std::optional<std::uint32_t> hop_id() const { return hop_id_; }
  [[nodiscard]] const TransportCounters& counters() const { return counters_; }
  [[nodiscard]] const Address& peer() const { return hop_ ? hop_->peer() : peer_; }

  /// Connection ids under which the peer may address us, since the last call: server only.
  struct IdChange {
    bool added = false;
    std::string id;
  };
  std::vector<IdChange> take_id_changes() { return std::exchange(id_changes_, {}); }

 private:
  friend struct Callbacks;

  enum class Phase : std::uint8_t { handshaking, open, flushing, closing, finished };

  struct ChannelState {
    SendBuffer out;
    std::int64_t stream = -1;
    bool named = false;        ///< the peer's first byte said which channel it is
    std::uint64_t credit = 0;  ///< bytes received that the peer was not allowed anew
    bool blocked = false;      ///< by flow control, in this round of writing
  };

  Connection(bool server, const Timeouts& timeouts, bool seal_payloads, crypto::Random& random);
  ngtcp2_settings settings(Time now) const;
  ngtcp2_transport_params transport_params() const;

  // What the library reports. A false answer ends the connection with `violation_`.
  bool on_handshake_completed();
  bool on_stream_data(std::int64_t stream, ByteView data, bool last);
  void on_acked(std::int64_t stream, std::uint64_t offset);
  bool on_new_id(ngtcp2_cid* id, std::uint8_t* token, std::size_t size);
  void on_retired_id(const ngtcp2_cid* id);
  void on_path_validated(const ngtcp2_path* path);

  void make_hop(hop::Sealer sealer, hop::Opener opener);
  ChannelState* channel_of(std::int64_t stream);
  bool read_name(Channel channel, std::uint8_t name);
  bool violate(ErrorCode code, const char* detail);
  void grant(ChannelState& channel);
  void note_answers(Time now);
  void after_read(int code, Time now);
  void peer_closed();
  [[nodiscard]] Error error_of_peer(const CloseError& error) const;
  void end(Error error);
  void say_goodbye(const CloseError& error, Time now);
  void fail(const CloseError& goodbye, Error error, Time now);
  void finish_flushing(Time now);
  [[nodiscard]] bool flushed() const;
  [[nodiscard]] Time message_deadline() const;
  void write_packets(std::vector<OutgoingPacket>& out, Time now);
  void forget_tls();
  ChannelState* next_channel();
  void keep_datagram(TransportEvent event);

  bool server_;
  Timeouts timeouts_;
  crypto::Random& random_;
  ByteView reset_secret_;
  const ngtcp2_mem* memory_ = nullptr;  ///< null: of the heap
  std::unique_ptr<TlsSession> tls_;
  ngtcp2_conn* conn_ = nullptr;
  Phase phase_ = Phase::handshaking;
  std::array<ChannelState, 3> channels_;
  Inbox inbox_;
  Time read_at_{};  ///< when what the library reports arrived
  std::size_t message_limit_ = max_message_size;
  std::unique_ptr<hop::Link, FreeLink> hop_;
  /// The library is called, or has something to say.
  void stir() {
    stirred_ = true;
    expiry_.reset();
  }
  [[nodiscard]] Time expiry() const;

  bool seal_payloads_;  ///< one of the two ends asked for it
  mutable std::optional<Time> expiry_;
  std::optional<std::uint32_t> hop_id_;
  Address peer_;
  std::vector<TransportEvent> events_;
  std::size_t waiting_datagrams_ = 0;
  std::vector<IdChange> id_changes_;
  TransportCounters counters_;
  std::optional<Error> violation_;
  Time unanswered_since_ = never;
  std::uint64_t in_flight_ = 0;  ///< bytes, when we last looked
  bool reset_ = false;
  bool stirred_ = true;         ///< QUIC may have something to write
  bool connected_ = false;      ///< the owner heard `TransportConnected`
  bool owner_closed_ = false;   ///< the owner hears nothing more
  std::optional<std::pair<std::uint64_t, std::string>> goodbye_;  ///< to be said after flushing
  Time phase_end_ = never;      ///< of flushing or closing
  Time repeat_at_ = never;      ///< of the goodbye
  int repeats_ = 0;
  Bytes goodbye_packet_;
};

/// The library's table of callbacks, for one end.
ngtcp2_callbacks callbacks(bool server);

}  // namespace conclave::transport::quic
