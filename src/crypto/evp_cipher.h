// OpenSSL's ciphers under one key, for any number of threads. Internal to crypto.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <atomic>
#include <cstddef>

#include "base/secret.h"
#include "crypto/suite.h"

namespace conclave::crypto {

/// A key with a few keyed contexts kept ready. A call takes one that no other thread holds, or makes one: after the first
/// call of as many threads as work at once nothing is allocated. No lock; the key is wiped on destruction.
class EvpCipher {
 public:
  /// `cipher` outlives this. The contexts are made on first use.
  EvpCipher(const EVP_CIPHER* cipher, ByteView key);
  ~EvpCipher();
  EvpCipher(const EvpCipher&) = delete;
  EvpCipher& operator=(const EvpCipher&) = delete;

  /// AEAD: `out` takes the ciphertext and `tag` 16 bytes. The nonce has 12 bytes.
  void seal(const std::uint8_t* nonce, ByteView associated_data, ByteView plaintext, std::uint8_t* out, std::uint8_t* tag) const;
  /// AEAD: false when `tag` does not verify; then `out` holds what must not be used.
  [[nodiscard]] bool open(const std::uint8_t* nonce, ByteView associated_data, ByteView ciphertext, const std::uint8_t* tag,
                          std::uint8_t* out) const;
  /// A stream cipher: XORs the key stream that starts at the 16-byte counter block `start`.
  void apply_keystream(const std::uint8_t* start, ByteView in, std::uint8_t* out) const;

 private:
  class Lease;
  [[nodiscard]] EVP_CIPHER_CTX* make_context() const;

  static constexpr std::size_t kept = 4;

  const EVP_CIPHER* cipher_;
  Secret<struct EvpCipherKeyTag, 32> key_;
  mutable std::array<std::atomic<EVP_CIPHER_CTX*>, kept> idle_{};
};

/// The cipher, fetched once. Lives for ever.
const EVP_CIPHER* fetched_aead(AeadAlgorithm algorithm);

}  // namespace conclave::crypto
