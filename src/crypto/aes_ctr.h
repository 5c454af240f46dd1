// AES-128 in counter mode (NIST SP 800-38A), for the cipher suites of SFrame that bring their own MAC.
#pragma once

#include <cstddef>
#include <memory>

#include "conclave/bytes.h"

namespace conclave::crypto {

inline constexpr std::size_t aes_ctr_key_size = 16;
inline constexpr std::size_t aes_ctr_block_size = 16;

/// One key of AES-128-CTR, expanded once. Const calls are thread-safe. The key is wiped on destruction.
class AesCtrKey {
 public:
  /// `key` has `aes_ctr_key_size` bytes.
  explicit AesCtrKey(ByteView key);
  AesCtrKey(AesCtrKey&&) noexcept;
  AesCtrKey& operator=(AesCtrKey&&) noexcept;
  ~AesCtrKey();

  /// XORs the key stream that starts at the counter block `start` onto `in`. `out` is as long as `in`, and may be the same bytes.
  /// The last four bytes of `start`, a big-endian number, plus the blocks of `in` stay below 2^32.
  void apply(ByteView start, ByteView in, ByteSpan out) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace conclave::crypto
