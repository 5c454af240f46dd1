#include "link_text.h"

namespace conclave::call {

constexpr std::streamsize longest_line = 4'096;  // more than any link

std::string link_text(const std::string& given, std::istream& input) {
  std::string text = given;
  if (given == "-") {
    text.assign(longest_line, '\0');
    input.getline(text.data(), longest_line);
    text.resize(text.find('\0'));
  }
  constexpr const char* around = " \t\r\n<>";
  const auto first = text.find_first_not_of(around);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(around) - first + 1);
}

}  // namespace conclave::call
