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
  if (value.ok() && !equal(wire::encode_secret(*value).expose(), bytes)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes(data + 1, size - 1);
  switch (data[0] % 16) {
    case 0: round_trip<MlsMessage>(bytes); break;
    case 1: round_trip<KeyPackage>(bytes); break;
    case 2: round_trip<GroupInfo>(bytes); break;
    case 3: round_trip<Welcome>(bytes); break;
    case 4: round_trip<Commit>(bytes); break;
    case 5: round_trip<Proposal>(bytes); break;
    case 6: round_trip<AuthenticatedContent>(bytes); break;
    case 7: round_trip<GroupSecrets>(bytes); break;
    case 8: round_trip<LeafNode>(bytes); break;
    case 9: round_trip<ParentNode>(bytes); break;
    case 10: round_trip<UpdatePath>(bytes); break;
    case 11: round_trip<GroupContext>(bytes); break;
    case 12: round_trip<PreSharedKeyId>(bytes); break;
    case 13: round_trip<RequiredCapabilities>(bytes); break;
    case 14: round_trip<ExternalSenders>(bytes); break;
    default: round_trip<Extensions>(bytes); break;
  }
  return 0;
}
