// Where a packetiser or SFU must be able to read in an encoded frame: as little as each codec allows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "conclave/frame_sealer.h"

namespace conclave::session {

/// A piece of a frame that a packetiser may take apart: a NAL unit, an OBU, or the whole frame. Its first `clear` bytes, after
/// `head`, stay readable.
struct CodecUnit {
  std::array<std::uint8_t, 2> head{};  ///< of an OBU: its header, made uniform (no size field)
  std::size_t head_size = 0;
  std::size_t begin = 0;   ///< offset in the frame, behind `head`
  std::size_t size = 0;
  std::size_t clear = 0;
  bool sealed = false;     ///< false: a parameter set or delimiter, which stays readable as a whole

  [[nodiscard]] std::size_t hidden() const { return size - clear; }
};

/// The units of a frame, on the stack. A frame of more is refused.
class CodecUnits {
 public:
  static constexpr std::size_t most = 256;

  /// Finds them. False for what is no frame of this mode, or has nothing to seal. The same units are found again in a frame whose hidden
  /// bytes have changed. Reads nothing outside of `frame` and at most its length a constant number of times.
  [[nodiscard]] bool find(FrameMode mode, ByteView frame);

  [[nodiscard]] const CodecUnit* begin() const { return units_.data(); }
  [[nodiscard]] const CodecUnit* end() const { return units_.data() + count_; }
  [[nodiscard]] std::size_t size() const { return count_; }
  /// The one that carries the trailer.
  [[nodiscard]] const CodecUnit* last_sealed() const { return last_sealed_ < count_ ? &units_[last_sealed_] : nullptr; }

 private:
  bool add(const CodecUnit& unit);
  bool find_nal_units(FrameMode mode, ByteView frame);
  bool find_obus(ByteView frame);
  bool add_obu(ByteView frame, std::size_t& at);

  std::array<CodecUnit, most> units_;
  std::size_t count_ = 0;
  std::size_t last_sealed_ = most;
};

/// The bytes at the front of a frame or NAL unit that stay readable, or nothing when they are cut short.
std::optional<std::size_t> clear_opus(ByteView packet);   ///< RFC 6716 section 3.1: TOC, and the frame count byte that code 3 adds
std::optional<std::size_t> clear_vp8(ByteView frame);     ///< RFC 6386 section 9.1: 10 bytes of a key frame, 1 of another
std::optional<std::size_t> clear_vp9(ByteView frame);     ///< the uncompressed header, of a key frame up to its size
std::optional<std::size_t> clear_h264(ByteView nal);      ///< NAL header, and of a slice header up to the picture parameter set
std::optional<std::size_t> clear_h265(ByteView nal);      ///< NAL header, and of a slice the byte that says whether a picture begins

}  // namespace conclave::session
