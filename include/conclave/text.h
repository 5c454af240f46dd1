// Text from others: what may be shown, what may be linked, and which names look alike.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "conclave/bytes.h"

namespace conclave {

/// The longest chat message, in bytes of UTF-8.
inline constexpr std::size_t max_text_size = 4096;

/// Text that can be shown anywhere as plain text: valid UTF-8, line feeds kept (at most two in a row, no other control), without
/// bidirectional, zero-width, tag, private-use or unassigned special characters, at most two combining marks in a row, at most `max_text_size`
/// bytes, cut at a character. Nothing in it is to be interpreted: show it as text, and link nothing but what `safe_links` names.
std::string inert_text(ByteView text);

/// A part of a text, in bytes.
struct TextSpan {
  std::size_t offset = 0;
  std::size_t size = 0;
  friend bool operator==(const TextSpan&, const TextSpan&) = default;
};

/// The parts of a text that may be offered as links, to be opened only when somebody asks for it: `https://`, a host name of ASCII letters, digits
/// and hyphens with a dot in it, and what follows in printable ASCII up to a space, quote, bracket or backslash. Everything else stays text:
/// other schemes (`file:`, `javascript:`, custom ones), UNC paths, addresses in numbers, user names before `@`, encoded international names.
/// Each span is shown and opened exactly as it is written.
std::vector<TextSpan> safe_links(std::string_view text);

/// What two names have in common when people cannot tell them apart: letters that look alike are one letter, accents, case, spaces and punctuation
/// are gone. For comparison only, never to be shown.
std::string name_skeleton(std::string_view name);

/// True when one name can be taken for the other.
bool confusable_names(std::string_view a, std::string_view b);

/// True for names that belong to nobody: those by which a program or its operator would speak ("host", "moderator", "system", "support", …), and
/// what looks like one.
bool is_reserved_name(std::string_view name);

}  // namespace conclave
