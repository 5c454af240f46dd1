// Any sequence of messages, packets, feedback and silence from several connections: the relay keeps its promises.
#include "../relay/script.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  conclave::relay::testing::Script({data, size}).run();
  return 0;
}
