#include "transport/websocket/connection.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "transport/feedback.h"
#include "transport/server.h"

namespace conclave::transport::websocket {
namespace {

/// What is encrypted ahead of the socket, about: it cannot be overtaken any more.
constexpr std::size_t ahead = 4096;
/// Of plain text in one TLS record; then no frame joins it any more, since all of it has to arrive before any can be read.
constexpr std::size_t full_record = 300;
constexpr Time at_once{};

}  // namespace

Connection::Connection(bool server, std::unique_ptr<TlsSession> tls, const Timeouts& timeouts, crypto::Random& random, Time now)
    : server_(server), timeouts_(timeouts), random_(random), tls_(std::move(tls)), frames_(server), phase_end_(now + timeouts.handshake), heard_(now) {}

std::unique_ptr<Connection> Connection::connect(const KeyHash& pinned, const Timeouts& timeouts, crypto::Random& random, Time now) {
  auto tls = TlsSession::client(pinned);
  if (!tls || tls->begin() == TlsSession::State::failed) return nullptr;
  return std::unique_ptr<Connection>(new Connection(false, std::move(tls), timeouts, random, now));
}

std::unique_ptr<Connection> Connection::accept(const ServerCredentials& credentials, const Timeouts& timeouts, crypto::Random& random, Time now) {
  auto tls = TlsSession::server(credentials);
  if (!tls) return nullptr;
  std::unique_ptr<Connection> made(new Connection(true, std::move(tls), timeouts, random, now));
  made->allow_messages_up_to(max_stranger_message_size);
  return made;
}

// ---- reading ----

void Connection::read(ByteView bytes, Time now) {
  if (phase_ == Phase::finished || phase_ == Phase::closing) return;
  stirred_ = true;
  Bytes plain;
  const auto state = tls_->receive(bytes, plain);
  if (phase_ == Phase::tls && tls_->established()) {
    phase_ = Phase::upgrade;
    if (!server_) {
      upgrade_key_ = new_upgrade_key(random_);
      say_plain(as_bytes(upgrade_request(upgrade_key_)));
    }
  }
  read_plain(plain, now);
  if (state == TlsSession::State::failed) tls_failed(now);
  if (state == TlsSession::State::ended) read_end({ErrorCode::connection_lost, "the peer ended the connection"});
}

void Connection::read_plain(ByteView bytes, Time now) {
  if (phase_ == Phase::upgrade) bytes = bytes.subspan(read_head(bytes, now));
  if (bytes.empty() || (phase_ != Phase::open && phase_ != Phase::flushing)) return;
  std::vector<Frame> complete;
  const auto verdict = frames_.push(bytes, complete);
  for (Frame& frame : complete) on_frame(std::move(frame), now);
  if (phase_ != Phase::open && phase_ != Phase::flushing) return;
  switch (verdict) {
    case FrameReader::Verdict::good: break;
    case FrameReader::Verdict::malformed: ++counters_.malformed; return fail(CloseCode::protocol_error, {ErrorCode::malformed, "a frame that is none of ours"}, now);
    case FrameReader::Verdict::not_binary: ++counters_.malformed; return fail(CloseCode::not_binary, {ErrorCode::malformed, "a frame of text"}, now);
    case FrameReader::Verdict::oversized: ++counters_.oversized; return fail(CloseCode::too_big, {ErrorCode::limit_exceeded, "a frame that is too large"}, now);
  }
  if (!violation_) return;
  const Error error = *violation_;
  fail(error, now);
}

std::size_t Connection::read_head(ByteView bytes, Time now) {
  const std::size_t taken = head_.take(bytes);
  if (!head_.complete() && !head_.oversized()) return taken;
  if (server_ && head_.complete() && taken != bytes.size()) {  // who speaks before the answer does not wait for it: RFC 6455 section 4.1
    end(Failure::upgrade, {ErrorCode::malformed, "bytes before the answer"});
  } else {
    on_head(now);
  }
  return taken;
}

void Connection::on_head(Time now) {
  if (server_) return on_request(now);
  const auto answer = head_.oversized() ? Result<void>(Error{ErrorCode::connection_lost, "what answers is no relay"})
                                        : read_upgrade_answer(head_.text(), upgrade_key_);
  if (answer.ok()) return open(now);
  tell_end(answer.error());
  begin_closing(now);
}

void Connection::on_request(Time now) {
  const RequestVerdict verdict = head_.oversized() ? RequestVerdict{{}, {431}} : read_upgrade_request(head_.text());
  const auto accept = accept_value(verdict.key);
  if (!verdict.key.empty() && accept.ok()) {
    say_plain(as_bytes(upgrade_answer(*accept)));
    return open(now);
  }
  failure_ = Failure::upgrade;
  say_plain(as_bytes(refusal_answer(verdict.refusal)));
  begin_closing(now);
}

void Connection::open(Time now) {
  head_ = {};
  phase_ = Phase::open;
  phase_end_ = never;
  heard_ = now;
  if (timeouts_.keep_alive > Duration::zero()) ping_at_ = now + timeouts_.keep_alive;
  connected_ = true;
  if (!owner_closed_) events_.emplace_back(TransportConnected{});
}

void Connection::on_frame(Frame frame, Time now) {
  if (phase_ != Phase::open && phase_ != Phase::flushing) return;
  heard_ = now;
  switch (frame.opcode) {
    case Opcode::binary: return on_binary(std::move(frame.payload), now);
    case Opcode::ping: pong_ = std::move(frame.payload); return;
    case Opcode::close: return on_close(frame.payload, now);
    default: return;
  }
}

void Connection::on_binary(Bytes payload, Time now) {
  if (violation_) return;
  if (payload.empty()) return violate(ErrorCode::malformed, "an empty frame");
  const ByteView rest = ByteView(payload).subspan(1);
  switch (static_cast<FrameKind>(payload[0])) {
    case FrameKind::control:
    case FrameKind::handshake:
    case FrameKind::application: return on_chunk(static_cast<Channel>(payload[0]), rest, now);
    case FrameKind::media: return on_media(rest);
    case FrameKind::feedback:
      if (rest.size() > max_feedback_size) return violate(ErrorCode::malformed, "feedback that is too long");
      return keep_datagram(TransportFeedback{Bytes(rest.begin(), rest.end())});
  }
  violate(ErrorCode::malformed, "a frame of an unknown kind");
}

void Connection::on_chunk(Channel channel, ByteView chunk, Time now) {
  std::vector<Bytes> complete;
  switch (inbox_.push(channel, chunk, message_limit_, now, complete)) {
    case quic::Inbox::Verdict::good: break;
    case quic::Inbox::Verdict::empty_message: violate(ErrorCode::malformed, "an empty message"); break;
    case quic::Inbox::Verdict::oversized: ++counters_.oversized; violate(ErrorCode::limit_exceeded, "message too large"); break;
    case quic::Inbox::Verdict::crowded: ++counters_.unfinished; violate(ErrorCode::limit_exceeded, "too much of unfinished messages"); break;
  }
  for (Bytes& message : complete) {
    if (!owner_closed_) events_.emplace_back(TransportMessage{channel, std::move(message)});
  }
}

void Connection::on_media(ByteView bytes) {
  if (bytes.size() < hop::media_header_size || bytes.size() > hop::media_header_size + hop::max_payload_size) {
    return violate(ErrorCode::malformed, "a media packet of an impossible size");
  }
  ++counters_.media_received;
  keep_datagram(MediaPacket{hop::read_media_header(bytes.first(hop::media_header_size)), SealedPayload::received(bytes.subspan(hop::media_header_size))});
}

void Connection::keep_datagram(TransportEvent event) {
  if (owner_closed_) return;
  if (waiting_datagrams_ >= max_waiting_datagrams) {
    ++counters_.overflowed;
    return;
  }
  ++waiting_datagrams_;
  events_.push_back(std::move(event));
}

void Connection::violate(ErrorCode code, const char* detail) {
  if (code == ErrorCode::malformed) ++counters_.malformed;
  if (!violation_) violation_ = Error{code, detail};
}

// ---- writing ----

void Connection::say_plain(ByteView bytes) {
  (void)tls_->send(bytes);  // fails only without memory: then the connection stalls, and its time runs out
  stirred_ = true;
}

void Connection::say(Opcode opcode, ByteView front, ByteView rest) {
  std::optional<MaskKey> mask;
  if (!server_) random_.fill(mask.emplace());
  Bytes frame;
  write_frame(opcode, front, rest, mask, frame);
  say_plain(frame);
}

ByteView Connection::output(Time now) {
  if (written_ == ciphertext_.size() && phase_ != Phase::finished) {
    ciphertext_.clear();
    written_ = 0;
    fill(now);
  }
  return ByteView(ciphertext_).subspan(written_);
}

void Connection::consume(std::size_t size) {
  written_ += size;
  if (written_ < ciphertext_.size()) return;
  ciphertext_.clear();
  written_ = 0;
}

void Connection::fill(Time now) {
  stirred_ = false;
  if (phase_ == Phase::open || phase_ == Phase::flushing) {
    if (pong_) say(Opcode::pong, *std::exchange(pong_, std::nullopt), {});
    bool more = true;
    tls_->take_output(ciphertext_);
    while (more && ciphertext_.size() < ahead) more = fill_record(now);
    if (phase_ == Phase::flushing && !more) say_goodbye(goodbye_.first, goodbye_.second, now);
  }
  tls_->take_output(ciphertext_);
  stirred_ = false;
}

/// False when nothing waits any more.
bool Connection::fill_record(Time now) {
  Bytes record;
  bool more = true;
  while (more && record.size() < full_record) {
    const auto frame = queue_.next(now);
    more = frame.has_value();
    if (!more) break;
    std::optional<MaskKey> mask;
    if (!server_) random_.fill(mask.emplace());
    write_frame(Opcode::binary, frame->head(), frame->rest(), mask, record);
  }
  if (!record.empty()) (void)tls_->send(record);
  tls_->take_output(ciphertext_);
  return more;
}

bool Connection::wants_to_write() const {
  if (phase_ == Phase::finished) return false;
  if (written_ < ciphertext_.size() || stirred_ || pong_) return true;
  return phase_ == Phase::flushing || (phase_ == Phase::open && !queue_.empty());
}

// ---- time ----

void Connection::expire(Time now) {
  if (phase_ == Phase::finished) return;
  if (now >= phase_end_) {
    if (phase_ == Phase::flushing) return say_goodbye(goodbye_.first, goodbye_.second, now);
    return end(Failure::timeout, {ErrorCode::unreachable, "the other side does not answer"});
  }
  if (phase_ != Phase::open && phase_ != Phase::flushing) return;
  if (now >= heard_ + timeouts_.idle) return end(Failure::timeout, {ErrorCode::connection_lost, "nothing gets through any more"});
  if (now >= message_deadline()) return end_unfinished(now);
  if (now >= ping_at_) ping(now);
}

void Connection::ping(Time now) {
  say(Opcode::ping, {}, {});
  ping_at_ = now + timeouts_.keep_alive;
}

Time Connection::deadline() const {
  if (phase_ == Phase::finished) return events_.empty() ? never : at_once;
  if (!events_.empty()) return at_once;
  const bool open = phase_ == Phase::open || phase_ == Phase::flushing;
  return std::min({phase_end_, ping_at_, message_deadline(), open ? heard_ + timeouts_.idle : never});
}

Time Connection::message_deadline() const {
  const Time since = timeouts_.message > Duration::zero() ? inbox_.since() : never;
  return since == never ? never : since + timeouts_.message;
}

// ---- the owner ----

Result<void> Connection::send_message(Channel channel, ByteView message) {
  if (owner_closed_ || (!handshaking() && phase_ != Phase::open)) return Error{ErrorCode::invalid_state, "the connection is closed"};
  if (message.empty() || message.size() > max_message_size) return Error{ErrorCode::invalid_argument, "message size"};
  if (!queue_.push_message(channel, message)) return Error{ErrorCode::limit_exceeded, "the peer does not keep up"};
  return {};
}

Result<void> Connection::send_media(const MediaPacket& packet, Time now) {
  if (phase_ != Phase::open) return Error{ErrorCode::invalid_state, "the connection does not stand"};
  if (packet.payload.size() > hop::max_payload_size) return Error{ErrorCode::invalid_argument, "the payload does not fit"};
  MediaPacket timed = packet;
  timed.header.send_time = hop::send_time(now);
  ++counters_.media_sent;
  queue_.push_media(timed, now);
  return {};
}

Result<void> Connection::send_feedback(ByteView feedback, Time now) {
  if (phase_ != Phase::open) return Error{ErrorCode::invalid_state, "the connection does not stand"};
  if (feedback.size() > max_feedback_size) return Error{ErrorCode::invalid_argument, "the feedback does not fit"};
  queue_.push_feedback(feedback, now);
  return {};
}

std::vector<TransportEvent> Connection::take_events() {
  waiting_datagrams_ = 0;
  return std::exchange(events_, {});
}

TransportCounters Connection::counters() const {
  TransportCounters counters = counters_;
  counters.stale += queue_.stale();
  return counters;
}

}  // namespace conclave::transport::websocket
