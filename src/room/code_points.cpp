#include "room/code_points.h"

#include <array>

namespace conclave::room {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

/// Characters that steer a terminal or a layout engine instead of being seen.
constexpr std::array<Range, 22> hidden{{
    {0x0000, 0x001F}, {0x007F, 0x009F}, {0x00AD, 0x00AD}, {0x034F, 0x034F}, {0x061C, 0x061C},   {0x115F, 0x1160},
    {0x17B4, 0x17B5}, {0x180B, 0x180F}, {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},   {0x3164, 0x3164},
    {0xE000, 0xF8FF}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB},   {0xFFFE, 0xFFFF},
    {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}, {0xF0000, 0x10FFFF}, {0xD800, 0xDFFF},
}};

constexpr std::array<Range, 8> combining{{
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x064B, 0x065F}, {0x0E31, 0x0E4E}, {0x1AB0, 0x1AFF},
    {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF},
}};

constexpr std::array<Range, 7> spaces{{
    {0x0020, 0x0020}, {0x00A0, 0x00A0}, {0x1680, 0x1680}, {0x2000, 0x200A}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000},
}};

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, char32_t c) {
  for (const Range& range : ranges) {
    if (c >= range.first && c <= range.last) return true;
  }
  return false;
}

}  // namespace

std::optional<char32_t> take_code_point(ByteView& text) {
  const std::uint8_t lead = text[0];
  const std::size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
  char32_t value = length == 1 ? lead : length == 0 ? 0 : static_cast<char32_t>(lead & (0x7F >> length));
  bool valid = length != 0 && length <= text.size();
  for (std::size_t i = 1; valid && i < length; ++i) {
    valid = (text[i] & 0xC0) == 0x80;
    value = (value << 6) | (text[i] & 0x3FU);
  }
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  valid = valid && value >= least[length] && value <= 0x10FFFF;
  text = text.subspan(valid ? length : 1);
  return valid ? std::optional(value) : std::nullopt;
}

void append(std::string& out, char32_t c) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0 | (c >> 6));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
  }
  put(0x80 | (c & 0x3F));
}

bool is_hidden(char32_t c) { return within(hidden, c); }
bool is_combining(char32_t c) { return within(combining, c); }
bool is_space(char32_t c) { return within(spaces, c); }

}  // namespace conclave::room
