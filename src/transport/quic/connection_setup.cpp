// How a connection begins, at either end.
#include <memory>
#include <new>
#include <utility>

#include "transport/quic/connection.h"
#include "transport/server.h"

namespace conclave::transport::quic {
namespace {

// What the peer may send before the owner fetched anything. A relay gives strangers little.
constexpr std::uint64_t server_stream_window = 128 << 10;
constexpr std::uint64_t server_window = 256 << 10;
constexpr std::uint64_t client_stream_window = 1 << 20;
constexpr std::uint64_t client_window = 2 << 20;
constexpr Duration first_rtt_guess = std::chrono::milliseconds(100);

ngtcp2_cid random_cid(crypto::Random& random, std::size_t size) {
  Bytes bytes(size);
  random.fill(bytes);
  return make_cid(bytes);
}

}  // namespace

/// Each channel begins with its name, in both directions: that opens the stream before there is a message for it.
Connection::Connection(bool server, const Timeouts& timeouts, bool seal_payloads, crypto::Random& random)
    : server_(server), timeouts_(timeouts), random_(random), seal_payloads_(seal_payloads) {
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    channels_[i].out.push(Bytes{i == 0 && seal_payloads ? control_with_sealed_payloads : static_cast<std::uint8_t>(i)});
  }
}

ngtcp2_settings Connection::settings(Time now) const {
  ngtcp2_settings settings;
  ngtcp2_settings_default(&settings);
  settings.initial_ts = to_library(now);
  settings.initial_rtt = to_library(first_rtt_guess);
  settings.handshake_timeout = to_library(timeouts_.handshake);
  settings.max_tx_udp_payload_size = max_datagram_size;
  settings.no_pmtud = 1;
  settings.rand_ctx.native_handle = &random_;
  return settings;
}

ngtcp2_transport_params Connection::transport_params() const {
  ngtcp2_transport_params params;
  ngtcp2_transport_params_default(&params);
  params.initial_max_streams_bidi = server_ ? 3 : 0;
  params.initial_max_streams_uni = 0;
  params.initial_max_stream_data_bidi_remote = server_ ? server_stream_window : 0;
  params.initial_max_stream_data_bidi_local = server_ ? 0 : client_stream_window;
  params.initial_max_data = server_ ? server_window : client_window;
  params.max_idle_timeout = to_library(timeouts_.idle);
  params.active_connection_id_limit = 4;
  params.grease_quic_bit = 0;  // the second bit of the first byte tells QUIC from hop packets
  return params;
}

std::unique_ptr<Connection> Connection::connect(const KeyHash& pinned, const char* protocol, const Timeouts& timeouts,
                                                const Address& server, bool seal_payloads, crypto::Random& random, Time now) {
  std::unique_ptr<Connection> made(new Connection(false, timeouts, seal_payloads, random));
  auto tls = TlsSession::client(pinned, protocol);
  if (!tls.ok()) return nullptr;
  made->tls_ = std::move(*tls);
  made->peer_ = server;
  const ngtcp2_callbacks table = callbacks(false);
  const ngtcp2_settings settings = made->settings(now);
  const ngtcp2_transport_params params = made->transport_params();
  const ngtcp2_cid dcid = random_cid(random, NGTCP2_MIN_INITIAL_DCIDLEN + 8);
  const ngtcp2_cid scid = random_cid(random, client_cid_size);
  const LibraryPath path(server);
  if (ngtcp2_conn_client_new(&made->conn_, &dcid, &scid, path.get(), NGTCP2_PROTO_VER_V1, &table, &settings, &params, nullptr,
                             made.get()) != 0) {
    return nullptr;
  }
  made->tls_->attach(made->conn_);
  ngtcp2_conn_set_keep_alive_timeout(made->conn_, to_library(timeouts.keep_alive));
  return made;
}

