#include "media/vpx_header.h"

namespace conclave::media {

namespace {

Error malformed(const char* what) { return {ErrorCode::malformed, what}; }
Error unsupported(const char* what) { return {ErrorCode::unsupported, what}; }

/// Reads bits from the most significant on; beyond the end they are zero and `overrun()` tells.
class BitReader {
 public:
  explicit BitReader(ByteView bytes) : bytes_(bytes) {}

  unsigned read(unsigned count) {
    unsigned value = 0;
    for (unsigned i = 0; i < count; ++i) value = value << 1 | bit();
    return value;
  }
  void skip(std::size_t count) { position_ += count; }
  [[nodiscard]] bool overrun() const { return position_ > bytes_.size() * 8; }

 private:
  unsigned bit() {
    const auto at = position_++;
    if (at >= bytes_.size() * 8) return 0;
    return static_cast<unsigned>(bytes_[at / 8] >> (7 - at % 8)) & 1U;
  }
  ByteView bytes_;
  std::size_t position_ = 0;
};

constexpr unsigned vp9_marker = 2;
constexpr unsigned vp9_sync_code = 0x498342;
constexpr unsigned vp9_srgb = 7;

Result<CodedSize> vp8_size(ByteView frame) {
  if (frame.size() < 3) return malformed("VP8 frame too short");
  const bool keyframe = (frame[0] & 1) == 0;
  if (!keyframe) return CodedSize{};
  if (frame.size() < 10) return malformed("VP8 keyframe too short");
  if (frame[3] != 0x9D || frame[4] != 0x01 || frame[5] != 0x2A) return malformed("VP8 start code");
  return CodedSize{(frame[6] | frame[7] << 8) & 0x3FFF, (frame[8] | frame[9] << 8) & 0x3FFF};
}

/// VP9 annex B: the last byte of a superframe stands again at the start of its index.
bool is_superframe(ByteView frame) {
  const unsigned last = frame.back();
  if ((last & 0xE0) != 0xC0) return false;
  const std::size_t index = 2 + ((last >> 3 & 3) + 1) * ((last & 7) + 1);
  return frame.size() >= index && frame[frame.size() - index] == last;
}

CodedSize read_size(BitReader& bits) {
  const int width = static_cast<int>(bits.read(16)) + 1;
  const int height = static_cast<int>(bits.read(16)) + 1;
  return {width, height};
}

/// VP9 section 6.2.5, after the references: a size is declared only where none of the three lends its own.
CodedSize read_size_with_references(BitReader& bits) {
  for (int reference = 0; reference < 3; ++reference) {
    if (bits.read(1) != 0) return {};
  }
  return read_size(bits);
}

Result<CodedSize> vp9_size(ByteView frame) {
  if (frame.empty()) return malformed("VP9 frame too short");
  if (is_superframe(frame)) return unsupported("VP9 superframe");
  BitReader bits(frame);
  if (bits.read(2) != vp9_marker) return malformed("VP9 frame marker");
  if (bits.read(2) != 0) return unsupported("VP9 profile");
  if (bits.read(1) != 0) return unsupported("VP9 frame that only repeats another");
  const bool keyframe = bits.read(1) == 0;
  const bool shown = bits.read(1) != 0;
  const bool error_resilient = bits.read(1) != 0;
  CodedSize size;
  if (keyframe) {
    if (bits.read(24) != vp9_sync_code) return malformed("VP9 sync code");
    if (bits.read(3) == vp9_srgb) return unsupported("VP9 colour space");
    bits.skip(1);  // color_range
    size = read_size(bits);
  } else {
    const bool intra_only = !shown && bits.read(1) != 0;
    if (!error_resilient) bits.skip(2);  // reset_frame_context
    if (intra_only && bits.read(24) != vp9_sync_code) return malformed("VP9 sync code");
    bits.skip(8);                    // refresh_frame_flags
    if (!intra_only) bits.skip(12);  // three references with their sign
    size = intra_only ? read_size(bits) : read_size_with_references(bits);
  }
  if (bits.overrun()) return malformed("VP9 header too short");
  return size;
}

}  // namespace

Result<CodedSize> coded_size(VideoCodec codec, ByteView frame) {
  return codec == VideoCodec::vp8 ? vp8_size(frame) : vp9_size(frame);
}

}  // namespace conclave::media
