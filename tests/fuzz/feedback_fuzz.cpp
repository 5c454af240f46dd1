// Feedback has one spelling: whatever decodes encodes to the same bytes.
#include <algorithm>
#include <cstdlib>

#include "transport/feedback.h"

using namespace conclave;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto items = transport::decode_feedback({data, size});
  if (!items.ok()) return 0;
  const auto bytes = transport::encode_feedback(*items);
  if (!bytes.ok() || !std::equal(bytes->begin(), bytes->end(), data, data + size)) std::abort();
  return 0;
}
