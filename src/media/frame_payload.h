// The plaintext of a sealed frame: what only the members of the meeting may know of it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "conclave/media.h"

namespace conclave::media {

enum class PayloadKind : std::uint8_t { opus = 1, vp8 = 2, vp9 = 3 };

/// ```
/// struct {
///   uint8 version_and_kind;   // version 1 in the high four bits, PayloadKind in the low ones
///   int64 capture_time;       // us on the sender's capture clock, big-endian, within ± 2^53
///   uint8 channels;           // opus only: 1 or 2
///   opaque data[];            // the codec's bytes, not empty
/// } FramePayload;
/// ```
/// All fields have fixed sizes, so that the sealed size of sound is constant when Opus is (RFC 6562).
struct FramePayload {
  PayloadKind kind = PayloadKind::opus;
  Time capture_time{};
  int channels = 0;  ///< 0 for pictures
  ByteView data;     ///< a window on what was read
};

/// The largest plaintext that is written or read, in bytes.
inline constexpr std::size_t max_frame_payload_size = (std::size_t{2} << 20) - 256;

/// `invalid_argument` for empty or oversized data, a channel count or a capture time outside the range above.
Result<Bytes> write_frame_payload(const FramePayload& payload);
Result<Bytes> write_audio_payload(const EncodedAudio& frame, int channels);
Result<Bytes> write_video_payload(const EncodedVideo& frame, VideoCodec codec);

/// Strict. `unsupported` for another version or kind, else `malformed`. The result looks into `plaintext`.
Result<FramePayload> read_frame_payload(ByteView plaintext);

constexpr PayloadKind kind_of(VideoCodec codec) {
  return codec == VideoCodec::vp8 ? PayloadKind::vp8 : PayloadKind::vp9;
}

/// Only for pictures.
constexpr VideoCodec codec_of(PayloadKind kind) { return kind == PayloadKind::vp8 ? VideoCodec::vp8 : VideoCodec::vp9; }

}  // namespace conclave::media
