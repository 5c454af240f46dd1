#include "transport/quic/tls.h"

#include <cstring>

namespace conclave::transport::quic {
namespace {

// One version, AEADs, two groups, one kind of certificate; no resumption, no compatibility mode (RFC 9001 section 8.4).
constexpr char priorities[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:"
    "-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:-SIGN-ALL:+SIGN-EDDSA-ED25519:%DISABLE_TLS13_COMPAT_MODE";

Result<CredentialsOwner> new_credentials() {
  gnutls_certificate_credentials_t raw = nullptr;
  CONCLAVE_TRY(check(gnutls_certificate_allocate_credentials(&raw), "no memory for credentials"));
  return CredentialsOwner(raw);
}

/// Parsed once for all sessions, which would keep twelve kilobytes each.
gnutls_priority_t parsed_priorities() {
  static const gnutls_priority_t parsed = [] {
    gnutls_priority_t raw = nullptr;
    return gnutls_priority_init(&raw, priorities, nullptr) == GNUTLS_E_SUCCESS ? raw : nullptr;
  }();
  return parsed;
}

}  // namespace

Result<ServerCredentials> ServerCredentials::make(const RelayKey& key) {
  CONCLAVE_ASSIGN(credentials, new_credentials());
  gnutls_x509_crt_t certificate = key.state().certificate.get();
  CONCLAVE_TRY(check(gnutls_certificate_set_x509_key(credentials.get(), &certificate, 1, key.state().key.get()),
                     "the relay's key does not fit TLS"));
  return ServerCredentials(std::move(credentials));
}

Result<std::unique_ptr<TlsSession>> TlsSession::client(const KeyHash& pinned, const char* protocol) {
  std::unique_ptr<TlsSession> tls(new TlsSession);
  CONCLAVE_ASSIGN(credentials, new_credentials());
  tls->client_credentials_ = std::move(credentials);
  tls->pinned_ = pinned;
  gnutls_certificate_set_verify_function(tls->client_credentials_.get(), &TlsSession::verify);
  CONCLAVE_TRY(tls->set_up(GNUTLS_CLIENT, tls->client_credentials_.get(), protocol));
  CONCLAVE_TRY(check(ngtcp2_crypto_gnutls_configure_client_session(tls->session_.get()), "TLS for QUIC"));
  return tls;
}

Result<std::unique_ptr<TlsSession>> TlsSession::server(const ServerCredentials& credentials) {
  std::unique_ptr<TlsSession> tls(new TlsSession);
  CONCLAVE_TRY(tls->set_up(GNUTLS_SERVER | GNUTLS_NO_AUTO_SEND_TICKET, credentials.get(), application_protocol));
  CONCLAVE_TRY(check(ngtcp2_crypto_gnutls_configure_server_session(tls->session_.get()), "TLS for QUIC"));
  return tls;
}

Result<void> TlsSession::set_up(unsigned flags, gnutls_certificate_credentials_t credentials, const char* protocol) {
  gnutls_session_t raw = nullptr;
  CONCLAVE_TRY(check(gnutls_init(&raw, flags | GNUTLS_NO_TICKETS), "no memory for a TLS session"));
  session_.reset(raw);
  CONCLAVE_TRY(check(gnutls_priority_set(raw, parsed_priorities()), "TLS priorities"));
  CONCLAVE_TRY(check(gnutls_credentials_set(raw, GNUTLS_CRD_CERTIFICATE, credentials), "TLS credentials"));
  const gnutls_datum_t name{reinterpret_cast<unsigned char*>(const_cast<char*>(protocol)),
                            static_cast<unsigned>(std::strlen(protocol))};
  return check(gnutls_alpn_set_protocols(raw, &name, 1, GNUTLS_ALPN_MANDATORY), "TLS application protocol");
}

void TlsSession::attach(ngtcp2_conn* conn) {
  conn_ = conn;
  reference_.user_data = this;
  reference_.get_conn = [](ngtcp2_crypto_conn_ref* reference) {
    return static_cast<TlsSession*>(reference->user_data)->conn_;
  };
  gnutls_session_set_ptr(session_.get(), &reference_);
  ngtcp2_conn_set_tls_native_handle(conn, session_.get());
}

int TlsSession::verify(gnutls_session_t session) {
  const auto* reference = static_cast<ngtcp2_crypto_conn_ref*>(gnutls_session_get_ptr(session));
  auto* tls = static_cast<TlsSession*>(reference->user_data);
  tls->identity_mismatch_ = !tls->verify_peer();
  return tls->identity_mismatch_ ? GNUTLS_E_CERTIFICATE_ERROR : 0;
}

/// The pin is all: neither names nor dates nor issuers say anything about a relay.
bool TlsSession::verify_peer() {
  unsigned count = 0;
  const gnutls_datum_t* peers = gnutls_certificate_get_peers(session_.get(), &count);
  if (peers == nullptr || count != 1 || gnutls_certificate_type_get(session_.get()) != GNUTLS_CRT_X509) return false;
  gnutls_x509_crt_t raw = nullptr;
  if (gnutls_x509_crt_init(&raw) < 0) return false;
  const CertificateOwner certificate(raw);
  if (gnutls_x509_crt_import(raw, &peers[0], GNUTLS_X509_FMT_DER) < 0) return false;
  const Result<KeyHash> hash = hash_of_key(raw);
  return hash.ok() && *hash == *pinned_;
}

bool TlsSession::protocol_agreed() const {
  gnutls_datum_t chosen{nullptr, 0};
  return gnutls_alpn_get_selected_protocol(session_.get(), &chosen) >= 0;
}

std::optional<hop::ExporterSecret> TlsSession::exporter() const {
  hop::ExporterSecret secret(hop::secret_size);
  const int made = gnutls_prf_rfc5705(session_.get(), std::strlen(hop::exporter_label), hop::exporter_label, 0, nullptr,
                                      secret.size(), reinterpret_cast<char*>(secret.expose_mutable().data()));
  if (made < 0) return std::nullopt;
  return secret;
}

}  // namespace conclave::transport::quic
