// OpenSSL's ciphers under one key, for any number of threads. Internal to crypto.
#pragma once

#include <openssl/evp.h>

#include "base/secret.h"
#include "crypto/pool.h"
#include "crypto/suite.h"

namespace conclave::crypto {

/// A key with a few keyed contexts kept ready, one for each call at a time. Const calls are thread-safe, and allocate only where
/// they are the first of as many threads at once. The key is wiped on destruction.
class EvpCipher {
 public:
  /// `cipher` outlives this. The contexts are made on first use.
  EvpCipher(const EVP_CIPHER* cipher, ByteView key);

  /// AEAD: `out` takes the ciphertext and `tag` 16 bytes. The nonce has 12 bytes.
  void seal(const std::uint8_t* nonce, ByteView associated_data, ByteView plaintext, std::uint8_t* out, std::uint8_t* tag) const;
  /// AEAD: false when `tag` does not verify; then `out` holds what must not be used.
  [[nodiscard]] bool open(const std::uint8_t* nonce, ByteView associated_data, ByteView ciphertext, const std::uint8_t* tag,
                          std::uint8_t* out) const;
  /// A stream cipher: XORs the key stream that starts at the 16-byte counter block `start`.
  void apply_keystream(const std::uint8_t* start, ByteView in, std::uint8_t* out) const;

 private:
  struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }  // wipes it
  };
  using Contexts = Pool<EVP_CIPHER_CTX, FreeContext>;

  [[nodiscard]] Contexts::Lease take_context() const;

  const EVP_CIPHER* cipher_;
  Secret<struct EvpCipherKeyTag, 32> key_;
  mutable Contexts contexts_;
};

/// The ciphers, fetched once. They live for ever.
const EVP_CIPHER* fetched_aead(AeadAlgorithm algorithm);
const EVP_CIPHER* fetched_aes_128_ctr();

}  // namespace conclave::crypto
