#include "session/codec_frame.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/secret.h"
#include "crypto/hash.h"
#include "session/codec_text.h"
#include "sframe/overlap.h"

namespace conclave::session {
namespace {

using sframe::OpenResult;
using sframe::OpenStatus;

constexpr std::size_t max_trailer_size = sframe::max_header_size + sframe::max_tag_size + 1;

bool escapes(FrameMode mode) { return mode == FrameMode::h264 || mode == FrameMode::h265; }

/// What is authenticated beside the hidden bytes.
class Authenticated {
 public:
  explicit Authenticated(FrameMode mode) { bytes_[0] = static_cast<std::uint8_t>(mode); }

  /// Takes a unit in; its hidden bytes count `hidden` once opened.
  void add(const CodecUnit& unit, ByteView frame, std::size_t hidden) {
    std::array<std::uint8_t, 19> front{};
    std::copy_n(&bytes_[1], 32, chain_.begin());
    for (std::size_t i = 0; i < 8; ++i) front[i] = static_cast<std::uint8_t>(std::uint64_t{hidden} >> (56 - 8 * i));
    for (std::size_t i = 0; i < 8; ++i) front[8 + i] = static_cast<std::uint8_t>(std::uint64_t{unit.clear} >> (56 - 8 * i));
    front[16] = static_cast<std::uint8_t>(unit.head_size);
    std::copy_n(unit.head.begin(), unit.head_size, &front[17]);
    const crypto::Digest next = crypto::hash(crypto::HashAlgorithm::sha256, {chain_, front, frame.subspan(unit.begin, unit.clear)});
    std::copy_n(next.view().begin(), 32, &bytes_[1]);
  }
  ByteView with(ByteView metadata) {
    std::copy(metadata.begin(), metadata.end(), &bytes_[33]);
    return ByteView(bytes_).first(33 + metadata.size());
  }

 private:
  std::array<std::uint8_t, 32> chain_{};
  std::array<std::uint8_t, 33 + max_app_metadata_size> bytes_{};
};

/// Writes units of one mode to a buffer that is known to be large enough.
void write_front(CodecWriter& out, FrameMode mode, const CodecUnit& unit, std::size_t body) {
  if (escapes(mode)) out.start_code();
  if (mode == FrameMode::av1) out.obu_header(unit, body);
}

void write_sealed_unit(CodecWriter& out, FrameMode mode, const CodecUnit& unit, ByteView frame, ByteView hidden, ByteView trailer) {
  write_front(out, mode, unit, unit.clear + hidden.size() + trailer.size());
  out.put(frame.subspan(unit.begin, unit.clear));
  if (!unit.sealed) return;
  if (!escapes(mode)) {
    out.put(hidden);
    return out.put(trailer);
  }
  out.put_escaped(hidden);
  out.put_escaped(trailer);
  out.put(stop_byte);
}

/// One codec-aware frame on its way in.
struct Incoming {
  CodecUnits units;
  std::array<std::uint8_t, max_trailer_size> trailer{};
  std::size_t trailer_size = 0;  ///< header and tag, without the size byte
  std::size_t header_size = 0;
  std::size_t hidden = 0;        ///< of all units
  std::size_t plain_size = 0;    ///< of the frame that comes out

