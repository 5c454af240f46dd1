// Writing the TLS presentation language: one pass counts, one pass fills memory of exactly that size,
// so that a secret never lies in a buffer that grew.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include "conclave/bytes.h"

namespace conclave::wire {

/// Writes to memory of exactly the right size, owned by the caller.
class Writer {
 public:
  explicit Writer(ByteSpan out) : rest_(out) {}

  void put(ByteView bytes);

  template <std::unsigned_integral T>
  void put_integer(T value) {
    put_big_endian(value, sizeof(T));
  }

  /// The header of a vector with `length` bytes of content, in the minimal encoding (RFC 9420 section 2.1.2).
  void put_length(std::size_t length);

  /// How many bytes were written, or counted, so far.
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool full() const { return rest_.empty(); }

 protected:
  Writer() : counting_(true) {}

 private:
  void put_big_endian(std::uint64_t value, std::size_t width);

  ByteSpan rest_;
  std::size_t size_ = 0;
  bool counting_ = false;
};

/// Counts what a `Writer` would write, and keeps nothing.
class Counter : public Writer {
 public:
  Counter() = default;
};

}  // namespace conclave::wire
