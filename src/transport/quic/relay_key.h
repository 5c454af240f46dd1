// The relay's long-term key, which links pin.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "base/secret_buffer.h"
#include "conclave/bytes.h"

namespace conclave::transport::quic {

/// SHA-256 of a key's SubjectPublicKeyInfo in DER, as in RFC 7469 section 2.4.
using KeyHash = std::array<std::uint8_t, 32>;

/// An Ed25519 key and a certificate that it signed for itself. The certificate says nothing: no name, no real dates.
class RelayKey {
 public:
  /// A new key from the TLS library's generator.
  static Result<RelayKey> generate();
  /// From PKCS #8 PEM (RFC 5958, RFC 7468). `malformed` when it is no Ed25519 key.
  static Result<RelayKey> parse(ByteView pem);
  /// As PKCS #8 PEM.
  [[nodiscard]] Result<SecretBuffer> pem() const;

  RelayKey(RelayKey&&) noexcept;
  RelayKey& operator=(RelayKey&&) noexcept;
  ~RelayKey();

  [[nodiscard]] const KeyHash& hash() const { return hash_; }
  /// 32 secret bytes for `purpose` that follow from the key: the same at each start of its relay.
  [[nodiscard]] Result<void> derive(std::string_view purpose, ByteSpan out) const;

  struct State;
  /// For the TLS sessions of this module.
  [[nodiscard]] const State& state() const { return *state_; }

 private:
  explicit RelayKey(std::unique_ptr<State> state, const KeyHash& hash);
  static Result<RelayKey> certify(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
  KeyHash hash_{};
};

}  // namespace conclave::transport::quic
