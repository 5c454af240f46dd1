// TLS 1.3 over a byte stream, with the stream left to others.
#pragma once

#include <memory>

#include "base/result.h"
#include "conclave/bytes.h"
#include "transport/quic/relay_key.h"

struct ssl_st;
struct ssl_ctx_st;

namespace conclave::transport::websocket {

using quic::KeyHash;
using quic::RelayKey;

/// What is inside is a WebSocket (RFC 7301, RFC 6455); our own version is agreed on there.
inline constexpr char application_protocol[] = "http/1.1";

struct TlsRelease {
  void operator()(ssl_ctx_st* context) const;
  void operator()(ssl_st* session) const;
};

/// The relay's key and certificate, shared by all its sessions.
class ServerCredentials {
 public:
  /// `invalid_argument` when the key does not fit TLS.
  static Result<ServerCredentials> make(const RelayKey& key);
  [[nodiscard]] ssl_ctx_st* get() const { return context_.get(); }

 private:
  explicit ServerCredentials(std::unique_ptr<ssl_ctx_st, TlsRelease> context) : context_(std::move(context)) {}
  std::unique_ptr<ssl_ctx_st, TlsRelease> context_;
};

/// One session. Does not move: the library keeps its address.
class TlsSession {
 public:
  /// A member's: whose key hashes to anything but `pinned` is refused inside the handshake. Null without memory.
  static std::unique_ptr<TlsSession> client(const KeyHash& pinned);
  static std::unique_ptr<TlsSession> server(const ServerCredentials& credentials);

  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  enum class State : std::uint8_t { going_on, ended, failed };

  /// Key updates that a peer may send (RFC 8446 section 4.6.3): ours never send one, and each can ask for an answer.
  static constexpr unsigned most_key_updates = 8;
  /// Bytes that may wait for `take_output` when something arrives.
  static constexpr std::size_t most_unsent = std::size_t{64} << 10;

  /// What arrived. Decrypted bytes are appended to `plain`; `ended` after the peer's close_notify, `failed` too when it makes us say
  /// more than the bounds above.
  State receive(ByteView bytes, Bytes& plain);
  /// Begins the handshake; for a client, whose turn it is.
  State begin();
  [[nodiscard]] bool established() const;
  /// After the handshake; at most 16 KiB in one record.
  State send(ByteView plain);
  /// Appends what is to leave.
  void take_output(Bytes& out);

  /// Client: the relay showed a key that is not the pinned one.
  [[nodiscard]] bool identity_mismatch() const { return identity_mismatch_; }
  /// The peer has no version or application protocol with us.
  [[nodiscard]] bool version_mismatch() const { return version_mismatch_; }

 private:
  TlsSession() = default;
  static std::unique_ptr<TlsSession> over(ssl_ctx_st* context);
  State handshake();
  State settle(int result);
  [[nodiscard]] bool protocol_agreed() const;
  [[nodiscard]] bool is_pinned(const void* certificate) const;
  static int verify(void* store, void* session);
  void watch_key_updates();
  [[nodiscard]] bool says_too_much() const;

  std::unique_ptr<ssl_ctx_st, TlsRelease> client_context_;
  std::unique_ptr<ssl_st, TlsRelease> session_;
  KeyHash pinned_{};
  unsigned key_updates_ = 0;
  bool identity_mismatch_ = false;
  bool version_mismatch_ = false;
};

}  // namespace conclave::transport::websocket
