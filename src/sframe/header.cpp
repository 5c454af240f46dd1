#include "sframe/header.h"

#include <bit>
#include <cassert>

namespace conclave::sframe {

namespace {

constexpr std::uint64_t first_extended = 8;  // smaller values stand in the config byte

std::size_t value_size(std::uint64_t value) { return (static_cast<std::size_t>(std::bit_width(value)) + 7) / 8; }

std::size_t extension_size(std::uint64_t value) { return value < first_extended ? 0 : value_size(value); }

/// The flag and the three bits: the value itself, or the size of what follows.
std::uint8_t nibble(std::uint64_t value) {
  return static_cast<std::uint8_t>(value < first_extended ? value : 8 | (value_size(value) - 1));
}

std::uint8_t* write_extension(std::uint64_t value, std::uint8_t* out) {
  for (std::size_t left = extension_size(value); left > 0; --left) *out++ = static_cast<std::uint8_t>(value >> (8 * (left - 1)));
  return out;
}

/// Reads the value of a nibble and takes its extension from the front of `rest`; false when it is short or not minimal.
bool read_value(unsigned nibble, ByteView& rest, std::uint64_t& value) {
  value = nibble & 7U;
  if ((nibble & 8U) == 0) return true;
  const std::size_t size = value + 1;
  if (rest.size() < size) return false;
  value = 0;
  for (const std::uint8_t byte : rest.first(size)) value = value << 8 | byte;
  rest = rest.subspan(size);
  return extension_size(value) == size;
}

}  // namespace

std::size_t encoded_size(const Header& header) { return 1 + extension_size(header.kid) + extension_size(header.counter); }

std::size_t write(const Header& header, ByteSpan out) {
  assert(out.size() >= encoded_size(header));
  out[0] = static_cast<std::uint8_t>(nibble(header.kid) << 4 | nibble(header.counter));
  const std::uint8_t* end = write_extension(header.counter, write_extension(header.kid, out.data() + 1));
  return static_cast<std::size_t>(end - out.data());
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
