// A link as a QR code of characters, for a telephone's camera.
#pragma once

#include <string>

namespace conclave::call {

/// Lines of UTF-8 half blocks, light on dark with a quiet zone of four modules, each line ended; empty when the text is too long for a code.
std::string qr_text(const std::string& text);

}  // namespace conclave::call
