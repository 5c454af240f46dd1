// Any bytes as a name or a chat message: inert in one step, with links only where they are harmless.
#include <cstdlib>

#include "base/bytes.h"
#include "conclave/text.h"
#include "room/text.h"

using namespace conclave;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  const std::string text = inert_text(input);
  if (inert_text(as_bytes(text)) != text || text.size() > max_text_size) std::abort();
  for (const TextSpan& span : safe_links(text)) {
    if (text.compare(span.offset, 8, "https://") != 0 || span.offset + span.size > text.size()) std::abort();
  }
  const std::string name = room::inert_name(input);
  if (!confusable_names(name, name)) std::abort();
  (void)is_reserved_name(name);
  return 0;
}
