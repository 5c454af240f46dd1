#include "wire/reader.h"

namespace conclave::wire {

ByteView Reader::take(std::size_t size) {
  if (size > rest_.size()) {
    fail("truncated");
    return {};
  }
  const ByteView taken = rest_.first(size);
  rest_ = rest_.subspan(size);
  return taken;
}

std::size_t Reader::read_length() {
  const auto first = read_integer<std::uint8_t>();
  const unsigned prefix = first >> 6;
  if (prefix == 3) fail("a vector's length has the invalid prefix 3");
  std::size_t length = first & 0x3F;
  for (unsigned i = 1; i < (1U << prefix) && ok(); ++i) length = (length << 8) | read_integer<std::uint8_t>();
  if (prefix == 1 && length < (1U << 6)) fail("a vector's length is not minimal");
  if (prefix == 2 && length < (1U << 14)) fail("a vector's length is not minimal");
  if (ok() && length > rest_.size()) fail("a vector is longer than what contains it");
  return ok() ? length : 0;
}

void Reader::fail(const char* reason, ErrorCode code) {
  if (failure_ == nullptr) {
    failure_ = reason;
    code_ = code;
  }
  rest_ = {};
}

void Reader::absorb(const Reader& part) {
  if (!part.ok()) fail(part.failure_, part.code_);
}

Result<void> Reader::status() const {
  if (failure_ != nullptr) return Error{code_, failure_};
  return {};
}

Result<void> Reader::finish() const {
  CONCLAVE_TRY(status());
  if (!rest_.empty()) return Error{ErrorCode::malformed, "trailing bytes"};
  return {};
}

}  // namespace conclave::wire
