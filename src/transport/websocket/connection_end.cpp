// How a connection over TCP ends, at either end.
#include <algorithm>
#include <utility>

#include "transport/websocket/connection.h"

namespace conclave::transport::websocket {
namespace {

bool is_error_code(unsigned number) { return number <= 999 && std::string_view(name_of(static_cast<ErrorCode>(number))) != "unknown"; }

CloseCode close_code(ErrorCode code) {
  return static_cast<CloseCode>(static_cast<unsigned>(CloseCode::application) + static_cast<unsigned>(code));
}

Error error_of(const CloseNotice& notice) {
  constexpr auto application = static_cast<unsigned>(CloseCode::application);
  if (notice.code == static_cast<unsigned>(CloseCode::normal)) return {ErrorCode::connection_lost, "the peer said goodbye"};
  const unsigned number = notice.code - std::min<unsigned>(notice.code, application);
  if (number > 0 && is_error_code(number)) return {static_cast<ErrorCode>(number), notice.reason};
  return {ErrorCode::connection_lost, "the peer closed the connection"};
}

}  // namespace

void Connection::on_close(ByteView payload, Time now) {
  const auto notice = read_close(payload);
  tell_end(notice ? error_of(*notice) : Error{ErrorCode::connection_lost, "the peer closed the connection"});
  queue_.drop_media();
  say_goodbye(static_cast<std::uint16_t>(CloseCode::normal), "", now);
}

void Connection::tell_end(Error error) {
  const bool known = connected_ || !server_;
  if (known && !owner_closed_) events_.emplace_back(TransportClosed{std::move(error)});
  owner_closed_ = true;
}

void Connection::end(Failure failure, Error error) {
  if (phase_ == Phase::finished) return;
  if (handshaking() && failure_ == Failure::none) failure_ = failure;
  tell_end(std::move(error));
  phase_ = Phase::finished;
  phase_end_ = never;
  inbox_.clear();
}

void Connection::read_end(const Error& error) { end(Failure::gone, handshaking() ? Error{ErrorCode::unreachable, error.detail} : error); }

void Connection::tls_failed(Time now) {
  if (phase_ == Phase::finished || phase_ == Phase::closing) return;
  if (handshaking()) failure_ = Failure::tls;
  if (tls_->identity_mismatch()) {
    tell_end({ErrorCode::identity_mismatch, "the relay's key is not the one that the link pins"});
  } else if (tls_->version_mismatch()) {
    tell_end({ErrorCode::version_mismatch, "the peer speaks another version of the protocol"});
  } else {
    tell_end({ErrorCode::connection_lost, connected_ ? "the peer broke the rules of TLS" : "the TLS handshake failed"});
  }
  begin_closing(now);  // the alert leaves
}

void Connection::end_unfinished(Time now) {
  ++counters_.unfinished;
  fail({ErrorCode::limit_exceeded, "a message does not come to its end"}, now);
}

void Connection::fail(const Error& error, Time now) { fail(close_code(error.code), error, now); }

void Connection::fail(CloseCode code, Error error, Time now) {
  const std::string reason = error.detail;
  tell_end(std::move(error));
  queue_.drop_media();
  say_goodbye(static_cast<std::uint16_t>(code), reason, now);
}

void Connection::say_goodbye(std::uint16_t code, std::string_view reason, Time now) {
  say(Opcode::close, close_payload(code, reason), {});
  begin_closing(now);
}

void Connection::begin_closing(Time now) {
  tls_->take_output(ciphertext_);
  phase_ = Phase::closing;
  phase_end_ = now + timeouts_.linger;
  inbox_.clear();
  ping_at_ = never;
}

void Connection::close(std::optional<ErrorCode> code, std::string_view reason, Time now) {
  if (owner_closed_) return;
  owner_closed_ = true;
  events_.clear();
  if (phase_ == Phase::tls || phase_ == Phase::upgrade) return end(Failure::gone, {});
  if (phase_ != Phase::open) return;
  goodbye_ = {static_cast<std::uint16_t>(code ? close_code(*code) : CloseCode::normal), std::string(reason)};
  queue_.drop_media();
  phase_ = Phase::flushing;
  phase_end_ = now + timeouts_.flush;
}

}  // namespace conclave::transport::websocket
