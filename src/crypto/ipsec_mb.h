// Intel's multi-buffer library as an AEAD: one direct call per message, no state but the expanded key. Internal to crypto.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "conclave/bytes.h"
#include "crypto/expanded_key.h"
#include "crypto/suite.h"

namespace conclave::crypto::ipsec_mb {

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

/// The round keys of AES-128 in counter mode; wiped by their owner.
struct alignas(16) CtrKey {
  std::array<std::uint8_t, 176> bytes;
};

/// What a call in counter mode needs besides the key: the library has no stateless call for it. For one thread at a time.
class CtrEngine;
struct FreeCtrEngine {
  void operator()(CtrEngine* engine) const;
};
using CtrEnginePtr = std::unique_ptr<CtrEngine, FreeCtrEngine>;

/// A new engine, 200 kB of memory; null where OpenSSL has to do.
CtrEnginePtr make_ctr_engine();
/// Whether `make_ctr_engine` gives one, and keys can be expanded.
bool has_ctr();
void expand(ByteView key, CtrKey& expanded);
/// XORs the key stream from the 16-byte counter block `start` onto `in`; the last four bytes of the block do not overflow.
void apply(CtrEngine& engine, const CtrKey& key, const std::uint8_t* start, ByteView in, std::uint8_t* out);

}  // namespace conclave::crypto::ipsec_mb
