// How a connection ends, at either end.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "transport/quic/connection.h"

namespace conclave::transport::quic {
namespace {

bool is_error_code(std::uint64_t number) {
  return number <= 999 && std::string_view(name_of(static_cast<ErrorCode>(number))) != "unknown";
}

/// What a peer says about itself goes into logs: printable characters only.
std::string printable(const std::uint8_t* text, std::size_t size) {
  std::string out;
  for (const std::uint8_t c : ByteView(text, std::min<std::size_t>(size, 256))) {
    out.push_back(c >= 0x20 && c < 0x7f ? static_cast<char>(c) : '?');
  }
  return out;
}

}  // namespace

void Connection::finish_flushing(Time now) {
  CloseError goodbye{};
  set_application_error(goodbye, goodbye_->first, as_bytes(goodbye_->second));
  say_goodbye(goodbye, now);
}

void Connection::peer_closed() {
  if (reset_) return end(Error{ErrorCode::connection_lost, "the peer does not know the connection any more"});
  end(error_of_peer(received_close(conn_)));
}

Error Connection::error_of_peer(const CloseError& error) const {
  if (is_application(error)) {
    if (error.error_code == 0) return Error{ErrorCode::connection_lost, "the peer said goodbye"};
    const auto code = is_error_code(error.error_code) ? static_cast<ErrorCode>(error.error_code) : ErrorCode::connection_lost;
    return Error{code, printable(error.reason, error.reasonlen)};
  }
  constexpr std::uint64_t no_application_protocol = NGTCP2_CRYPTO_ERROR | 120;  // RFC 7301 section 3.2
  if (error.error_code == no_application_protocol) {
    return Error{ErrorCode::version_mismatch, "the peer speaks another version of the protocol"};
  }
  if (error.error_code == NGTCP2_CONNECTION_REFUSED) return Error{ErrorCode::refused, "the relay takes no more connections"};
  return Error{ErrorCode::connection_lost, "the peer closed the connection"};
}

void Connection::end_unfinished(Time now) {
  ++counters_.unfinished;
  const Error error{ErrorCode::limit_exceeded, "a message does not come to its end"};
  CloseError goodbye{};
  set_application_error(goodbye, static_cast<std::uint64_t>(error.code), as_bytes(error.detail));
  fail(goodbye, error, now);
}

void Connection::end(Error error) {
  const bool known = connected_ || !server_;
  if (phase_ != Phase::closing && known && !owner_closed_) events_.push_back(TransportClosed{std::move(error)});
  phase_ = Phase::finished;
  phase_end_ = never;
  inbox_.clear();
}

void Connection::fail(const CloseError& goodbye, Error error, Time now) {
  const bool known = connected_ || !server_;
  if (known && !owner_closed_) events_.push_back(TransportClosed{std::move(error)});
  owner_closed_ = true;
  say_goodbye(goodbye, now);
}

void Connection::say_goodbye(const CloseError& error, Time now) {
  std::array<std::uint8_t, max_datagram_size> packet;
  ngtcp2_path_storage path;
  ngtcp2_path_storage_zero(&path);
  ngtcp2_pkt_info info{};
  const auto size = ngtcp2_conn_write_connection_close(conn_, &path.path, &info, packet.data(), packet.size(), &error, to_library(now));
  phase_ = Phase::closing;
  phase_end_ = now + timeouts_.linger;
  inbox_.clear();
  if (size <= 0) return end(Error{});
  goodbye_packet_.assign(packet.begin(), packet.begin() + size);
  repeat_at_ = now;
}

bool Connection::flushed() const {
  return std::all_of(channels_.begin(), channels_.end(), [](const ChannelState& channel) { return channel.out.held() == 0; });
}

}  // namespace conclave::transport::quic
