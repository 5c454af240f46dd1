#include "media/opus.h"

#include <opus/opus.h>

#include <array>

namespace conclave::media {

namespace {

::OpusEncoder* encoder_of(void* state) { return static_cast<::OpusEncoder*>(state); }
::OpusDecoder* decoder_of(void* state) { return static_cast<::OpusDecoder*>(state); }

bool allowed_channels(int channels) { return channels == 1 || channels == 2; }
bool allowed_bitrate(int bitrate) { return bitrate >= 6'000 && bitrate <= 256'000; }
bool allowed_percent(int percent) { return percent >= 0 && percent <= 100; }

Error refused(const char* what) { return {ErrorCode::invalid_argument, what}; }

/// True when `packet` is exactly one frame time of sound, by its own table of contents (RFC 6716 section 3).
bool is_one_frame(ByteView packet) {
  if (packet.empty() || packet.size() > max_opus_packet_size) return false;
  return opus_packet_get_nb_samples(packet.data(), static_cast<opus_int32>(packet.size()), audio_sample_rate) ==
         audio_frame_samples;
}

}  // namespace

void OpusEncoder::Free::operator()(void* state) const { opus_encoder_destroy(encoder_of(state)); }
void OpusDecoder::Free::operator()(void* state) const { opus_decoder_destroy(decoder_of(state)); }

Result<OpusEncoder> OpusEncoder::create(const AudioConfig& config) {
  if (!allowed_channels(config.channels)) return refused("audio channels");
  if (!allowed_bitrate(config.bitrate)) return refused("audio bitrate");
  if (!allowed_percent(config.expected_loss_percent)) return refused("expected loss");
  int error = OPUS_OK;
  std::unique_ptr<void, Free> encoder(
      opus_encoder_create(audio_sample_rate, config.channels, OPUS_APPLICATION_VOIP, &error));
  if (!encoder || error != OPUS_OK) return Error{ErrorCode::out_of_resources, "Opus encoder"};
  opus_encoder_ctl(encoder_of(encoder.get()), OPUS_SET_BITRATE(config.bitrate));
  opus_encoder_ctl(encoder_of(encoder.get()), OPUS_SET_VBR(config.constant_bitrate ? 0 : 1));
  opus_encoder_ctl(encoder_of(encoder.get()), OPUS_SET_DTX(0));
  opus_encoder_ctl(encoder_of(encoder.get()), OPUS_SET_INBAND_FEC(config.forward_error_correction ? 1 : 0));
  opus_encoder_ctl(encoder_of(encoder.get()), OPUS_SET_PACKET_LOSS_PERC(config.expected_loss_percent));
  return OpusEncoder(std::move(encoder), config.channels);
}

Result<EncodedAudio> OpusEncoder::encode(const AudioFrame& frame) {
  if (frame.channels != channels_) return refused("another channel count than configured");
  if (frame.samples.size() != static_cast<std::size_t>(audio_frame_samples * channels_)) return refused("frame length");
  std::array<std::uint8_t, max_opus_packet_size> packet;
  const auto size = opus_encode(encoder_of(encoder_.get()), frame.samples.data(), audio_frame_samples, packet.data(),
                                static_cast<opus_int32>(packet.size()));
  if (size <= 0) return Error{ErrorCode::internal, opus_strerror(size)};
  return EncodedAudio{frame.capture_time, Bytes(packet.begin(), packet.begin() + size)};
}

Result<void> OpusEncoder::set_bitrate(int bits_per_second) {
  if (!allowed_bitrate(bits_per_second)) return refused("audio bitrate");
  opus_encoder_ctl(encoder_of(encoder_.get()), OPUS_SET_BITRATE(bits_per_second));
  return {};
}

Result<void> OpusEncoder::set_expected_loss(int percent) {
  if (!allowed_percent(percent)) return refused("expected loss");
  opus_encoder_ctl(encoder_of(encoder_.get()), OPUS_SET_PACKET_LOSS_PERC(percent));
  return {};
}

Result<OpusDecoder> OpusDecoder::create(int channels) {
  if (!allowed_channels(channels)) return refused("audio channels");
  int error = OPUS_OK;
  std::unique_ptr<void, Free> decoder(opus_decoder_create(audio_sample_rate, channels, &error));
  if (!decoder || error != OPUS_OK) return Error{ErrorCode::out_of_resources, "Opus decoder"};
  return OpusDecoder(std::move(decoder), channels);
}

Result<AudioFrame> OpusDecoder::decode(ByteView packet, Time capture_time) {
  if (!is_one_frame(packet)) return Error{ErrorCode::malformed, "not one Opus frame of 20 ms"};
  return run(packet, capture_time, false);
}

Result<AudioFrame> OpusDecoder::decode_fec(ByteView next_packet, Time capture_time) {
  if (!is_one_frame(next_packet)) return Error{ErrorCode::malformed, "not one Opus frame of 20 ms"};
  return run(next_packet, capture_time, true);
}

AudioFrame OpusDecoder::conceal(Time capture_time) {
  auto made_up = run({}, capture_time, false);
  if (made_up.ok()) return std::move(made_up).value();
  return {capture_time, channels_,
          std::vector<std::int16_t>(static_cast<std::size_t>(audio_frame_samples * channels_))};
}

Result<AudioFrame> OpusDecoder::run(ByteView packet, Time capture_time, bool fec) {
  AudioFrame frame{capture_time, channels_, {}};
  frame.samples.resize(static_cast<std::size_t>(audio_frame_samples * channels_));
  const auto samples =
      opus_decode(decoder_of(decoder_.get()), packet.empty() ? nullptr : packet.data(),
                  static_cast<opus_int32>(packet.size()), frame.samples.data(), audio_frame_samples, fec ? 1 : 0);
  if (samples != audio_frame_samples) return Error{ErrorCode::malformed, "Opus packet does not decode"};
  return frame;
}

}  // namespace conclave::media
