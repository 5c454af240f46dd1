#include <algorithm>

#include "conclave/text.h"

namespace conclave {
namespace {

constexpr std::string_view scheme = "https://";
constexpr std::size_t max_link_size = 2048;
constexpr std::size_t max_links = 32;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// What may stand in a link: printable ASCII without what closes a quotation or begins markup.
bool is_link_character(char c) {
  return c > ' ' && c < 0x7F && std::string_view("\"'`<>()[]{}\\|^").find(c) == std::string_view::npos;
}

/// True for a label of a host name; those with a hyphen in third and fourth place encode other letters.
bool is_label(std::string_view label) {
  const bool sized = !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-';
  const bool encoded = label.size() >= 4 && label.substr(2, 2) == "--";
  return sized && !encoded && std::all_of(label.begin(), label.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

bool is_host(std::string_view host) {
  std::size_t labels = 0;
  std::string_view label;
  while (true) {
    const std::size_t dot = host.find('.');
    label = host.substr(0, dot);
    if (!is_label(label)) return false;
    ++labels;
    if (dot == std::string_view::npos) break;
    host.remove_prefix(dot + 1);
  }
  const bool named = std::all_of(label.begin(), label.end(), is_letter) && label.size() >= 2;
  return labels >= 2 && named;
}

bool is_port(std::string_view port) { return !port.empty() && port.size() <= 5 && std::all_of(port.begin(), port.end(), is_digit); }

/// `rest` stands behind the scheme.
bool is_safe(std::string_view rest) {
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos) return false;
  const std::size_t colon = authority.find(':');
  if (colon != std::string_view::npos && !is_port(authority.substr(colon + 1))) return false;
  return is_host(authority.substr(0, colon));
}

/// How much of `text`, which begins with the scheme, is one link: without the punctuation that ends a sentence.
std::size_t link_size(std::string_view text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_link_character);
  std::size_t size = static_cast<std::size_t>(end - text.begin());
  while (size > 0 && std::string_view(".,;:!?").find(text[size - 1]) != std::string_view::npos) --size;
  return size;
}

/// A link that goes on in letters of another script would be another one than what is seen.
bool ends_cleanly(std::string_view text, std::size_t size) { return size >= text.size() || static_cast<unsigned char>(text[size]) < 0x80; }

/// A scheme behind another letter belongs to a longer word.
bool begins_cleanly(std::string_view text, std::size_t at) {
  if (at == 0) return true;
  const char before = text[at - 1];
  return before == ' ' || before == '\n' || before == '(' || before == '<' || before == '"';
}

}  // namespace

std::vector<TextSpan> safe_links(std::string_view text) {
  std::vector<TextSpan> links;
  std::size_t at = text.find(scheme);
  while (at != std::string_view::npos && links.size() < max_links) {
    const std::string_view here = text.substr(at);
    const std::size_t size = link_size(here);
    const bool whole = size > scheme.size() && size <= max_link_size && begins_cleanly(text, at) && ends_cleanly(here, size);
    if (whole && is_safe(here.substr(scheme.size(), size - scheme.size()))) links.push_back({at, size});
    at = text.find(scheme, at + std::max(size, scheme.size()));
  }
  return links;
}

}  // namespace conclave
