#include "transport/quic/client.h"

#include "transport/hop/record.h"
#include "transport/quic/connection.h"

namespace conclave::transport::quic {
namespace {

/// The relay's address is the socket's business; inside it is one like any other.
const Address relay_address = Address::v4(127, 0, 0, 1, 443);

Error closed() { return Error{ErrorCode::invalid_state, "the connection is closed"}; }

}  // namespace

Client::Client(const ClientConfig& config, crypto::Random& random, Time now) {
  Timeouts timeouts;
  timeouts.handshake = config.handshake_timeout;
  timeouts.idle = config.idle_timeout;
  timeouts.keep_alive = config.keep_alive;
  connection_ = Connection::connect(config.relay_key_hash, config.protocol, timeouts, relay_address, config.seal_payloads, random, now);
  failed_ = connection_ == nullptr;
}

Client::~Client() = default;

void Client::receive(ByteView packet, Time now) {
  if (!connection_ || packet.empty()) return;
  if (hop::is_hop_packet(packet)) {
    connection_->read_hop(relay_address, packet, now);
  } else if ((packet[0] & 0x40) != 0) {
    connection_->read(relay_address, packet, now);
  } else {
    ++malformed_;
  }
}

std::vector<Bytes> Client::transmit(Time now) {
  std::vector<Bytes> packets;
  if (!connection_) return packets;
  std::vector<OutgoingPacket> out;
  connection_->write(out, now);
  packets.reserve(out.size());
  for (OutgoingPacket& packet : out) packets.push_back(whole(std::move(packet)));
  return packets;
}

Result<void> Client::send_message(Channel channel, ByteView message, Time) {
  return connection_ ? connection_->send_message(channel, message) : closed();
}

Result<void> Client::send_media(const MediaPacket& packet, Time now) {
  return connection_ ? connection_->send_media(packet, now) : closed();
}

Result<void> Client::send_feedback(ByteView feedback, Time) {
  return connection_ ? connection_->send_feedback(feedback) : closed();
}

std::vector<TransportEvent> Client::poll(Time now) {
  if (connection_) {
    connection_->expire(now);
    return connection_->take_events();
  }
  if (!std::exchange(failed_, false)) return {};
  return {TransportClosed{Error{ErrorCode::out_of_resources, "no memory for a connection"}}};
}

Time Client::next_deadline() const {
  if (connection_) return connection_->deadline();
  return failed_ ? at_once : never;
}

void Client::close(Time now) {
  failed_ = false;
  if (connection_) connection_->close(0, "", now);
}

std::size_t Client::max_payload_size() const { return hop::max_payload_size; }

TransportCounters Client::counters() const {
  TransportCounters counters = connection_ ? connection_->counters() : TransportCounters{};
  counters.malformed += malformed_;
  return counters;
}

Time Client::unanswered_since() const { return connection_ ? connection_->unanswered_since() : never; }

bool Client::finished() const { return !connection_ || connection_->finished(); }

}  // namespace conclave::transport::quic
