// TLS 1.3 inside QUIC: who may speak to whom.
#pragma once

#include <optional>

#include "base/result.h"
#include "transport/hop/keys.h"
#include "transport/quic/gnutls.h"
#include "transport/quic/ngtcp2.h"
#include "transport/quic/relay_key.h"

namespace conclave::transport::quic {

/// The protocol spoken above QUIC. Another version has another name, and the handshake fails.
inline constexpr char application_protocol[] = "conclave/1";

/// The relay's certificate and key, shared by all its sessions.
class ServerCredentials {
 public:
  static Result<ServerCredentials> make(const RelayKey& key);
  [[nodiscard]] gnutls_certificate_credentials_t get() const { return credentials_.get(); }

 private:
  explicit ServerCredentials(CredentialsOwner credentials) : credentials_(std::move(credentials)) {}
  CredentialsOwner credentials_;
};

/// One TLS session. Does not move: the library keeps its address.
class TlsSession {
 public:
  /// A member's: whose key hashes to anything but `pinned` is refused inside the handshake.
  static Result<std::unique_ptr<TlsSession>> client(const KeyHash& pinned, const char* protocol);
  static Result<std::unique_ptr<TlsSession>> server(const ServerCredentials& credentials);

  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// Ties the session to its QUIC connection, which lives as long.
  void attach(ngtcp2_conn* conn);

  /// Client: the relay showed a key that is not the pinned one.
  [[nodiscard]] bool identity_mismatch() const { return identity_mismatch_; }
  /// True when both ends agreed on our protocol.
  [[nodiscard]] bool protocol_agreed() const;
  /// After the handshake: the secret that only both ends know (RFC 5705, RFC 8446 section 7.5).
  [[nodiscard]] std::optional<hop::ExporterSecret> exporter() const;

 private:
  TlsSession() = default;
  Result<void> set_up(unsigned flags, gnutls_certificate_credentials_t credentials, const char* protocol);
  static int verify(gnutls_session_t session);
  bool verify_peer();

  CredentialsOwner client_credentials_;
  SessionOwner session_;
  ngtcp2_crypto_conn_ref reference_{};
  ngtcp2_conn* conn_ = nullptr;
  std::optional<KeyHash> pinned_;
  bool identity_mismatch_ = false;
};

}  // namespace conclave::transport::quic
