// The SFrame header (RFC 9605 section 4.3).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "conclave/bytes.h"

namespace conclave::sframe {

/// Which key, and which counter under it.
///
///     +-+-+-+-+-+-+-+-+------------+------------+
///     |X|  K  |Y|  C  |   KID...   |   CTR...   |
///     +-+-+-+-+-+-+-+-+------------+------------+
///
/// A value below 8 stands in the config byte (X or Y is 0); otherwise X or Y is 1, the three bits hold the number of bytes minus
/// one, and the value follows in big-endian order.
struct Header {
  std::uint64_t kid = 0;
  std::uint64_t counter = 0;
  friend bool operator==(const Header&, const Header&) = default;
};

inline constexpr std::size_t max_header_size = 17;

/// The bytes that `write` writes: 1 to 17.
std::size_t encoded_size(const Header& header);

/// The one encoding of a header, on the stack.
class EncodedHeader {
 public:
  explicit EncodedHeader(const Header& header);
  [[nodiscard]] ByteView view() const {
    if (size_ > max_header_size) __builtin_unreachable();  // says to the compiler what the constructor ensures
    return {bytes_.data(), size_};
  }

 private:
  std::array<std::uint8_t, max_header_size + 7> bytes_;  // room for writing eight bytes at a time; only the front is written
  std::size_t size_;
};

/// Writes the one encoding of `header` to `out`, which has `encoded_size(header)` bytes or more; returns the size.
std::size_t write(const Header& header, ByteSpan out);

struct ReadHeader {
  Header header;
  std::size_t size = 0;  ///< bytes taken from the front
};

/// Reads a header from the front of `bytes`. Nothing when it is cut short, or when a value stands in more bytes than it needs:
/// section 4.3 wants the minimum, and a second spelling would let a relay change bytes without changing the meaning.
std::optional<ReadHeader> read_header(ByteView bytes);

}  // namespace conclave::sframe
