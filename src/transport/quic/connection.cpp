#include "transport/quic/connection.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/bytes.h"

namespace conclave::transport::quic {
namespace {

constexpr std::size_t max_packets_per_write = 64;
constexpr std::size_t max_pieces = 2;  // ngtcp2 0.12 leaks frames of many pieces that are lost and partly acknowledged
constexpr Duration repeat_interval = std::chrono::milliseconds(60);
constexpr int max_repeats = 8;
constexpr int unasked_repeats = 2;  ///< of the goodbye, should the first one be lost

}  // namespace

Connection::~Connection() { ngtcp2_conn_del(conn_); }

// ---- reading ----

void Connection::read(const Address& from, ByteView packet, Time now) {
  if (phase_ == Phase::finished) return;
  if (phase_ == Phase::closing) {
    if (repeats_ < max_repeats) repeat_at_ = std::min(repeat_at_, now);
    return;
  }
  stir();
  read_at_ = now;
  const LibraryPath path(from);
  const ngtcp2_pkt_info info{};
  after_read(ngtcp2_conn_read_pkt(conn_, path.get(), &info, packet.data(), packet.size(), to_library(now)), now);
  note_answers(now);
}

/// Bytes in flight grow fewer by acknowledgements alone, of which a path that is silent in either direction has none.
void Connection::note_answers(Time now) {
  if (server_ || phase_ != Phase::open) return;
  const std::uint64_t bytes = bytes_in_flight(conn_);
  if (bytes == 0) unanswered_since_ = never;
  else if (bytes < in_flight_ || unanswered_since_ == never) unanswered_since_ = now;
  in_flight_ = bytes;
}

void Connection::after_read(int code, Time now) {
  CloseError goodbye{};
  switch (code) {
    case 0: break;
    case NGTCP2_ERR_DRAINING: peer_closed(); break;
    case NGTCP2_ERR_RECV_VERSION_NEGOTIATION:
      end(Error{ErrorCode::version_mismatch, "the relay speaks another version of QUIC"});
      break;
    case NGTCP2_ERR_RETRY:
    case NGTCP2_ERR_DROP_CONN: end(Error{ErrorCode::connection_lost, "the handshake made no sense"}); break;
    case NGTCP2_ERR_CRYPTO: {
      set_tls_alert(goodbye, ngtcp2_conn_get_tls_alert(conn_));
      const bool swapped = tls_ && tls_->identity_mismatch();
      fail(goodbye, swapped ? Error{ErrorCode::identity_mismatch, "the relay's key is not the one that the link pins"}
                            : Error{ErrorCode::connection_lost, "the TLS handshake failed"}, now);
      break;
    }
    default:
      if (violation_) {
        const Error error = *violation_;
        set_application_error(goodbye, static_cast<std::uint64_t>(error.code), as_bytes(error.detail));
        fail(goodbye, error, now);
      } else {
        set_library_error(goodbye, code);
        fail(goodbye, Error{ErrorCode::connection_lost, "the peer broke the rules of QUIC"}, now);
      }
  }
}

void Connection::read_hop(const Address& from, ByteView packet, Time now) {
  const auto clear = hop::read_clear_header(packet);
  if (!clear) {
    ++counters_.malformed;
    return;
  }
  if (!hop_ || clear->connection_id != *hop_id_) {
    ++counters_.unknown_connection;
    return;
  }
  if (phase_ != Phase::open && phase_ != Phase::flushing) return;
  auto event = hop_->receive(from, packet, now, random_, counters_);
  if (event) keep_datagram(std::move(*event));
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

void Connection::expire(Time now) {
  if (phase_ == Phase::finished) return;
  if (now >= phase_end_) {
    phase_ == Phase::flushing ? finish_flushing(now) : end(Error{});
    return;
  }
  if (now >= message_deadline()) return end_unfinished(now);
  if (phase_ == Phase::closing || expiry() > now) return;
  stir();
  switch (const int code = ngtcp2_conn_handle_expiry(conn_, to_library(now))) {
    case 0: break;
    case NGTCP2_ERR_HANDSHAKE_TIMEOUT:
    case NGTCP2_ERR_IDLE_CLOSE:
      end(connected_ ? Error{ErrorCode::connection_lost, "nothing gets through any more"}
                     : Error{ErrorCode::unreachable, "the other side does not answer"});
      break;
    default: after_read(code, now);
  }
}

Time Connection::deadline() const {
  if (phase_ == Phase::finished) return never;
  if (!events_.empty() || (stirred_ && phase_ != Phase::closing)) return at_once;
  if (phase_ == Phase::closing) return std::min(phase_end_, repeats_ < max_repeats ? repeat_at_ : never);
  return std::min({phase_end_, expiry(), message_deadline()});
}

Time Connection::message_deadline() const {
  const Time since = timeouts_.message > Duration::zero() ? inbox_.since() : never;
  return since == never ? never : since + timeouts_.message;
}

/// The library's next timer; asked for again only after the library was called.
Time Connection::expiry() const {
  if (!expiry_) expiry_ = from_library(ngtcp2_conn_get_expiry(conn_));
  return *expiry_;
}

// ---- what the library reports ----

bool Connection::violate(ErrorCode code, const char* detail) {
  if (!violation_) violation_ = Error{code, detail};
  return false;
}

Connection::ChannelState* Connection::channel_of(std::int64_t stream) {
  // Client-initiated, bidirectional (RFC 9000 section 2.1); the first three are the channels.
  if (stream < 0 || stream % 4 != 0 || stream / 4 >= static_cast<std::int64_t>(channels_.size())) return nullptr;
  return &channels_[static_cast<std::size_t>(stream / 4)];
}

/// The first byte of a channel.
bool Connection::read_name(Channel channel, std::uint8_t name) {
  if (channel == Channel::control && name == control_with_sealed_payloads) {
    seal_payloads_ = true;
    if (hop_) hop_->seal_payloads();
    return true;
  }
  return name == static_cast<std::uint8_t>(channel) || violate(ErrorCode::malformed, "a channel has another name");
}

bool Connection::on_stream_data(std::int64_t stream, ByteView data, bool last) {
  ChannelState* const channel = channel_of(stream);
  if (channel == nullptr || last) return violate(ErrorCode::malformed, "a channel ended or there are too many");
  const auto which = static_cast<Channel>(stream / 4);
  channel->stream = stream;
  channel->credit += data.size();
  if (!channel->named && !data.empty()) {
    if (!read_name(which, data.front())) return false;
    channel->named = true;
    data = data.subspan(1);
  }
  std::vector<Bytes> complete;
  switch (inbox_.push(which, data, message_limit_, read_at_, complete)) {
    case Inbox::Verdict::good: break;
    case Inbox::Verdict::empty_message: return violate(ErrorCode::malformed, "an empty message");
    case Inbox::Verdict::oversized: ++counters_.oversized; return violate(ErrorCode::limit_exceeded, "message too large");
    case Inbox::Verdict::crowded: ++counters_.unfinished; return violate(ErrorCode::limit_exceeded, "too much of unfinished messages");
  }
  const bool waiting = !complete.empty() && !owner_closed_;
  for (Bytes& message : complete) {
    if (!owner_closed_) events_.push_back(TransportMessage{which, std::move(message)});
  }
  if (!waiting && events_.empty()) grant(*channel);
  return true;
}

void Connection::grant(ChannelState& channel) {
  if (channel.credit == 0) return;
  (void)ngtcp2_conn_extend_max_stream_offset(conn_, channel.stream, channel.credit);
  ngtcp2_conn_extend_max_offset(conn_, channel.credit);
  channel.credit = 0;
  stir();
}

void Connection::on_acked(std::int64_t stream, std::uint64_t offset) {
  if (ChannelState* const channel = channel_of(stream)) channel->out.mark_acked(offset);
}

bool Connection::on_new_id(ngtcp2_cid* id, std::uint8_t* token, std::size_t size) {
  Bytes bytes(size);
  random_.fill(bytes);
  *id = make_cid(bytes);
  id_changes_.push_back({true, text(*id)});
  if (!server_) {
    random_.fill({token, NGTCP2_STATELESS_RESET_TOKENLEN});
    return true;
  }
  return ngtcp2_crypto_generate_stateless_reset_token(token, reset_secret_.data(), reset_secret_.size(), id) == 0;
}

void Connection::on_retired_id(const ngtcp2_cid* id) { id_changes_.push_back({false, text(*id)}); }

void Connection::on_path_validated(const ngtcp2_path* path) {
  const Address validated = from_socket_address(path->remote);
  if (from_socket_address(ngtcp2_conn_get_path(conn_)->remote) != validated) return;
  peer_ = validated;
  if (hop_) hop_->move_to(validated);
}

// ---- the owner ----

Result<void> Connection::send_message(Channel channel, ByteView message) {
  if (phase_ != Phase::handshaking && phase_ != Phase::open) return Error{ErrorCode::invalid_state, "the connection is closed"};
  if (message.empty() || message.size() > max_message_size) return Error{ErrorCode::invalid_argument, "message size"};
  std::size_t held = 0;
  for (const ChannelState& state : channels_) held += state.out.held();
  if (held + message.size() > max_backlog) return Error{ErrorCode::limit_exceeded, "the peer does not keep up"};
  channels_[static_cast<std::size_t>(channel)].out.push_message(message);
  stir();
  return {};
}

Result<void> Connection::send_media(const MediaPacket& packet, Time now) {
  if (phase_ != Phase::open) return Error{ErrorCode::invalid_state, "the connection does not stand"};
  return hop_->send_media(packet, now, counters_);
}

Result<void> Connection::send_feedback(ByteView feedback) {
  if (phase_ != Phase::open) return Error{ErrorCode::invalid_state, "the connection does not stand"};
  return hop_->send_feedback(feedback, counters_);
}

std::vector<TransportEvent> Connection::take_events() {
  waiting_datagrams_ = 0;
  if (phase_ == Phase::open || phase_ == Phase::flushing) {
    for (ChannelState& channel : channels_) grant(channel);
  }
  return std::exchange(events_, {});
}

void Connection::close(std::uint64_t code, std::string_view reason, Time now) {
  if (owner_closed_) return;
  owner_closed_ = true;
  events_.clear();
  if (phase_ != Phase::handshaking && phase_ != Phase::open) return;
  goodbye_.emplace(code, std::string(reason.substr(0, 256)));
  if (phase_ == Phase::handshaking) return finish_flushing(now);
  phase_ = Phase::flushing;
  phase_end_ = now + timeouts_.flush;
}

// ---- writing ----

void Connection::write(std::vector<OutgoingPacket>& out, Time now) {
  if (phase_ == Phase::finished) return;
  if (phase_ != Phase::closing && stirred_) write_packets(out, now);
  if (server_ && tls_ && connected_) forget_tls();
  if (hop_ && phase_ != Phase::finished) hop_->take_packets(out);
  if (phase_ == Phase::flushing && flushed()) finish_flushing(now);
  if (phase_ == Phase::closing && now >= repeat_at_ && repeats_ < max_repeats) {
    out.push_back({peer_, goodbye_packet_});
    ++repeats_;
    repeat_at_ = repeats_ <= unasked_repeats ? now + repeat_interval * repeats_ : never;
  }
}

/// Its session is most of what a connection takes, and the handshake was all that it was for. The packets' keys are the QUIC library's.
void Connection::forget_tls() {
  ngtcp2_conn_set_tls_native_handle(conn_, nullptr);
  tls_.reset();
}

Connection::ChannelState* Connection::next_channel() {
  for (ChannelState& channel : channels_) {
    if (channel.stream >= 0 && channel.out.has_unsent() && !channel.blocked) return &channel;
  }
  return nullptr;
}

void Connection::write_packets(std::vector<OutgoingPacket>& out, Time now) {
  expiry_.reset();
  std::array<std::uint8_t, max_datagram_size> packet;
  for (ChannelState& channel : channels_) channel.blocked = false;
  for (std::size_t written = 0; written < max_packets_per_write;) {
    ChannelState* const channel = next_channel();
    std::array<ngtcp2_vec, max_pieces> pieces{};
    std::size_t count = 0;
    if (channel != nullptr) {
      for (const ByteView piece : channel->out.unsent(max_pieces)) {
        pieces[count++] = {const_cast<std::uint8_t*>(piece.data()), piece.size()};
      }
    }
    ngtcp2_path_storage path;
    ngtcp2_path_storage_zero(&path);
    ngtcp2_pkt_info info{};
    ngtcp2_ssize taken = -1;
    const auto size = ngtcp2_conn_writev_stream(conn_, &path.path, &info, packet.data(), packet.size(), &taken,
                                                NGTCP2_WRITE_STREAM_FLAG_NONE, channel == nullptr ? -1 : channel->stream,
                                                pieces.data(), count, to_library(now));
    if (size == NGTCP2_ERR_STREAM_DATA_BLOCKED) {
      channel->blocked = true;
      continue;
    }
    if (size < 0) return after_read(static_cast<int>(size), now);
    if (taken > 0) channel->out.mark_sent(static_cast<std::size_t>(taken));
    if (size == 0) {
      stirred_ = false;  // until something arrives, is queued, or a timer ends
      break;
    }
    out.push_back({from_socket_address(path.path.remote), Bytes(packet.begin(), packet.begin() + size)});
    ++written;
  }
  ngtcp2_conn_update_pkt_tx_time(conn_, to_library(now));
  note_answers(now);
}

}  // namespace conclave::transport::quic
