// Text that a terminal shows and never obeys.
#pragma once

#include <string>
#include <string_view>

namespace conclave::call {

/// `text` with everything replaced that could move the cursor, colour, reorder or hide: control characters, invalid
/// UTF-8, bidirectional and invisible ones. What a stranger calls himself goes through here before it reaches a
/// terminal.
std::string terminal_text(std::string_view text);

/// A name between quotation marks, as every printed line has it: safe for a terminal, shortened, and with no quotation
/// mark of its own, so that it cannot end early and go on as a line of the program's.
std::string quoted_name(std::string_view name, std::size_t columns = 64);

/// As much as fits into so many columns, of what `terminal_text` returned.
std::string shortened(const std::string& text, std::size_t columns);

/// How many columns it takes on the screen, at most.
std::size_t columns_of(std::string_view text);

}  // namespace conclave::call
