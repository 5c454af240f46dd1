// Any text as a link: parsed or refused; what parses has one spelling.
#include <cstdlib>

#include "base/bytes.h"
#include "conclave/link.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto link = conclave::Link::parse(text);
  if (link.ok() && link->text() != text) std::abort();
  return 0;
}
