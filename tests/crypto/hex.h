// Hexadecimal in tests.
#pragma once

#include <string_view>

#include "base/bytes.h"

namespace conclave::test {

/// The bytes that `text` spells; tests only pass what parses.
inline Bytes hex(std::string_view text) { return from_hex(text).value(); }

}  // namespace conclave::test
