#include <cstdlib>

#include "media/frame_payload.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const conclave::ByteView input(data, size);
  const auto payload = conclave::media::read_frame_payload(input);
  if (!payload.ok()) return 0;
  const auto again = conclave::media::write_frame_payload(*payload);
  if (!again.ok() || !std::equal(again->begin(), again->end(), input.begin(), input.end())) std::abort();
  return 0;
}
