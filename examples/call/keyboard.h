// What is typed at the terminal, while it is ours to read.
#pragma once

#include <optional>
#include <string>

namespace conclave::call {

/// Whether standard input is a terminal and this process in its foreground. In the background the terminal is somebody else's:
/// touching its input would stop this process, and with it the call.
bool owns_terminal();

/// What was typed, up to the return key; nothing when nobody has pressed it, or the terminal is not ours. Never blocks.
std::optional<std::string> typed_line();

/// Throws away what was typed and not yet read.
void forget_typed();

}  // namespace conclave::call
