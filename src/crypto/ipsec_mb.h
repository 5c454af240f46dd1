// Intel's multi-buffer library as an AEAD: one direct call per message, no state but the expanded key. Internal to crypto.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "conclave/bytes.h"
#include "crypto/suite.h"

namespace conclave::crypto::ipsec_mb {

/// Room for the expanded key of either cipher; wiped by its owner.
struct alignas(64) ExpandedKey {
  std::array<std::uint8_t, 1024> bytes;
};

/// One algorithm as this CPU runs it.
struct Cipher {
  void (*expand)(ByteView key, ExpandedKey& expanded);
  /// `out` takes the ciphertext, and `tag` the 16 bytes that authenticate it.
  void (*seal)(const ExpandedKey& key, const std::uint8_t* nonce, ByteView associated_data, ByteView plaintext,
               std::uint8_t* out, std::uint8_t* tag);
  /// `out` takes the plaintext, and `tag` the 16 bytes that must equal the received ones.
  void (*open)(const ExpandedKey& key, const std::uint8_t* nonce, ByteView associated_data, ByteView ciphertext,
               std::uint8_t* out, std::uint8_t* tag);
  /// The longest message for which this is faster than OpenSSL.
  std::size_t largest;
};

/// The cipher, or null where OpenSSL has to do: another architecture, a CPU without AES instructions, a failed self-test.
const Cipher* find(AeadAlgorithm algorithm);

}  // namespace conclave::crypto::ipsec_mb
