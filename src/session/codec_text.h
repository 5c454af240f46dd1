// The byte streams around a codec's units: start codes, emulation prevention, sizes of OBUs.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstring>

#include "session/codec_units.h"

namespace conclave::session {

/// Ends each sealed NAL unit: a unit's last byte is never zero (H.264 section 7.4.1).
inline constexpr std::array<std::uint8_t, 1> stop_byte{0x80};

constexpr std::size_t leb128_size(std::size_t value) {
  std::size_t size = 1;
  while (value >>= 7) ++size;
  return size;
}

/// Appends to a buffer that is large enough. The source may lie further behind in the same buffer.
class CodecWriter {
 public:
  explicit CodecWriter(ByteSpan out) : out_(out) {}

  void put(ByteView bytes) {
    assert(bytes.size() <= out_.size() - size_);
    if (!bytes.empty()) std::memmove(out_.data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    for (const std::uint8_t byte : out_.subspan(size_ - std::min<std::size_t>(bytes.size(), 2), std::min<std::size_t>(bytes.size(), 2))) {
      zeros_ = byte == 0 ? zeros_ + 1 : 0;
    }
  }
  /// Without two zeros in front of a byte up to 3: an emulation prevention byte goes between.
  void put_escaped(ByteView bytes) {
    for (const std::uint8_t byte : bytes) {
      if (zeros_ >= 2 && byte <= 3) put_byte(3);
      put_byte(byte);
    }
  }
  void start_code() {
    constexpr std::array<std::uint8_t, 4> code{0, 0, 0, 1};
    put(code);
  }
  void obu_header(const CodecUnit& unit, std::size_t body) {
    put_byte(static_cast<std::uint8_t>(unit.head[0] | 2U));
    if (unit.head_size > 1) put_byte(unit.head[1]);
    for (; body >= 128; body >>= 7) put_byte(static_cast<std::uint8_t>(body | 128U));
    put_byte(static_cast<std::uint8_t>(body));
  }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  void put_byte(std::uint8_t byte) {
    assert(size_ < out_.size());
    out_[size_++] = byte;
    zeros_ = byte == 0 ? zeros_ + 1 : 0;
  }

  ByteSpan out_;
  std::size_t size_ = 0;
  unsigned zeros_ = 0;
};

/// Hands every byte of a sealed NAL unit behind its first `clear` ones to `take`, without emulation prevention and without the stop byte.
template <class Take>
void unescape(ByteView unit, std::size_t clear, const Take& take) {
  unsigned zeros = 0;
  for (std::size_t i = clear - std::min<std::size_t>(clear, 2); i + 1 < unit.size(); ++i) {
    const std::uint8_t byte = unit[i];
    if (i >= clear && zeros >= 2 && byte == 3) {
      zeros = 0;
      continue;
    }
    zeros = byte == 0 ? zeros + 1 : 0;
    if (i >= clear) take(byte);
  }
}

inline std::size_t unescaped_size(ByteView unit, std::size_t clear) {
  std::size_t size = 0;
  unescape(unit, clear, [&](std::uint8_t) { ++size; });
  return size;
}

/// The first `out.size()` of the unescaped bytes; there are as many.
inline void unescape_front(ByteView unit, std::size_t clear, ByteSpan out) {
  std::size_t at = 0;
  unescape(unit, clear, [&](std::uint8_t byte) {
    if (at < out.size()) out[at++] = byte;
  });
}

/// The last `out.size()` of them.
inline void unescape_end(ByteView unit, std::size_t clear, ByteSpan out) {
  std::size_t skip = unescaped_size(unit, clear) - out.size();
  std::size_t at = 0;
  unescape(unit, clear, [&](std::uint8_t byte) {
    if (skip > 0) {
      --skip;
    } else {
      out[at++] = byte;
    }
  });
}

}  // namespace conclave::session
