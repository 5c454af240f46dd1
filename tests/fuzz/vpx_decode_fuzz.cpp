#include <cstdlib>

#include "media/picture.h"
#include "media/vpx_decoder.h"

/// The codec, then frames, each behind two bytes for its length.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  auto decoder = conclave::media::VpxDecoder::create(data[0] % 2 == 0 ? conclave::VideoCodec::vp8 : conclave::VideoCodec::vp9);
  if (!decoder.ok()) return 0;
  conclave::ByteView rest(data + 1, size - 1);
  for (int frames = 0; rest.size() >= 2 && frames < 16; ++frames) {
    const auto length = std::min<std::size_t>(static_cast<std::size_t>(rest[0] << 8 | rest[1]), rest.size() - 2);
    const auto shown = decoder->decode(rest.subspan(2, length), {});
    if (shown.ok() && !conclave::media::is_well_formed(*shown)) std::abort();
    rest = rest.subspan(2 + length);
  }
  return 0;
}
