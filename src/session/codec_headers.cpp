#include "session/codec_units.h"

namespace conclave::session {
namespace {

/// Reads bits, the highest of each byte first. `escaped`: without emulation prevention bytes (H.264 section 7.4.1).
class BitReader {
 public:
  BitReader(ByteView bytes, bool escaped) : bytes_(bytes), escaped_(escaped) {}

  unsigned bit() {
    if (left_ == 0 && !next_byte()) return 0;
    --left_;
    return current_ >> left_ & 1U;
  }
  std::uint32_t bits(unsigned count) {
    std::uint32_t value = 0;
    while (count-- > 0) value = value << 1 | bit();
    return value;
  }
  /// Skips an Exp-Golomb code ue(v).
  void skip_golomb() {
    unsigned zeros = 0;
    while (ok_ && bit() == 0) {
      if (++zeros > 31) ok_ = false;
    }
    if (ok_) bits(zeros);
  }
  [[nodiscard]] bool ok() const { return ok_; }
  /// Whole bytes that were looked at.
  [[nodiscard]] std::size_t consumed() const { return at_; }

 private:
  bool next_byte() {
    if (escaped_ && zeros_ >= 2 && at_ < bytes_.size() && bytes_[at_] == 3) {
      ++at_;
      zeros_ = 0;
    }
    if (at_ >= bytes_.size()) return ok_ = false;
    current_ = bytes_[at_++];
    zeros_ = current_ == 0 ? zeros_ + 1 : 0;
    left_ = 8;
    return true;
  }

  ByteView bytes_;
  bool escaped_;
  std::size_t at_ = 0;
  unsigned current_ = 0, left_ = 0, zeros_ = 0;
  bool ok_ = true;
};

std::optional<std::size_t> first(std::size_t count, ByteView bytes) {
  if (bytes.size() < count) return std::nullopt;
  return count;
}

/// VP9 bitstream specification section 6.2: the colour configuration of a key frame.
void skip_color_config(BitReader& bits, unsigned profile) {
  constexpr unsigned rgb = 7;
  if (profile >= 2) bits.bit();  // ten or twelve bits
  if (bits.bits(3) != rgb) {
    bits.bit();  // colour range
    if (profile == 1 || profile == 3) bits.bits(3);  // subsampling, reserved
  } else if (profile == 1 || profile == 3) {
    bits.bit();
  }
}

}  // namespace

std::optional<std::size_t> clear_opus(ByteView packet) {
  if (packet.empty()) return std::nullopt;
  return first((packet[0] & 3U) == 3 ? 2 : 1, packet);
}

std::optional<std::size_t> clear_vp8(ByteView frame) {
  if (frame.empty()) return std::nullopt;
  return first((frame[0] & 1U) == 0 ? 10 : 1, frame);
}

std::optional<std::size_t> clear_vp9(ByteView frame) {
  BitReader bits(frame, false);
  const bool marked = bits.bits(2) == 2;
  unsigned profile = bits.bit();
  profile |= bits.bit() << 1;
  if (profile == 3) bits.bit();
  const bool shows_existing = bits.bit() != 0;
  const bool key_frame = !shows_existing && bits.bit() == 0;
  if (shows_existing) bits.bits(3);
  if (key_frame) {
    bits.bits(2);  // show frame, error resilience
    bits.bits(24);  // sync code
    skip_color_config(bits, profile);
    bits.bits(32);  // width and height
  }
  if (!bits.ok() || !marked) return std::nullopt;
  return bits.consumed();
}

std::optional<std::size_t> clear_h264(ByteView nal) {
  if (nal.empty()) return std::nullopt;
  const unsigned type = nal[0] & 31U;
  const bool has_slice_header = type == 1 || type == 2 || type == 5 || type == 19;
  if (!has_slice_header) return 1;
  BitReader bits(nal.subspan(1), true);
  for (int i = 0; i < 3; ++i) bits.skip_golomb();  // first macroblock, slice type, picture parameter set
  if (!bits.ok()) return std::nullopt;
  return 1 + bits.consumed();
}

std::optional<std::size_t> clear_h265(ByteView nal) {
  if (nal.size() < 2) return std::nullopt;
  const bool slice = (nal[0] >> 1 & 63U) < 32;
  return first(slice ? 3 : 2, nal);
}

}  // namespace conclave::session
