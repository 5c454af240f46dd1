// Text from others, made inert before it reaches a screen.
#pragma once

#include <string>

#include "conclave/bytes.h"

namespace conclave::room {

/// The longest display name, in code points.
inline constexpr std::size_t max_name_length = 64;

/// A display name that can be shown anywhere: valid UTF-8 on one line, without control, bidirectional, zero-width, tag, private-use
/// or unassigned special characters, at most two combining marks in a row, spaces folded and trimmed, at most `max_name_length` code
/// points. What is left of nothing is "somebody".
std::string inert_name(ByteView text);

}  // namespace conclave::room
