#include "media/frame_payload.h"

#include <bit>

namespace conclave::media {

namespace {

constexpr std::uint8_t version = 1;
constexpr std::size_t time_size = 8;
constexpr std::size_t largest_opus_packet = 1275;  // RFC 6716 section 3.4
constexpr std::int64_t time_limit = std::int64_t{1} << 53;

constexpr std::size_t header_size(PayloadKind kind) { return 1 + time_size + (kind == PayloadKind::opus ? 1 : 0); }

bool allowed_time(std::int64_t us) { return us >= -time_limit && us <= time_limit; }

bool allowed_channels(PayloadKind kind, int channels) {
  return kind == PayloadKind::opus ? channels == 1 || channels == 2 : channels == 0;
}

bool allowed_data(PayloadKind kind, std::size_t size) {
  if (size == 0) return false;
  return kind == PayloadKind::opus ? size <= largest_opus_packet : size <= max_frame_payload_size - header_size(kind);
}

Error malformed(const char* what) { return {ErrorCode::malformed, what}; }

std::int64_t read_time(ByteView bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < time_size; ++i) value = value << 8 | bytes[i];
  return std::bit_cast<std::int64_t>(value);
}

}  // namespace

Result<Bytes> write_frame_payload(const FramePayload& payload) {
  const auto us = payload.capture_time.time_since_epoch().count();
  if (!allowed_time(us)) return Error{ErrorCode::invalid_argument, "capture time out of range"};
  if (!allowed_channels(payload.kind, payload.channels)) return Error{ErrorCode::invalid_argument, "channel count"};
  if (!allowed_data(payload.kind, payload.data.size())) return Error{ErrorCode::invalid_argument, "size of the data"};
  Bytes out;
  out.reserve(header_size(payload.kind) + payload.data.size());
  out.push_back(static_cast<std::uint8_t>(version << 4 | static_cast<unsigned>(payload.kind)));
  const auto time = std::bit_cast<std::uint64_t>(us);
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(time >> shift));
  if (payload.kind == PayloadKind::opus) out.push_back(static_cast<std::uint8_t>(payload.channels));
  out.insert(out.end(), payload.data.begin(), payload.data.end());
  return out;
}

Result<Bytes> write_audio_payload(const EncodedAudio& frame, int channels) {
  return write_frame_payload({PayloadKind::opus, frame.capture_time, channels, frame.data});
}

Result<Bytes> write_video_payload(const EncodedVideo& frame, VideoCodec codec) {
  return write_frame_payload({kind_of(codec), frame.capture_time, 0, frame.data});
}

Result<FramePayload> read_frame_payload(ByteView plaintext) {
  if (plaintext.empty()) return malformed("empty frame");
  if (plaintext[0] >> 4 != version) return Error{ErrorCode::unsupported, "version of the frame payload"};
  const auto number = plaintext[0] & 0x0F;
  if (number < 1 || number > 3) return Error{ErrorCode::unsupported, "kind of the frame payload"};
  FramePayload payload;
  payload.kind = static_cast<PayloadKind>(number);
  const auto header = header_size(payload.kind);
  if (plaintext.size() <= header) return malformed("frame payload too short");
  const auto us = read_time(plaintext.subspan(1));
  if (!allowed_time(us)) return malformed("capture time out of range");
  payload.capture_time = Time(Duration(us));
  payload.channels = payload.kind == PayloadKind::opus ? plaintext[header - 1] : 0;
  if (!allowed_channels(payload.kind, payload.channels)) return malformed("channel count");
  payload.data = plaintext.subspan(header);
  if (!allowed_data(payload.kind, payload.data.size())) return malformed("size of the data");
  return payload;
}

}  // namespace conclave::media
