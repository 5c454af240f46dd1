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

/// Characters that take two columns (Unicode Standard Annex 11, blocks instead of single characters).
bool wide(char32_t c) {
  if (c < 0x1100) return false;
  return c <= 0x115f || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xa960 && c <= 0xa97f) || (c >= 0xac00 && c <= 0xd7a3) ||
         (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe10 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
         (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x16fe0 && c <= 0x18dff) || (c >= 0x1b000 && c <= 0x1b2ff) ||
         (c >= 0x1f000 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
}

/// At least as many as a terminal takes: one too many costs a name its end, one too few breaks the line.
std::size_t take_columns(std::string_view& text) { return wide(take_character(text)) ? 2 : 1; }

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
  std::string_view rest = text;
  for (std::size_t seen = 0; !rest.empty();) {
    const auto before = rest.size();
    seen += take_columns(rest);
    if (seen > columns) return text.substr(0, text.size() - before);
  }
  return text;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) columns += take_columns(text);
  return columns;
}

}  // namespace conclave::call
