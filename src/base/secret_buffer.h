// Secrets of variable size: private keys, plaintexts of handshake messages, stored states.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "conclave/bytes.h"

namespace conclave {

/// Bytes on the heap that are wiped before they are freed, and never move while they grow:
/// the size is fixed at construction. Move-only. No `==`, no printing.
class SecretBuffer {
 public:
  SecretBuffer() = default;
  explicit SecretBuffer(std::size_t size);
  static SecretBuffer copy_of(ByteView bytes);

  SecretBuffer(const SecretBuffer&) = delete;
  SecretBuffer& operator=(const SecretBuffer&) = delete;
  SecretBuffer(SecretBuffer&& other) noexcept;
  SecretBuffer& operator=(SecretBuffer&& other) noexcept;
  ~SecretBuffer();

  [[nodiscard]] SecretBuffer clone() const { return copy_of(expose()); }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] ByteView expose() const { return {bytes_.get(), size_}; }
  [[nodiscard]] ByteSpan expose_mutable() { return {bytes_.get(), size_}; }

  /// Keeps the first `size` bytes and wipes the rest. `size` is at most `size()`.
  void truncate(std::size_t size);
  void wipe();

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace conclave