std::unique_ptr<Connection> Connection::accept(const Greeting& greeting, const Timeouts& timeouts, crypto::Random& random,
                                               Time now) {
  std::unique_ptr<Connection> made(new Connection(true, timeouts, greeting.seal_payloads, random));
  auto tls = TlsSession::server(*greeting.credentials);
  if (!tls.ok()) return nullptr;
  made->tls_ = std::move(*tls);
  made->peer_ = greeting.from;
  made->reset_secret_ = greeting.reset_secret;
  made->memory_ = greeting.memory;
  made->message_limit_ = max_stranger_message_size;

  const ngtcp2_pkt_hd& header = *greeting.header;
  const ngtcp2_callbacks table = callbacks(true);
  ngtcp2_settings settings = made->settings(now);
  set_token(settings, token_of(header));
  ngtcp2_transport_params params = made->transport_params();
  params.original_dcid = greeting.original_dcid.value_or(header.dcid);
  mark_original_dcid(params);
  if (greeting.original_dcid) {
    params.retry_scid = header.dcid;
    params.retry_scid_present = 1;
  }
  const ngtcp2_cid scid = random_cid(random, server_cid_size);
  params.stateless_reset_token_present = 1;
  if (ngtcp2_crypto_generate_stateless_reset_token(params.stateless_reset_token, greeting.reset_secret.data(),
                                                   greeting.reset_secret.size(), &scid) != 0) {
    return nullptr;
  }
  const LibraryPath path(greeting.from);
  if (ngtcp2_conn_server_new(&made->conn_, &header.scid, &scid, path.get(), header.version, &table, &settings, &params,
                             greeting.memory, made.get()) != 0) {
    return nullptr;
  }
  made->tls_->attach(made->conn_);
  made->id_changes_.push_back({true, text(header.dcid)});
  made->id_changes_.push_back({true, text(scid)});
  return made;
}

// ---- when the handshake is over ------------------------------------------------------------------------------------

bool Connection::on_handshake_completed() {
  const auto exporter = tls_->exporter();
  if (!exporter || !tls_->protocol_agreed()) return violate(ErrorCode::version_mismatch, "no common protocol");
  hop::HopSecrets secrets = hop::HopSecrets::derive(*exporter);
  auto& ours = server_ ? secrets.server_to_client : secrets.client_to_server;
  const auto& theirs = server_ ? secrets.client_to_server : secrets.server_to_client;
  hop_id_ = secrets.connection_id;
  make_hop(hop::Sealer(std::move(ours), secrets.connection_id), hop::Opener(theirs));
  if (seal_payloads_) hop_->seal_payloads();
  for (std::size_t i = 0; i < channels_.size() && !server_; ++i) {
    if (ngtcp2_conn_open_bidi_stream(conn_, &channels_[i].stream, nullptr) != 0) {
      return violate(ErrorCode::malformed, "the relay allows no channels");
    }
  }
  if (phase_ == Phase::handshaking) phase_ = Phase::open;
  connected_ = true;
  events_.push_back(TransportConnected{});
  return true;
}

void Connection::make_hop(hop::Sealer sealer, hop::Opener opener) {
  constexpr std::size_t alignment = alignof(hop::Link);
  std::size_t space = sizeof(hop::Link) + alignment;
  void* const taken = memory_ != nullptr ? memory_->malloc(space, memory_->user_data) : nullptr;
  if (taken == nullptr) {
    hop_ = std::unique_ptr<hop::Link, FreeLink>(new hop::Link(std::move(sealer), std::move(opener), peer_), FreeLink{});
    return;
  }
  void* place = taken;
  std::align(alignment, sizeof(hop::Link), place, space);
  hop_ = std::unique_ptr<hop::Link, FreeLink>(new (place) hop::Link(std::move(sealer), std::move(opener), peer_), FreeLink{memory_, taken});
}

void FreeLink::operator()(hop::Link* link) const {
  if (memory == nullptr) return delete link;
  link->~Link();
  memory->free(place, memory->user_data);
}

}  // namespace conclave::transport::quic
