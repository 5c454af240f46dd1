// Authenticated encryption (RFC 5116, RFC 8439).
#pragma once

#include <cstddef>
#include <memory>

#include "base/result.h"
#include "conclave/bytes.h"
#include "crypto/expanded_key.h"
#include "crypto/suite.h"

namespace conclave::crypto {

inline constexpr std::size_t aead_nonce_size = 12;
inline constexpr std::size_t aead_tag_size = 16;
std::size_t aead_key_size(AeadAlgorithm algorithm);

class EvpCipher;

/// One key of an AEAD, expanded once and in place: a kilobyte, so that a table of keys costs no jumps. Immutable: const calls
/// are thread-safe, and never allocate once warm. The key is wiped on destruction and on moving away, after which nothing
/// may be called.
class AeadKey {
 public:
  /// `key` has `aead_key_size(algorithm)` bytes.
  AeadKey(AeadAlgorithm algorithm, ByteView key);
  AeadKey() noexcept;  ///< as one that was moved away
  AeadKey(AeadKey&&) noexcept;
  AeadKey& operator=(AeadKey&&) noexcept;
  ~AeadKey();

  /// Writes ciphertext and 16-byte tag: `out` has `plaintext.size() + 16` bytes and may begin where `plaintext` begins.
  void seal(ByteView nonce, ByteView associated_data, ByteView plaintext, ByteSpan out) const;

  /// The same with the tag apart: `out` has `plaintext.size()` bytes, `tag` 16.
  void seal(ByteView nonce, ByteView associated_data, ByteView plaintext, ByteSpan out, ByteSpan tag) const;

  /// Writes the plaintext: `out` has `ciphertext.size() - 16` bytes and may begin where `ciphertext` begins.
  /// False, with `out` wiped, when the tag does not verify or `ciphertext` is shorter than a tag.
  [[nodiscard]] bool open(ByteView nonce, ByteView associated_data, ByteView ciphertext, ByteSpan out) const;
  /// The same with the tag, 16 bytes, apart.
  [[nodiscard]] bool open(ByteView nonce, ByteView associated_data, ByteView ciphertext, ByteView tag, ByteSpan out) const;

 private:
  void take(AeadKey& other) noexcept;

  ipsec_mb::ExpandedKey expanded_;
  const ipsec_mb::Cipher* fast_ = nullptr;  ///< null where OpenSSL does everything
  std::unique_ptr<EvpCipher> slow_;         ///< null where nothing is left for it
};

}  // namespace conclave::crypto
