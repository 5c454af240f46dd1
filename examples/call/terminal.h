// Text that a terminal shows and never obeys.
#pragma once

#include <string>
#include <string_view>

namespace conclave::call {

/// `text` with everything replaced that could move the cursor, colour, reorder or hide: control characters, invalid
/// UTF-8, bidirectional and invisible ones. What a stranger calls himself goes through here before it reaches a
/// terminal.
std::string terminal_text(std::string_view text);

/// The first `columns` characters of what `terminal_text` returned.
std::string shortened(const std::string& text, std::size_t columns);

/// Characters, as far as columns on the screen count.
std::size_t columns_of(std::string_view text);

}  // namespace conclave::call
