#include "room/text.h"

#include "conclave/text.h"
#include "room/code_points.h"

namespace conclave {

std::string inert_text(ByteView text) {
  std::string out;
  std::size_t marks = 0;
  std::size_t breaks = 0;
  while (!text.empty() && out.size() + 4 <= max_text_size) {
    const std::optional<char32_t> c = room::take_code_point(text);
    if (!c) continue;
    if (*c == '\n') {
      if (!out.empty() && ++breaks <= 2) out.push_back('\n');
      continue;
    }
    if (*c == '\t' || room::is_space(*c)) {
      out.push_back(' ');
      continue;
    }
    if (room::is_hidden(*c)) continue;
    marks = room::is_combining(*c) ? marks + 1 : 0;
    if (marks > 2 || (marks > 0 && out.empty())) continue;
    breaks = 0;
    room::append(out, *c);
  }
  while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
  return out;
}

namespace room {

std::string inert_name(ByteView text) {
  std::string out;
  std::size_t length = 0;
  std::size_t marks = 0;
  bool space = false;
  while (!text.empty() && length < max_name_length) {
    const std::optional<char32_t> c = take_code_point(text);
    if (!c) continue;
    if (is_space(*c) || *c == '\n' || *c == '\t') {
      space = !out.empty();
      continue;
    }
    if (is_hidden(*c)) continue;
    marks = is_combining(*c) ? marks + 1 : 0;
    if (marks > 2 || (marks > 0 && out.empty())) continue;
    if (space) out.push_back(' ');
    length += space ? 2 : 1;
    space = false;
    append(out, *c);
  }
  return out.empty() ? "somebody" : out;
}

}  // namespace room
}  // namespace conclave
