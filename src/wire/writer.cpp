#include "wire/writer.h"

#include <cassert>
#include <cstring>

namespace conclave::wire {

void Writer::put(ByteView bytes) {
  size_ += bytes.size();
  if (counting_) return;
  assert(bytes.size() <= rest_.size());
  if (!bytes.empty()) std::memcpy(rest_.data(), bytes.data(), bytes.size());
  rest_ = rest_.subspan(bytes.size());
}

void Writer::put_big_endian(std::uint64_t value, std::size_t width) {
  size_ += width;
  if (counting_) return;
  assert(width <= rest_.size());
  for (std::size_t i = 0; i < width; ++i) rest_[i] = static_cast<std::uint8_t>(value >> (8 * (width - 1 - i)));
  rest_ = rest_.subspan(width);
}

void Writer::put_length(std::size_t length) {
  assert(length < (std::size_t{1} << 30));
  if (length < 64) return put_integer(static_cast<std::uint8_t>(length));
  if (length < 16384) return put_integer(static_cast<std::uint16_t>(length | 0x4000));
  put_integer(static_cast<std::uint32_t>(length | 0x80000000));
}

}  // namespace conclave::wire
