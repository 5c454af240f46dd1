// SHA-2 and HMAC.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>

#include "base/secret.h"
#include "conclave/bytes.h"
#include "crypto/suite.h"

namespace conclave::crypto {

/// The value of a hash function: public, comparable, at most 64 bytes.
class Digest {
 public:
  Digest() = default;
  explicit Digest(std::size_t size) : size_(static_cast<std::uint8_t>(size)) {}
  [[nodiscard]] ByteView view() const { return {bytes_.data(), size_}; }
  [[nodiscard]] ByteSpan span() { return {bytes_.data(), size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }
  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  std::array<std::uint8_t, 64> bytes_{};
  std::uint8_t size_ = 0;
};

std::size_t hash_size(HashAlgorithm algorithm);

/// The hash of the concatenation of `parts`.
Digest hash(HashAlgorithm algorithm, std::initializer_list<ByteView> parts);
inline Digest hash(HashAlgorithm algorithm, ByteView data) { return hash(algorithm, {data}); }

/// HMAC (RFC 2104) under one key whose midstates are kept: made once per key, used many times. Const calls are thread-safe.
class HmacKey {
 public:
  HmacKey(HashAlgorithm algorithm, ByteView key);
  HmacKey(HmacKey&&) noexcept;
  HmacKey& operator=(HmacKey&&) noexcept;
  ~HmacKey();
  /// Writes the whole MAC (`hash_size` bytes) of the concatenation of `parts` to `out`.
  void mac(std::initializer_list<ByteView> parts, ByteSpan out) const;
  /// Constant-time check of a whole, untruncated MAC.
  [[nodiscard]] bool verify(std::initializer_list<ByteView> parts, ByteView expected) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace conclave::crypto
