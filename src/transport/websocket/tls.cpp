#include "transport/websocket/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/secret_buffer.h"
#include "crypto/hash.h"

namespace conclave::transport::websocket {
namespace {

using ContextOwner = std::unique_ptr<ssl_ctx_st, TlsRelease>;

template <auto release>
struct Releases {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using KeyOwner = std::unique_ptr<EVP_PKEY, Releases<EVP_PKEY_free>>;
using CertificateOwner = std::unique_ptr<X509, Releases<X509_free>>;
using StreamOwner = std::unique_ptr<BIO, Releases<BIO_free>>;

constexpr std::array<unsigned char, 9> offered_protocol{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
static_assert(offered_protocol.size() == sizeof application_protocol);

/// One version, AEADs, two groups, one kind of certificate; no resumption (docs/wire.md). Whatever the machine's configuration says.
bool restrict_to_ours(SSL_CTX* context) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 && SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_num_tickets(context, 0) == 1 && SSL_CTX_set_max_early_data(context, 0) == 1 &&
         SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") == 1 &&
         SSL_CTX_set1_groups_list(context, "X25519:P-256") == 1 && SSL_CTX_set1_sigalgs_list(context, "ed25519") == 1;
}

ContextOwner new_context(const SSL_METHOD* method) {
  ContextOwner context(SSL_CTX_new(method));
  if (context && !restrict_to_ours(context.get())) context.reset();
  return context;
}

KeyOwner read_key(const RelayKey& key) {
  const auto pem = key.pem();
  if (!pem.ok()) return nullptr;
  const ByteView text = pem->expose();
  const StreamOwner stream(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  return KeyOwner(stream ? PEM_read_bio_PrivateKey(stream.get(), nullptr, nullptr, nullptr) : nullptr);
}

/// As over QUIC: it says nothing but its key.
CertificateOwner self_signed(EVP_PKEY* key) {
  CertificateOwner certificate(X509_new());
  X509* const raw = certificate.get();
  if (raw == nullptr) return nullptr;
  X509_NAME* const name = X509_get_subject_name(raw);
  constexpr std::string_view relay = "relay";
  const bool made = X509_set_version(raw, X509_VERSION_3) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(raw), 1) == 1 &&
                    ASN1_TIME_set_string_X509(X509_getm_notBefore(raw), "20200101000000Z") == 1 &&
                    ASN1_TIME_set_string_X509(X509_getm_notAfter(raw), "21000101000000Z") == 1 &&
                    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(relay.data()),
                                               static_cast<int>(relay.size()), -1, 0) == 1 &&
                    X509_set_issuer_name(raw, name) == 1 && X509_set_pubkey(raw, key) == 1 && X509_sign(raw, key, nullptr) > 0;
  return made ? std::move(certificate) : nullptr;
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered, unsigned offered_size, void*) {
  unsigned char* out = nullptr;
  const int found = SSL_select_next_proto(&out, size, offered_protocol.data(), offered_protocol.size(), offered, offered_size);
  *chosen = out;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

void TlsRelease::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }
void TlsRelease::operator()(ssl_st* session) const { SSL_free(session); }

Result<ServerCredentials> ServerCredentials::make(const RelayKey& key) {
  const Error unfit{ErrorCode::invalid_argument, "the relay's key does not fit TLS"};
  const KeyOwner private_key = read_key(key);
  ContextOwner context = new_context(TLS_server_method());
  if (!private_key || !context) return unfit;
  const CertificateOwner certificate = self_signed(private_key.get());
  if (!certificate || SSL_CTX_use_certificate(context.get(), certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), private_key.get()) != 1) {
    return unfit;
  }
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  return ServerCredentials(std::move(context));
}

std::unique_ptr<TlsSession> TlsSession::over(ssl_ctx_st* context) {
  std::unique_ptr<TlsSession> tls(new TlsSession);
  tls->session_.reset(SSL_new(context));
  BIO* const in = BIO_new(BIO_s_mem());
  BIO* const out = BIO_new(BIO_s_mem());
  if (!tls->session_ || in == nullptr || out == nullptr) {
    BIO_free(in);
    BIO_free(out);
    return nullptr;
  }
  BIO_set_mem_eof_return(in, -1);  // empty means "later"
  SSL_set_bio(tls->session_.get(), in, out);
  tls->watch_key_updates();
  return tls;
}

/// The library answers each, and counts none.
void TlsSession::watch_key_updates() {
  SSL_set_msg_callback(session_.get(), [](int written, int, int kind, const void* message, std::size_t size, SSL*, void* session) {
    if (written != 0 || kind != SSL3_RT_HANDSHAKE || size == 0) return;
    if (*static_cast<const std::uint8_t*>(message) == SSL3_MT_KEY_UPDATE) ++static_cast<TlsSession*>(session)->key_updates_;
  });
  SSL_set_msg_callback_arg(session_.get(), this);
}

bool TlsSession::says_too_much() const {
  return key_updates_ > most_key_updates || BIO_ctrl_pending(SSL_get_wbio(session_.get())) > most_unsent;
}

std::unique_ptr<TlsSession> TlsSession::client(const KeyHash& pinned) {
  ContextOwner context = new_context(TLS_client_method());
  if (!context || SSL_CTX_set_alpn_protos(context.get(), offered_protocol.data(), offered_protocol.size()) != 0) return nullptr;
  auto tls = over(context.get());
  if (!tls) return nullptr;
  tls->pinned_ = pinned;
  SSL_CTX_set_cert_verify_callback(
      context.get(), [](X509_STORE_CTX* store, void* session) { return verify(store, session); }, tls.get());
  SSL_set_verify(tls->session_.get(), SSL_VERIFY_PEER, nullptr);
  SSL_set_connect_state(tls->session_.get());
  tls->client_context_ = std::move(context);
  return tls;
}

std::unique_ptr<TlsSession> TlsSession::server(const ServerCredentials& credentials) {
  auto tls = over(credentials.get());
  if (tls) SSL_set_accept_state(tls->session_.get());
  return tls;
}

/// In the place of everything that a chain of certificates would be asked: the key itself, which the handshake proves.
int TlsSession::verify(void* store, void* session) {
  auto* const tls = static_cast<TlsSession*>(session);
  tls->identity_mismatch_ = !tls->is_pinned(X509_STORE_CTX_get0_cert(static_cast<X509_STORE_CTX*>(store)));
  return tls->identity_mismatch_ ? 0 : 1;
}

bool TlsSession::is_pinned(const void* certificate) const {
  if (certificate == nullptr) return false;
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(static_cast<const X509*>(certificate)), &der);
  if (size <= 0) return false;
  const crypto::Digest digest = crypto::hash(crypto::HashAlgorithm::sha256, {der, static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return std::equal(pinned_.begin(), pinned_.end(), digest.view().begin(), digest.view().end());
}

TlsSession::State TlsSession::begin() { return handshake(); }

bool TlsSession::established() const { return SSL_is_init_finished(session_.get()) == 1; }

TlsSession::State TlsSession::handshake() {
  ERR_clear_error();
  const State state = settle(SSL_do_handshake(session_.get()));
  if (state == State::going_on && established() && !protocol_agreed()) {
    version_mismatch_ = true;
    return State::failed;
  }
  return state;
}

bool TlsSession::protocol_agreed() const {
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(session_.get(), &chosen, &size);
  return std::string_view(reinterpret_cast<const char*>(chosen), size) == application_protocol;
}

TlsSession::State TlsSession::receive(ByteView bytes, Bytes& plain) {
  if (BIO_write(SSL_get_rbio(session_.get()), bytes.data(), static_cast<int>(bytes.size())) != static_cast<int>(bytes.size())) return State::failed;
  if (!established()) {
    const State state = handshake();
    if (state != State::going_on || !established()) return state;
  }
  std::array<std::uint8_t, 4096> block;
  for (;;) {
    ERR_clear_error();
    const int size = SSL_read(session_.get(), block.data(), block.size());
    if (says_too_much()) return State::failed;
    if (size <= 0) return settle(size);
    plain.insert(plain.end(), block.begin(), block.begin() + size);
  }
}

TlsSession::State TlsSession::send(ByteView plain) {
  ERR_clear_error();
  return settle(SSL_write(session_.get(), plain.data(), static_cast<int>(plain.size())));
}

/// What the library's answer to a call means.
TlsSession::State TlsSession::settle(int result) {
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_NONE:
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return State::going_on;
    case SSL_ERROR_ZERO_RETURN: return State::ended;
    default: break;
  }
  for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error()) {
    const int reason = ERR_GET_REASON(code);
    const bool unknown = reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION || reason == SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL ||
                         reason == SSL_R_UNSUPPORTED_PROTOCOL;
    version_mismatch_ = version_mismatch_ || unknown;
  }
  return State::failed;
}

void TlsSession::take_output(Bytes& out) {
  BIO* const stream = SSL_get_wbio(session_.get());
  const std::size_t waiting = BIO_ctrl_pending(stream);
  if (waiting == 0) return;
  const std::size_t begin = out.size();
  out.resize(begin + waiting);
  const int taken = BIO_read(stream, out.data() + begin, static_cast<int>(waiting));
  out.resize(begin + static_cast<std::size_t>(std::max(taken, 0)));
}

}  // namespace conclave::transport::websocket
