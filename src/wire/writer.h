// Writing the TLS presentation language: one pass counts, one pass fills memory of exactly that size,
// so that a secret never lies in a buffer that grew.
#pragma once

#include <cassert>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "conclave/bytes.h"

namespace conclave::wire {

/// Counts what a `Writer` would write.
class Counter {
 public:
  void put(ByteView bytes) { size_ += bytes.size(); }
  template <std::unsigned_integral T>
  void put_integer(T) { size_ += sizeof(T); }
  /// The header of a vector with `length` bytes of content.
  void put_length(std::size_t length) { size_ += length < 64 ? 1 : length < 16384 ? 2 : 4; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::size_t size_ = 0;
};

/// Writes to memory of exactly the right size, owned by the caller.
class Writer {
 public:
  explicit Writer(ByteSpan out) : rest_(out) {}

  void put(ByteView bytes) {
    assert(bytes.size() <= rest_.size());
    if (!bytes.empty()) std::memcpy(rest_.data(), bytes.data(), bytes.size());
    rest_ = rest_.subspan(bytes.size());
  }

  template <std::unsigned_integral T>
  void put_integer(T value) {
    assert(sizeof(T) <= rest_.size());
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      rest_[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * (sizeof(T) - 1 - i)));
    }
    rest_ = rest_.subspan(sizeof(T));
  }

  /// The header of a vector with `length` bytes of content, in the minimal encoding (RFC 9420 section 2.1.2).
  void put_length(std::size_t length) {
    assert(length < (std::size_t{1} << 30));
    if (length < 64) return put_integer(static_cast<std::uint8_t>(length));
    if (length < 16384) return put_integer(static_cast<std::uint16_t>(length | 0x4000));
    put_integer(static_cast<std::uint32_t>(length | 0x80000000));
  }

  [[nodiscard]] bool full() const { return rest_.empty(); }

 private:
  ByteSpan rest_;
};

}  // namespace conclave::wire
