#include <cstdlib>

#include "media/opus.h"

/// A row of packets, each behind a byte for its length; the top bit asks for the error correction of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto decoder = conclave::media::OpusDecoder::create(size % 2 == 0 ? 1 : 2);
  if (!decoder.ok()) return 0;
  conclave::ByteView rest(data, size);
  while (!rest.empty()) {
    const bool fec = (rest[0] & 0x80) != 0;
    const auto length = std::min<std::size_t>(rest[0] & 0x7F, rest.size() - 1);
    const auto packet = rest.subspan(1, length);
    rest = rest.subspan(1 + length);
    const auto frame = packet.empty() ? conclave::Result(decoder->conceal({})) : fec ? decoder->decode_fec(packet, {}) : decoder->decode(packet, {});
    if (frame.ok() && frame->samples.size() != static_cast<std::size_t>(960 * decoder->channels())) std::abort();
  }
  return 0;
}
