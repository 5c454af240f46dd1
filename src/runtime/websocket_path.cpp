#include "runtime/websocket_path.h"

#include <array>
#include <optional>

#include "crypto/random.h"
#include "runtime/tcp_socket.h"
#include "transport/websocket/client.h"

namespace conclave::runtime {
namespace {

constexpr std::size_t bytes_per_read = 16 << 10;
constexpr int reads_per_poll = 16;
constexpr int writes_per_transmit = 64;

/// The WebSocket client with its socket, behind the interface of the race: no datagrams go in or out.
class WebSocketPath final : public DatagramTransport {
 public:
  WebSocketPath(const transport::websocket::ClientConfig& config, const transport::Address& to, Time now)
      : client_(config, crypto::system_random(), now) {
    auto socket = TcpSocket::connect(to);
    if (socket.ok()) socket_.emplace(std::move(*socket));
    else client_.receive_end(socket.error());
  }

  void receive(ByteView, Time) override {}
  std::vector<Bytes> transmit(Time now) override {
    write(now);
    return {};
  }
  [[nodiscard]] bool finished() const override { return client_.finished(); }
  [[nodiscard]] int descriptor() const override { return socket_ ? socket_->descriptor() : -1; }
  [[nodiscard]] bool wants_to_write() const override { return socket_ && blocked_; }

  Result<void> send_message(Channel channel, ByteView message, Time now) override { return client_.send_message(channel, message, now); }
  Result<void> send_media(const MediaPacket& packet, Time now) override { return client_.send_media(packet, now); }
  Result<void> send_feedback(ByteView feedback, Time now) override { return client_.send_feedback(feedback, now); }
  std::vector<TransportEvent> poll(Time now) override {
    read(now);
    auto events = client_.poll(now);
    if (client_.finished()) socket_.reset();
    return events;
  }
  [[nodiscard]] Time next_deadline() const override { return client_.next_deadline(); }
  void close(Time now) override { client_.close(now); }
  [[nodiscard]] std::size_t max_payload_size() const override { return client_.max_payload_size(); }
  [[nodiscard]] TransportCounters counters() const override { return client_.counters(); }

 private:
  void read(Time now) {
    std::array<std::uint8_t, bytes_per_read> block;
    for (int i = 0; socket_ && i < reads_per_poll; ++i) {
      const TcpTransfer got = socket_->receive(block);
      if (got.size > 0) client_.receive(ByteView(block).first(got.size), now);
      if (got.over) lose("the connection over TCP broke");
      if (got.size < block.size()) break;
    }
  }

  void write(Time now) {
    blocked_ = false;
    for (int i = 0; socket_ && !blocked_ && i < writes_per_transmit; ++i) {
      const ByteView bytes = client_.output(now);
      if (bytes.empty()) break;
      const TcpTransfer sent = socket_->send(bytes);
      if (sent.over) return lose("the connection over TCP broke");
      blocked_ = sent.size < bytes.size();
      client_.consume(sent.size);
    }
    blocked_ = blocked_ || client_.wants_to_write();  // the rest in the next turn
    if (socket_ && client_.said_all() && !std::exchange(ended_, true)) socket_->end_output();
    if (client_.finished()) socket_.reset();
  }

  void lose(const char* why) {
    client_.receive_end({ErrorCode::connection_lost, why});
    socket_.reset();
  }

  transport::websocket::Client client_;
  std::optional<TcpSocket> socket_;
  bool blocked_ = false;  ///< there is more to write than the socket took
  bool ended_ = false;    ///< our side
};

}  // namespace

DialRace::Dial dial_by_websocket(const Link& link, Duration timeout) {
  transport::websocket::ClientConfig config;
  config.relay_key_hash = link.relay_key_hash;
  config.handshake_timeout = timeout;
  return [config](const transport::Address& to, Time now) { return std::make_unique<WebSocketPath>(config, to, now); };
}

}  // namespace conclave::runtime
