#include "runtime/quic_path.h"

#include "crypto/random.h"
#include "transport/quic/client.h"

namespace conclave::runtime {
namespace {

/// The QUIC client behind the interface of the race.
class QuicPath final : public DatagramTransport {
 public:
  QuicPath(const transport::quic::ClientConfig& config, Time now) : client_(config, crypto::system_random(), now) {}

  void receive(ByteView datagram, Time now) override { client_.receive(datagram, now); }
  std::vector<Bytes> transmit(Time now) override { return client_.transmit(now); }
  [[nodiscard]] bool finished() const override { return client_.finished(); }
  [[nodiscard]] Time unanswered_since() const override { return client_.unanswered_since(); }

  Result<void> send_message(Channel channel, ByteView message, Time now) override {
    return client_.send_message(channel, message, now);
  }
  Result<void> send_media(const MediaPacket& packet, Time now) override { return client_.send_media(packet, now); }
  Result<void> send_feedback(ByteView feedback, Time now) override { return client_.send_feedback(feedback, now); }
  std::vector<TransportEvent> poll(Time now) override { return client_.poll(now); }
  [[nodiscard]] Time next_deadline() const override { return client_.next_deadline(); }
  void close(Time now) override { client_.close(now); }
  [[nodiscard]] std::size_t max_payload_size() const override { return client_.max_payload_size(); }
  [[nodiscard]] TransportCounters counters() const override { return client_.counters(); }

 private:
  transport::quic::Client client_;
};

}  // namespace

DialRace::Dial dial_by_quic(const Link& link, Duration timeout, bool seal_payloads) {
  transport::quic::ClientConfig config;
  config.relay_key_hash = link.relay_key_hash;
  config.handshake_timeout = timeout;
  config.keep_alive = std::chrono::milliseconds(500);  // and so how soon silence is noticed (`Route::patience`)
  config.seal_payloads = seal_payloads;
  return [config](const transport::Address&, Time now) { return std::make_unique<QuicPath>(config, now); };
}

}  // namespace conclave::runtime
