#include "terminal.h"

#include <algorithm>
#include <cstdint>

namespace conclave::call {
namespace {

constexpr char32_t invalid = 0xffffffff;

/// One character off the front of `text`; `invalid`, and one byte, where it is not UTF-8 (RFC 3629).
char32_t take_character(std::string_view& text) {
  const auto byte = [&text](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
  const std::uint8_t lead = byte(0);
  const std::size_t size = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
  char32_t value = size == 1 ? lead : lead & (0x7fu >> size);
  bool good = size > 0 && size <= text.size();
  for (std::size_t at = 1; good && at < size; ++at) {
    good = byte(at) >> 6 == 2;
    value = value << 6 | (byte(at) & 0x3fu);
  }
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  good = good && value >= smallest[size] && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
  text.remove_prefix(good ? size : 1);
  return good ? value : invalid;
}

bool harmless(char32_t c) {
  if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == invalid) return false;    // controls
  if (c == 0xad || c == 0x61c || c == 0x180e || c == 0xfeff) return false;  // invisible, Arabic mark
  if ((c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e)) return false;
  return !((c >= 0x2060 && c <= 0x206f) || (c >= 0xe0000 && c <= 0xe0fff));
}

bool begins_character(char c) { return (static_cast<std::uint8_t>(c) & 0xc0) != 0x80; }

}  // namespace

std::string terminal_text(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const auto before = text;
    if (harmless(take_character(text))) {
      safe += before.substr(0, before.size() - text.size());
    } else {
      safe += '?';
    }
  }
  return safe;
}

std::string quoted_name(std::string_view name, std::size_t columns) {
  std::string text = shortened(terminal_text(name), columns);
  std::replace(text.begin(), text.end(), '"', '\'');
  text.insert(text.begin(), '"');
  text.push_back('"');
  return text;
}

std::string shortened(const std::string& text, std::size_t columns) {
  std::size_t seen = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (begins_character(text[at]) && seen++ == columns) return text.substr(0, at);
  }
  return text;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (const char c : text) columns += begins_character(c) ? 1 : 0;
  return columns;
}

}  // namespace conclave::call
