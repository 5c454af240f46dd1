// Reading the TLS presentation language (RFC 8446 section 3, RFC 9420 section 2.1) without copying.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "conclave/bytes.h"

namespace conclave::wire {

/// The longest vector that a length header can announce (RFC 9420 section 2.1.2).
inline constexpr std::size_t max_vector_size = (std::size_t{1} << 30) - 1;

/// A window on bytes that shrinks as values are taken from its front. The first failure is kept, and everything
/// after it reads as zero and empty, so that a whole struct is read before anybody looks. Whoever makes a reader
/// must ask `finish()`: bytes left over are an error. The bytes must outlive the reader.
class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  [[nodiscard]] bool ok() const { return failure_ == nullptr; }
  [[nodiscard]] std::size_t remaining() const { return rest_.size(); }
  [[nodiscard]] ByteView rest() const { return rest_; }

  /// A big-endian integer.
  template <std::unsigned_integral T>
  T read_integer() {
    T value = 0;
    for (const std::uint8_t byte : take(sizeof(T))) value = static_cast<T>((static_cast<std::uint64_t>(value) << 8) | byte);
    return value;
  }

  /// The next `size` bytes; empty after a failure.
  ByteView take(std::size_t size);

  /// A variable-size length header in its minimal encoding (RFC 9420 section 2.1.2), at most what remains behind it.
  std::size_t read_length();

  /// The content of a vector `opaque value<V>`.
  ByteView read_opaque() { return take(read_length()); }

  /// Notes a failure; only the first one counts. `reason` is a string literal.
  void fail(const char* reason, ErrorCode code = ErrorCode::malformed);

  /// Takes over the failure of a reader of some part of these bytes.
  void absorb(const Reader& part);

  /// Success when nothing failed and no byte is left.
  [[nodiscard]] Result<void> finish() const;

  /// Success when nothing failed so far; bytes may be left.
  [[nodiscard]] Result<void> status() const;

 private:
  ByteView rest_;
  const char* failure_ = nullptr;
  ErrorCode code_ = ErrorCode::malformed;
};

}  // namespace conclave::wire
