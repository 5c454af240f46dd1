#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "conclave/text.h"
#include "room/code_points.h"

namespace conclave {
namespace {

struct LookAlike {
  char32_t seen;
  char taken_for;
};

/// Letters of other scripts that look like a Latin one, both cases. style: table
constexpr std::array<LookAlike, 92> look_alikes{{
    {U'а', 'a'}, {U'А', 'a'}, {U'В', 'b'}, {U'Ь', 'b'}, {U'с', 'c'}, {U'С', 'c'}, {U'ԁ', 'd'}, {U'е', 'e'}, {U'Е', 'e'}, {U'ё', 'e'},
    {U'Ё', 'e'}, {U'һ', 'h'}, {U'Н', 'h'}, {U'і', 'i'}, {U'І', 'i'}, {U'ї', 'i'}, {U'Ї', 'i'}, {U'ј', 'j'}, {U'Ј', 'j'}, {U'К', 'k'},
    {U'к', 'k'}, {U'М', 'm'}, {U'м', 'm'}, {U'о', 'o'}, {U'О', 'o'}, {U'р', 'p'}, {U'Р', 'p'}, {U'ԛ', 'q'}, {U'ѕ', 's'}, {U'Ѕ', 's'},
    {U'Т', 't'}, {U'т', 't'}, {U'у', 'y'}, {U'У', 'y'}, {U'ү', 'y'}, {U'ԝ', 'w'}, {U'х', 'x'}, {U'Х', 'x'}, {U'п', 'n'}, {U'ѵ', 'v'},
    {U'α', 'a'}, {U'Α', 'a'}, {U'Β', 'b'}, {U'β', 'b'}, {U'ϲ', 'c'}, {U'Ε', 'e'}, {U'ε', 'e'}, {U'Ζ', 'z'}, {U'Η', 'h'}, {U'Ι', 'i'},
    {U'ι', 'i'}, {U'Κ', 'k'}, {U'κ', 'k'}, {U'Μ', 'm'}, {U'Ν', 'n'}, {U'ν', 'v'}, {U'η', 'n'}, {U'Ο', 'o'}, {U'ο', 'o'}, {U'Ρ', 'p'},
    {U'ρ', 'p'}, {U'Τ', 't'}, {U'τ', 't'}, {U'Υ', 'y'}, {U'υ', 'u'}, {U'Χ', 'x'}, {U'χ', 'x'}, {U'γ', 'y'}, {U'ω', 'w'}, {U'σ', 'o'},
    {U'օ', 'o'}, {U'Օ', 'o'}, {U'ո', 'n'}, {U'ս', 'u'}, {U'ց', 'g'}, {U'հ', 'h'}, {U'ɑ', 'a'}, {U'ɡ', 'g'}, {U'ɩ', 'i'}, {U'ı', 'i'},
    {U'ɪ', 'i'}, {U'ʟ', 'l'}, {U'ɴ', 'n'}, {U'ᴏ', 'o'}, {U'ᴀ', 'a'}, {U'ᴇ', 'e'}, {U'ø', 'o'}, {U'Ø', 'o'}, {U'ł', 'l'}, {U'Ł', 'l'},
    {U'đ', 'd'}, {U'ß', 'b'},
}};

/// The letters without their accents, U+00C0 to U+017F; '?' where there is none. style: table
constexpr std::string_view accented =
    "aaaaaa?ceeeeiiiidnooooo?ouuuuy?baaaaaa?ceeeeiiiidnooooo?ouuuuy?y"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii??jjkkklllllllllln"
    "nnnnnnnnoooooo??rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

static_assert(accented.size() == 0x180 - 0xC0);

/// Runs of styled copies of the alphabet, as mathematicians and raiders use them.
char styled_letter(char32_t c) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz";
  if (c >= 0x1D400 && c <= 0x1D6A3) return letters[(c - 0x1D400) % 26];
  if (c >= 0x1D7CE && c <= 0x1D7FF) return static_cast<char>('0' + (c - 0x1D7CE) % 10);
  if (c >= 0x24B6 && c <= 0x24E9) return letters[(c - 0x24B6) % 26];
  if (c >= 0x1F130 && c <= 0x1F149) return letters[c - 0x1F130];
  if (c >= 0x1F1E6 && c <= 0x1F1FF) return letters[c - 0x1F1E6];
  return 0;
}

/// The ASCII character for which `c` can be taken, in lower case, or 0.
char latin_of(char32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
  if (c < 0x80) return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  if (const char styled = styled_letter(c)) return styled;
  const auto found = std::find_if(look_alikes.begin(), look_alikes.end(), [c](const LookAlike& each) { return each.seen == c; });
  if (found != look_alikes.end()) return found->taken_for;
  const std::size_t at = c >= 0xC0 ? c - 0xC0 : accented.size();
  return at < accented.size() && accented[at] != '?' ? accented[at] : '\0';
}

/// Digits and strokes that pass for letters.
char merge(char c) {
  if (c == '0') return 'o';
  if (c == '1' || c == 'i' || c == '|' || c == '!') return 'l';
  return c;
}

bool is_punctuation(char c) { return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')); }

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) text.replace(at, what.size(), with);
}

char32_t lower(char32_t c) {
  if ((c >= 0x410 && c <= 0x42F) || (c >= 0x391 && c <= 0x3A9)) return c + 0x20;
  return c;
}

constexpr std::array<std::string_view, 16> reserved{"host",    "cohost",   "moderator",    "administrator", "admin",    "system",   "support", "conclave",
                                                    "relay",   "security", "technicalsupport", "helpdesk",  "operator", "everyone", "all",     "owner"};

}  // namespace

std::string name_skeleton(std::string_view name) {
  std::string out;
  ByteView rest = as_bytes(name);
  while (!rest.empty()) {
    const std::optional<char32_t> c = room::take_code_point(rest);
    if (!c || room::is_hidden(*c) || room::is_combining(*c) || room::is_space(*c)) continue;
    const char latin = latin_of(*c);
    if (latin == 0) {
      room::append(out, lower(*c));
    } else if (const char merged = merge(latin); !is_punctuation(merged)) {
      out.push_back(merged);
    }
  }
  replace_all(out, "rn", "m");
  replace_all(out, "vv", "w");
  return out;
}

bool confusable_names(std::string_view a, std::string_view b) { return name_skeleton(a) == name_skeleton(b); }

bool is_reserved_name(std::string_view name) {
  const std::string skeleton = name_skeleton(name);
  return std::any_of(reserved.begin(), reserved.end(), [&](std::string_view each) { return name_skeleton(each) == skeleton; });
}

}  // namespace conclave
