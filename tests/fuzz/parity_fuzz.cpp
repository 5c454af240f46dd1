// Any packets and any parity: what is made of them is what a packet can be, and no more than there was parity.
#include <algorithm>
#include <cstdlib>

#include "transport/fec/recovery.h"

using namespace conclave;
using namespace conclave::transport;

namespace {

void promise(bool kept) {
  if (!kept) std::abort();
}

}  // namespace

/// Packets of a byte that says what it is, one for its sequence, one for its size, and as much payload as there is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fec::Recovery recovery;
  std::size_t parity = 0;
  std::size_t made = 0;
  while (size >= 3) {
    MediaPacket packet;
    packet.header.frame.stream_id = 7;
    packet.header.fec = (data[0] & 1) != 0;
    packet.header.start = (data[0] & 4) != 0;
    packet.header.frame.keyframe = (data[0] & 8) != 0;
    packet.header.stream_sequence = (data[0] & 2) != 0 ? 0xffff00U + data[1] : data[1];
    const std::size_t taken = std::min<std::size_t>(data[2], size - 3);
    packet.payload = SealedPayload::received(ByteView(data + 3, taken));
    data += 3 + taken;
    size -= 3 + taken;
    parity += packet.header.fec ? 1U : 0U;
    for (const MediaPacket& each : recovery.push(packet)) {
      ++made;
      promise(!each.header.fec && each.header.retransmission && each.header.frame.stream_id == 7);
      promise(each.payload.size() > 0 && each.payload.size() <= max_media_payload_size);
    }
    promise(made <= parity);
  }
  return 0;
}
