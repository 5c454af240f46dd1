// Small helpers over bytes that are not secret.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "conclave/bytes.h"

namespace conclave {

/// The bytes of a character string, without a terminator.
inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Copies a view into owned bytes.
inline Bytes to_bytes(ByteView view) { return {view.begin(), view.end()}; }

/// True when both views hold the same bytes. Not constant-time: for public values only.
bool equal(ByteView a, ByteView b);

/// Lower-case hexadecimal.
std::string to_hex(ByteView view);

/// Reads hexadecimal of either case. `malformed` on an odd length or another character.
Result<Bytes> from_hex(std::string_view text);

/// RFC 4648 section 5, without padding.
std::string to_base64url(ByteView view);

/// Reads RFC 4648 section 5 without padding, strictly: one spelling per value. `malformed` otherwise.
Result<Bytes> from_base64url(std::string_view text);

}  // namespace conclave
