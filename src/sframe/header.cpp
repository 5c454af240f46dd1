#include "sframe/header.h"

#include <bit>
#include <cassert>

#include "sframe/big_endian.h"

namespace conclave::sframe {

namespace {

constexpr std::uint64_t first_extended = 8;  // smaller values stand in the config byte

std::size_t value_size(std::uint64_t value) { return (static_cast<std::size_t>(std::bit_width(value)) + 7) / 8; }

std::size_t extension_size(std::uint64_t value) { return value < first_extended ? 0 : value_size(value); }

/// The flag and the three bits: the value itself, or the size of what follows.
std::uint8_t nibble(std::uint64_t value) {
  return static_cast<std::uint8_t>(value < first_extended ? value : 8 | (value_size(value) - 1));
}

/// Writes the bytes after the config byte for one value; eight bytes at `out` may be overwritten. Returns where they end.
std::uint8_t* write_extension(std::uint64_t value, std::uint8_t* out) {
  const std::size_t size = extension_size(value);
  if (size == 0) return out;
  put_big_endian(value << (64 - 8 * size), out);
  return out + size;
}

/// `size` bytes, 1 to 8, from the front of `bytes`, which holds as many.
std::uint64_t read_extension(ByteView bytes, std::size_t size) {
  if (bytes.size() >= 8) return get_big_endian(bytes.data()) >> (64 - 8 * size);
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes.first(size)) value = value << 8 | byte;
  return value;
}

/// Reads the value of a nibble and takes its extension from the front of `rest`; false when it is short or not minimal.
bool read_value(unsigned nibble, ByteView& rest, std::uint64_t& value) {
  value = nibble & 7U;
  if ((nibble & 8U) == 0) return true;
  const std::size_t size = value + 1;
  if (rest.size() < size) return false;
  value = read_extension(rest, size);
  rest = rest.subspan(size);
  return extension_size(value) == size;
}

}  // namespace

std::size_t encoded_size(const Header& header) { return 1 + extension_size(header.kid) + extension_size(header.counter); }

EncodedHeader::EncodedHeader(const Header& header) {
  bytes_[0] = static_cast<std::uint8_t>(nibble(header.kid) << 4 | nibble(header.counter));
  size_ = static_cast<std::size_t>(write_extension(header.counter, write_extension(header.kid, &bytes_[1])) - bytes_.data());
}

std::size_t write(const Header& header, ByteSpan out) {
  const EncodedHeader encoded(header);
  assert(out.size() >= encoded.view().size());
  copy_short(out.data(), encoded.view().data(), encoded.view().size());
  return encoded.view().size();
}

std::optional<ReadHeader> read_header(ByteView bytes) {
  if (bytes.empty()) return std::nullopt;
  ReadHeader read;
  ByteView rest = bytes.subspan(1);
  if (!read_value(bytes[0] >> 4, rest, read.header.kid)) return std::nullopt;
  if (!read_value(bytes[0] & 15U, rest, read.header.counter)) return std::nullopt;
  read.size = bytes.size() - rest.size();
  return read;
}

}  // namespace conclave::sframe