  bool read(FrameMode mode, ByteView sealed);
  bool read_trailer(FrameMode mode, ByteView sealed);
  [[nodiscard]] std::size_t hidden_of(FrameMode mode, ByteView sealed, const CodecUnit& unit) const;
};

/// The hidden bytes of a unit in a sealed frame, unescaped, and the trailer with them.
std::size_t body_size(FrameMode mode, ByteView sealed, const CodecUnit& unit) {
  if (!escapes(mode)) return unit.hidden();
  return unescaped_size(sealed.subspan(unit.begin, unit.size), unit.clear);
}

std::size_t Incoming::hidden_of(FrameMode mode, ByteView sealed, const CodecUnit& unit) const {
  if (!unit.sealed) return 0;
  const std::size_t body = body_size(mode, sealed, unit);
  return &unit == units.last_sealed() ? body - trailer_size - 1 : body;
}

bool Incoming::read(FrameMode mode, ByteView sealed) {
  if (!units.find(mode, sealed)) return false;
  for (const CodecUnit& unit : units) {
    if (unit.sealed && escapes(mode) && (unit.hidden() == 0 || sealed[unit.begin + unit.size - 1] != stop_byte[0])) return false;
  }
  if (!read_trailer(mode, sealed)) return false;
  for (const CodecUnit& unit : units) {
    const std::size_t inside = hidden_of(mode, sealed, unit);
    const std::size_t body = unit.clear + inside;
    hidden += inside;
    plain_size += body + (escapes(mode) ? 4 : 0) + (mode == FrameMode::av1 ? unit.head_size + leb128_size(body) : 0);
  }
  return true;
}

bool Incoming::read_trailer(FrameMode mode, ByteView sealed) {
  const CodecUnit& last = *units.last_sealed();
  const ByteView unit = sealed.subspan(last.begin, last.size);
  const std::size_t body = body_size(mode, sealed, last);
  const std::size_t kept = std::min(body, trailer.size());
  if (kept == 0) return false;
  if (escapes(mode)) {
    unescape_end(unit, last.clear, ByteSpan(trailer).first(kept));
  } else {
    std::ranges::copy(unit.last(kept), trailer.begin());
  }
  const std::size_t size = trailer[kept - 1];
  if (size == 0 || size + 1 > kept) return false;
  std::move(trailer.begin() + static_cast<std::ptrdiff_t>(kept - 1 - size), trailer.begin() + static_cast<std::ptrdiff_t>(kept), trailer.begin());
  trailer_size = size;
  const auto header = sframe::read_header(ByteView(trailer).first(size));
  if (!header) return false;
  header_size = header->size;
  return true;
}

}  // namespace

Result<std::size_t> seal_codec_frame(sframe::Sealer& sealer, FrameMode mode, ByteView frame, ByteView metadata, ByteSpan out) {
  const std::size_t room = max_sealed_size(frame.size(), mode);
  if (out.size() < room) return Error{ErrorCode::buffer_too_small, std::to_string(room) + " bytes are needed"};
  if (metadata.size() > max_app_metadata_size) return Error{ErrorCode::limit_exceeded, "the metadata is too long"};
  if (sframe::overlap(frame, out)) return Error{ErrorCode::invalid_argument, "a codec-aware frame and its sealed form lie apart"};
  CodecUnits units;
  if (!units.find(mode, frame)) return Error{ErrorCode::malformed, "this is no frame of the sealer's codec"};

  Authenticated authenticated(mode);
  std::size_t hidden = 0;
  for (const CodecUnit& unit : units) {
    authenticated.add(unit, frame, unit.hidden());
    hidden += unit.hidden();
  }
  // What is hidden is sealed at the buffer's end; the frame grows towards it from the front and never overtakes it.
  const ByteSpan sealed = out.subspan(room - hidden, hidden);
  std::size_t at = 0;
  for (const CodecUnit& unit : units) {
    std::ranges::copy(frame.subspan(unit.begin + unit.clear, unit.hidden()), sealed.begin() + static_cast<std::ptrdiff_t>(at));
    at += unit.hidden();
  }
  std::array<std::uint8_t, max_trailer_size> trailer{};
  CONCLAVE_ASSIGN(size, sealer.seal_apart(sealed, authenticated.with(metadata), trailer));
  trailer[size] = static_cast<std::uint8_t>(size);
  CodecWriter writer(out);
  at = 0;
  for (const CodecUnit& unit : units) {
    const ByteView end = &unit == units.last_sealed() ? ByteView(trailer).first(size + 1) : ByteView();
    write_sealed_unit(writer, mode, unit, frame, sealed.subspan(at, unit.hidden()), end);
    at += unit.hidden();
  }
  return writer.size();
}

OpenResult open_codec_frame(sframe::Opener& opener, FrameMode mode, ByteView sealed, ByteView metadata, ByteSpan out,
                            std::uint64_t expected) {
  Incoming frame;
  OpenResult result;
  if (metadata.size() > max_app_metadata_size || sframe::overlap(sealed, out) || !frame.read(mode, sealed)) return result;
  if (out.size() < frame.plain_size) {
    result.status = OpenStatus::buffer_too_small;
    result.size = frame.plain_size;
    return result;
  }
  Authenticated authenticated(mode);
  const ByteSpan hidden = out.subspan(frame.plain_size - frame.hidden, frame.hidden);
  std::size_t at = 0;
  for (const CodecUnit& unit : frame.units) {
    const std::size_t inside = frame.hidden_of(mode, sealed, unit);
    authenticated.add(unit, sealed, inside);
    const ByteView bytes = sealed.subspan(unit.begin, unit.size);
    if (escapes(mode)) {
      if (unit.sealed) unescape_front(bytes, unit.clear, hidden.subspan(at, inside));
    } else {
      std::ranges::copy(bytes.subspan(unit.clear, inside), hidden.begin() + static_cast<std::ptrdiff_t>(at));
    }
    at += inside;
  }
  const ByteView trailer = ByteView(frame.trailer).first(frame.trailer_size);
  result = opener.open_apart({trailer.first(frame.header_size), hidden, trailer.subspan(frame.header_size)}, authenticated.with(metadata), hidden, expected);
  if (!result.opened()) {
    wipe(out.first(frame.plain_size));
    return result;
  }
  CodecWriter writer(out);
  at = 0;
  for (const CodecUnit& unit : frame.units) {
    const std::size_t inside = frame.hidden_of(mode, sealed, unit);
    write_front(writer, mode, unit, unit.clear + inside);
    writer.put(sealed.subspan(unit.begin, unit.clear));
    writer.put(hidden.subspan(at, inside));
    at += inside;
  }
  result.size = writer.size();
  return result;
}

}  // namespace conclave::session
