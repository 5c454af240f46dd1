// Authenticated encryption (RFC 5116, RFC 8439).
#pragma once

#include <cstddef>
#include <memory>

#include "base/result.h"
#include "conclave/bytes.h"
#include "crypto/suite.h"

namespace conclave::crypto {

inline constexpr std::size_t aead_nonce_size = 12;
inline constexpr std::size_t aead_tag_size = 16;
std::size_t aead_key_size(AeadAlgorithm algorithm);

/// One key of an AEAD, expanded once. Immutable: const calls are thread-safe and never allocate. The key is wiped on destruction.
class AeadKey {
 public:
  /// `key` has `aead_key_size(algorithm)` bytes.
  AeadKey(AeadAlgorithm algorithm, ByteView key);
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
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace conclave::crypto
