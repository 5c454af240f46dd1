#include "conference/sending_stream.h"

#include "base/result.h"
#include "media/frame_payload.h"

namespace conclave::conference {
namespace {

constexpr std::uint8_t audio_priority = 7;
constexpr std::uint8_t video_priority = 3;

}  // namespace

Result<void> SendingStream::send(const EncodedAudio& frame, int channels, Uplink& uplink, Time now, ConferenceOutputs& out) {
  CONCLAVE_ASSIGN(plaintext, media::write_audio_payload(frame, channels));
  FrameInfo info;
  info.keyframe = true;
  info.discardable = true;
  info.priority = audio_priority;
  CONCLAVE_TRY(send(info, plaintext, uplink, now, out));
  ++report_.frames_sent;
  return {};
}

Result<void> SendingStream::send(const EncodedVideo& frame, std::uint8_t spatial_layer, VideoCodec codec, Uplink& uplink, Time now, ConferenceOutputs& out) {
  CONCLAVE_ASSIGN(plaintext, media::write_video_payload(frame, codec));
  FrameInfo info;
  info.keyframe = frame.keyframe;
  info.discardable = frame.discardable;
  info.layer_sync = frame.layer_sync;
  info.temporal_layer = frame.temporal_layer;
  info.spatial_layer = spatial_layer;
  info.base_layer_index = frame.base_layer_index;
  info.priority = video_priority;
  CONCLAVE_TRY(send(info, plaintext, uplink, now, out));
  if (frame.keyframe) ++report_.keyframes;
  if (last_picture_ != frame.capture_time) ++report_.frames_sent;
  last_picture_ = frame.capture_time;
  return {};
}

Result<void> SendingStream::send(FrameInfo info, const Bytes& plaintext, Uplink& uplink, Time now, ConferenceOutputs& out) {
  if (!sealer_) return Error{ErrorCode::invalid_state, "the stream has no keys yet"};
  info.stream_id = id_;
  info.frame_number = next_frame_number_++;
  CONCLAVE_ASSIGN(sealed, sealer_->seal(info, plaintext));
  CONCLAVE_ASSIGN(packets, packetizer_.split(sealed, max_payload_size_));
  for (MediaPacket& packet : packets) {
    cache_.add(packet, now);
    ++report_.packets_sent;
    report_.bytes_sent += packet.payload.size();
    uplink.send(std::move(packet), !video_, now, out);
  }
  return {};
}

void SendingStream::resend(const std::vector<std::uint32_t>& sequences, Uplink& uplink, Time now, ConferenceOutputs& out) {
  for (const std::uint32_t sequence : sequences) {
    std::optional<MediaPacket> packet = cache_.find(sequence, now);
    if (!packet) continue;
    ++report_.retransmissions;
    report_.bytes_sent += packet->payload.size();
    uplink.resend(std::move(*packet), now, out);
  }
}

}  // namespace conclave::conference
