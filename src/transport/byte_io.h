// Big-endian numbers in the datagrams of this module.
#pragma once

#include <cstddef>
#include <cstdint>

#include "conclave/bytes.h"

namespace conclave::transport {

/// Writes the low `width` bytes of `value`, big-endian, to `out`, which has room for them.
inline void put(std::uint8_t* out, std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * (width - 1 - i)));
}

/// Appends the low `width` bytes of `value`, big-endian.
inline void append(Bytes& out, std::uint64_t value, std::size_t width) {
  out.resize(out.size() + width);
  put(out.data() + out.size() - width, value, width);
}

/// Reads `width` bytes, big-endian, from `in`, which has them.
inline std::uint64_t get(const std::uint8_t* in, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value = value << 8 | in[i];
  return value;
}

/// Reads a datagram from its front. A read past the end gives zero and makes the reader fail for good.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : rest_(bytes) {}

  [[nodiscard]] std::uint64_t number(std::size_t width) {
    if (rest_.size() < width) {
      failed_ = true;
      rest_ = {};
      return 0;
    }
    const std::uint64_t value = get(rest_.data(), width);
    rest_ = rest_.subspan(width);
    return value;
  }
  template <class T>
  [[nodiscard]] T number(std::size_t width = sizeof(T)) {
    return static_cast<T>(number(width));
  }

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] std::size_t remaining() const { return rest_.size(); }

 private:
  ByteView rest_;
  bool failed_ = false;
};

}  // namespace conclave::transport
