#include "transport/websocket/client.h"

#include <utility>

#include "transport/websocket/connection.h"

namespace conclave::transport::websocket {
namespace {

Error no_connection() { return Error{ErrorCode::invalid_state, "the connection is closed"}; }

}  // namespace

Client::Client(const ClientConfig& config, crypto::Random& random, Time now) {
  Timeouts timeouts;
  timeouts.handshake = config.handshake_timeout;
  timeouts.idle = config.idle_timeout;
  timeouts.keep_alive = config.keep_alive;
  connection_ = Connection::connect(config.relay_key_hash, timeouts, random, now);
  failed_ = connection_ == nullptr;
}

Client::~Client() = default;

void Client::receive(ByteView bytes, Time now) {
  if (connection_) connection_->read(bytes, now);
}

void Client::receive_end(const Error& error) {
  if (connection_) connection_->read_end(error);
}

ByteView Client::output(Time now) { return connection_ ? connection_->output(now) : ByteView(); }

void Client::consume(std::size_t size) {
  if (connection_) connection_->consume(size);
}

bool Client::wants_to_write() const { return connection_ && connection_->wants_to_write(); }
bool Client::said_all() const { return connection_ && connection_->said_all(); }

Result<void> Client::send_message(Channel channel, ByteView message, Time) {
  return connection_ ? connection_->send_message(channel, message) : no_connection();
}

Result<void> Client::send_media(const MediaPacket& packet, Time now) {
  return connection_ ? connection_->send_media(packet, now) : no_connection();
}

Result<void> Client::send_feedback(ByteView feedback, Time now) {
  return connection_ ? connection_->send_feedback(feedback, now) : no_connection();
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
  return failed_ ? Time{} : never;
}

void Client::close(Time now) {
  failed_ = false;
  if (connection_) connection_->close(std::nullopt, "", now);
}

std::size_t Client::max_payload_size() const { return hop::max_payload_size; }
TransportCounters Client::counters() const { return connection_ ? connection_->counters() : TransportCounters{}; }
bool Client::finished() const { return !connection_ || connection_->finished(); }

}  // namespace conclave::transport::websocket
