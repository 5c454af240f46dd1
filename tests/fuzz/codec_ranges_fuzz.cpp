// Any bytes as an encoded frame of any codec: its units lie inside it, it comes back as it was sealed (but for start codes, OBU sizes and
// what carries nothing), nothing is written past a buffer, and any bytes as a sealed frame are never opened. The first byte chooses the codec.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "session/codec_frame.h"

using namespace conclave;
using namespace conclave::session;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

struct Call {
  sframe::NewEpoch epoch = sframe::EpochKeys::create(sframe::default_cipher_suite, 3, sframe::EpochSecret(16), {4, 6}).value();
  sframe::Sealer sealer = epoch.sealing.make_sealer(5, 1).value();
  sframe::Opener opener;
  Call() { require(opener.add_epoch(epoch.keys).ok() && opener.allow(3, 5).ok()); }
};

/// The content of two frames is the same: units, and their bytes.
bool same(FrameMode mode, ByteView a, ByteView b) {
  CodecUnits left, right;
  if (!left.find(mode, a) || !right.find(mode, b) || left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const CodecUnit& x = left.begin()[i];
    const CodecUnit& y = right.begin()[i];
    if (!std::ranges::equal(a.subspan(x.begin, x.size), b.subspan(y.begin, y.size)) || x.head != y.head) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Call call;
  if (size < 1) return 0;
  const auto mode = static_cast<FrameMode>(1 + data[0] % 6);
  const ByteView input(data + 1, size - 1);
  Bytes out(input.size() + 64, 0xEE);
  require(!open_codec_frame(call.opener, mode, input, {}, out, sframe::Opener::anybody).opened());
  CodecUnits units;
  if (!units.find(mode, input)) return 0;
  for (const CodecUnit& unit : units) require(unit.begin + unit.size <= input.size() && unit.clear <= unit.size);
  Bytes sealed(max_sealed_size(input.size(), mode));
  const auto sealed_size = seal_codec_frame(call.sealer, mode, input, {}, sealed);
  require(sealed_size.ok());
  sealed.resize(*sealed_size);
  out.assign(sealed.size() + 4 * CodecUnits::most, 0);
  const auto result = open_codec_frame(call.opener, mode, sealed, {}, out, sframe::Opener::anybody);
  require(result.opened() && same(mode, input, ByteView(out).first(result.size)));
  return 0;
}
