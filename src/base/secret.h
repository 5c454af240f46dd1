// A small secret of a known kind: inline storage, wiped, never copied by accident.
#pragma once

#include <sodium.h>

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "conclave/bytes.h"

namespace conclave {

/// The largest secret that any cipher suite makes (a P-521 scalar has 66 bytes).
inline constexpr std::size_t max_secret_size = 72;

/// True when both hold the same bytes; the time depends on the sizes alone.
inline bool constant_time_equal(ByteView a, ByteView b) {
  return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

/// Overwrites secret bytes that had to stand in a plain buffer for a moment; no optimiser leaves it out.
inline void wipe(ByteSpan bytes) { sodium_memzero(bytes.data(), bytes.size()); }

/// A secret of at most `Capacity` bytes whose `Tag` says what it is, so that one kind cannot be passed for another.
/// Move-only; the source of a move, and every destroyed value, is wiped. No `==`, no printing.
/// The size is that of the cipher suite in use and is not itself secret.
template <class Tag, std::size_t Capacity = max_secret_size>
class Secret {
 public:
  Secret() = default;

  /// `size` zero bytes, to be filled through `expose_mutable()`. `size` is at most `Capacity`.
  explicit Secret(std::size_t size) : size_(static_cast<std::uint8_t>(size)) { assert(size <= Capacity); }

  /// Copies `bytes` in; the caller wipes the source. `bytes` is at most `Capacity` long.
  static Secret copy_of(ByteView bytes) {
    Secret secret(bytes.size());
    if (!bytes.empty()) std::memcpy(secret.bytes_.data(), bytes.data(), bytes.size());
    return secret;
  }

  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept { take(other); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) take(other);
    return *this;
  }
  ~Secret() { wipe(); }

  /// A deliberate second copy: two owners, two wipes.
  [[nodiscard]] Secret clone() const { return copy_of(expose()); }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] ByteView expose() const { return {bytes_.data(), size_}; }
  [[nodiscard]] ByteSpan expose_mutable() { return {bytes_.data(), size_}; }

  void wipe() {
    sodium_memzero(bytes_.data(), bytes_.size());
    size_ = 0;
  }

 private:
  void take(Secret& other) {
    bytes_ = other.bytes_;
    size_ = other.size_;
    other.wipe();
  }

  std::array<std::uint8_t, Capacity> bytes_{};
  std::uint8_t size_ = 0;
};

}  // namespace conclave
