#include "base/bytes.h"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace conclave {

bool equal(ByteView a, ByteView b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

std::string to_hex(ByteView view) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(view.size() * 2);
  for (const std::uint8_t byte : view) {
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 15]);
  }
  return text;
}

Result<Bytes> from_hex(std::string_view text) {
  if (text.empty()) return Bytes{};  // libsodium takes no null pointer
  if (text.size() % 2 != 0) return Error{ErrorCode::malformed, "not hexadecimal"};
  Bytes out(text.size() / 2);
  std::size_t length = 0;
  const char* end = nullptr;
  const bool read = sodium_hex2bin(out.data(), out.size(), text.data(), text.size(), nullptr, &length, &end) == 0;
  if (!read || length * 2 != text.size()) return Error{ErrorCode::malformed, "not hexadecimal"};
  return out;
}

std::string to_base64url(ByteView view) {
  constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_encoded_len(view.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), view.data(), view.size(), variant);
  text.pop_back();  // the terminator that libsodium writes
  return text;
}

Result<Bytes> from_base64url(std::string_view text) {
  Bytes out(text.size() / 4 * 3 + 3);
  std::size_t length = 0;
  const char* end = nullptr;
  const bool read = sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &length, &end,
                                      sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
  if (!read || end != text.data() + text.size()) return Error{ErrorCode::malformed, "not base64url"};
  out.resize(length);
  return out;
}

}  // namespace conclave
