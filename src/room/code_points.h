// Reading UTF-8 that somebody else wrote, and the characters that nobody is to see.
#pragma once

#include <optional>
#include <string>

#include "conclave/bytes.h"

namespace conclave::room {

/// Takes one code point off the front; nothing, after one byte, where the bytes are not UTF-8 in its shortest form.
std::optional<char32_t> take_code_point(ByteView& text);

/// Appends a code point as UTF-8.
void append(std::string& out, char32_t c);

/// Characters that steer a terminal or a layout engine instead of being seen.
bool is_hidden(char32_t c);
/// Marks that join the character before them.
bool is_combining(char32_t c);
/// Spaces of any width.
bool is_space(char32_t c);

}  // namespace conclave::room
