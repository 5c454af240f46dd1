// Whatever reads as an MLS message, or a part of one, must write the same bytes.
#include <cstdlib>

#include "base/bytes.h"
#include "mls/framing/message.h"

using namespace conclave;
using namespace conclave::mls;

namespace {

template <class T>
void round_trip(ByteView bytes) {
  const auto value = wire::decode<T>(bytes);
  if (value.ok() && !equal(wire::encode(*value), bytes)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes(data + 1, size - 1);
  switch (data[0] % 8) {
    case 0: round_trip<MlsMessage>(bytes); break;
    case 1: round_trip<KeyPackage>(bytes); break;
    case 2: round_trip<GroupInfo>(bytes); break;
    case 3: round_trip<Welcome>(bytes); break;
    case 4: round_trip<Commit>(bytes); break;
    case 5: round_trip<Proposal>(bytes); break;
    case 6: round_trip<AuthenticatedContent>(bytes); break;
    default: round_trip<GroupSecrets>(bytes); break;
  }
  return 0;
}
