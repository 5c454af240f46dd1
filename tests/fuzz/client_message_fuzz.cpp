// Whatever decodes is within its documented sizes, so it encodes to something that decodes to the same bytes.
#include <cstdlib>

#include "transport/codec.h"

using namespace conclave;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = transport::decode_client_message({data, size});
  if (!message.ok()) return 0;
  const Bytes once = transport::encode(*message);
  const auto again = transport::decode_client_message(once);
  if (!again.ok() || transport::encode(*again) != once) std::abort();
  return 0;
}
