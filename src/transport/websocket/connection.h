// One connection over TCP: TLS, the upgrade, and frames, seen from either end; without sockets and clock.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conclave/transport.h"
#include "crypto/random.h"
#include "transport/quic/inbox.h"
#include "transport/websocket/frame.h"
#include "transport/websocket/send_queue.h"
#include "transport/websocket/tls.h"
#include "transport/websocket/upgrade.h"

namespace conclave::transport::websocket {

/// Media and feedback that wait for `take_events`; later ones are dropped.
inline constexpr std::size_t max_waiting_datagrams = 4096;

struct Timeouts {
  Duration handshake = std::chrono::milliseconds(4500);  ///< until the upgrade is answered, however many bytes trickle in
  Duration idle = std::chrono::seconds(10);              ///< without one whole frame
  Duration message{};                                    ///< from a message's first byte to its last; zero: however long
  Duration keep_alive{};                                 ///< from one ping to the next; zero: none
  Duration flush = std::chrono::seconds(2);              ///< how long what is queued may take to leave before the goodbye
  Duration linger = std::chrono::seconds(1);             ///< how long the peer may take to end its side
};

/// Why a connection that never stood came to nothing; a server counts by it.
enum class Failure : std::uint8_t { none, tls, upgrade, timeout, gone };

/// Its owner moves bytes: what arrived goes to `read`, what `output` shows goes to the socket, as far as that takes it, and `consume`
/// says how far that was.
class Connection {
 public:
  /// Null without memory. `random` outlives the connection.
  static std::unique_ptr<Connection> connect(const KeyHash& pinned, const Timeouts& timeouts, crypto::Random& random, Time now);
  static std::unique_ptr<Connection> accept(const ServerCredentials& credentials, const Timeouts& timeouts, crypto::Random& random, Time now);

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // ---- the network's side ----
  void read(ByteView bytes, Time now);
  /// The stream ended or broke: nothing comes or goes any more.
  void read_end(const Error& error);
  /// The bytes that are to leave next, at most some kilobytes: what is decided now cannot be overtaken any more. Valid until the next
  /// call of anything.
  ByteView output(Time now);
  void consume(std::size_t size);
  /// There is something for `output`, as far as one can say without deciding.
  [[nodiscard]] bool wants_to_write() const;
  /// Our side of the stream is to be ended now: nothing more will leave.
  [[nodiscard]] bool said_all() const { return phase_ == Phase::closing && ciphertext_.empty(); }
  void expire(Time now);
  [[nodiscard]] Time deadline() const;

  // ---- the owner's side ----
  Result<void> send_message(Channel channel, ByteView message);
  Result<void> send_media(const MediaPacket& packet, Time now);
  Result<void> send_feedback(ByteView feedback, Time now);
  /// Without a code: a plain goodbye.
  void close(std::optional<ErrorCode> code, std::string_view reason, Time now);
  /// Ends it for the messages that are not whole.
  void end_unfinished(Time now);
  std::vector<TransportEvent> take_events();

  void allow_messages_up_to(std::size_t size) { message_limit_ = size; }
  [[nodiscard]] bool handshaking() const { return phase_ == Phase::tls || phase_ == Phase::upgrade; }
  /// Nothing more will come out of it: the socket may be closed.
  [[nodiscard]] bool finished() const { return phase_ == Phase::finished; }
  [[nodiscard]] bool has_events() const { return !events_.empty(); }
  /// Bytes of messages that are not whole.
  [[nodiscard]] std::size_t unfinished() const { return inbox_.held(); }
  [[nodiscard]] Failure failure() const { return failure_; }
  [[nodiscard]] TransportCounters counters() const;

 private:
  enum class Phase : std::uint8_t { tls, upgrade, open, flushing, closing, finished };

  Connection(bool server, std::unique_ptr<TlsSession> tls, const Timeouts& timeouts, crypto::Random& random, Time now);
  void read_plain(ByteView bytes, Time now);
  std::size_t read_head(ByteView bytes, Time now);
  void on_head(Time now);
  void on_request(Time now);
  void on_frame(Frame frame, Time now);
  void on_binary(Bytes payload, Time now);
  void on_chunk(Channel channel, ByteView chunk, Time now);
  void on_media(ByteView bytes);
  void on_close(ByteView payload, Time now);
  void keep_datagram(TransportEvent event);
  void open(Time now);

  void say(Opcode opcode, ByteView front, ByteView rest);
  void say_plain(ByteView bytes);
  void ping(Time now);
  void fill(Time now);
  bool fill_record(Time now);
  void tls_failed(Time now);
  void violate(ErrorCode code, const char* detail);
  void fail(CloseCode code, Error error, Time now);
  void fail(const Error& error, Time now);
  void say_goodbye(std::uint16_t code, std::string_view reason, Time now);
  void begin_closing(Time now);
  [[nodiscard]] Time message_deadline() const;
  void tell_end(Error error);
  void end(Failure failure, Error error);

  bool server_;
  Timeouts timeouts_;
  crypto::Random& random_;
  std::unique_ptr<TlsSession> tls_;
  Phase phase_ = Phase::tls;
  std::string upgrade_key_;  ///< of a client, while it waits for the answer
  HeadReader head_;
  FrameReader frames_;
  quic::Inbox inbox_;
  std::size_t message_limit_ = max_message_size;
  SendQueue queue_;
  Bytes ciphertext_;
  std::size_t written_ = 0;  ///< of `ciphertext_`
  std::vector<TransportEvent> events_;
  std::size_t waiting_datagrams_ = 0;
  TransportCounters counters_;
  std::optional<Error> violation_;
  Failure failure_ = Failure::none;
  bool connected_ = false;     ///< the owner heard `TransportConnected`
  bool owner_closed_ = false;  ///< the owner hears nothing more
  bool stirred_ = true;        ///< TLS may have something to say
  std::pair<std::uint16_t, std::string> goodbye_;
  Time phase_end_ = never;     ///< of the handshake, of flushing or of closing
  Time heard_{};               ///< a whole frame
  Time ping_at_ = never;
  std::optional<Bytes> pong_;  ///< the newest alone is answered: who asks and does not read holds no memory of ours
};

}  // namespace conclave::transport::websocket
