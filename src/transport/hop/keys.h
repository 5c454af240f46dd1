// The keys of a hop: from the exporter of its TLS handshake, one secret per direction, a ratchet per key phase.
#pragma once

#include <array>
#include <cstdint>

#include "base/secret.h"
#include "conclave/bytes.h"
#include "crypto/aead.h"

namespace conclave::transport::hop {

inline constexpr std::size_t secret_size = 32;
/// The label under which both ends export `secret_size` bytes from TLS (RFC 8446 section 7.5), without a context.
inline constexpr char exporter_label[] = "EXPORTER-conclave-hop";

using ExporterSecret = Secret<struct ExporterSecretTag, secret_size>;
using DirectionSecret = Secret<struct DirectionSecretTag, secret_size>;

/// What both ends of a hop derive from the exporter. The connection id names the connection in every hop packet; it is
/// derived too, so that it needs no message. A relay turns a connection away whose id is taken.
struct HopSecrets {
  DirectionSecret client_to_server;
  DirectionSecret server_to_client;
  std::uint32_t connection_id = 0;

  static HopSecrets derive(const ExporterSecret& exporter);
};

/// The AEAD key and IV of one key phase of one direction: AES-128-GCM, nonce = IV xor packet number.
class PhaseKey {
 public:
  explicit PhaseKey(const DirectionSecret& secret);

  void seal(std::uint64_t packet_number, ByteView associated_data, ByteView plaintext, ByteSpan out) const;
  [[nodiscard]] bool open(std::uint64_t packet_number, ByteView associated_data, ByteView ciphertext, ByteSpan out) const;

 private:
  using Iv = std::array<std::uint8_t, crypto::aead_nonce_size>;
  [[nodiscard]] Iv nonce(std::uint64_t packet_number) const;

  crypto::AeadKey key_;
  Iv iv_{};
};

/// The secret of the phase after this one. One-way: a phase says nothing about those before it.
DirectionSecret next_phase(const DirectionSecret& secret);

}  // namespace conclave::transport::hop
