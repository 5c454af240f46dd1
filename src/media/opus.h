// Sound to packets and back: Opus (RFC 6716) at 48 kHz in frames of 20 ms.
#pragma once

#include <memory>

#include "base/result.h"
#include "conclave/media.h"

namespace conclave::media {

/// The largest packet of one 20 ms frame, in bytes (RFC 6716 section 3.4).
inline constexpr std::size_t max_opus_packet_size = 1275;

class OpusEncoder {
 public:
  /// `invalid_argument` for a configuration outside the ranges of `AudioConfig`. Discontinuous transmission is off:
  /// silence costs as much as speech, and shows as little.
  static Result<OpusEncoder> create(const AudioConfig& config);

  /// One frame in, one packet out. With a constant bitrate every packet has the same size. `invalid_argument` for a
  /// frame of another channel count or length than configured.
  Result<EncodedAudio> encode(const AudioFrame& frame);

  /// 6,000–256,000 bit/s; takes effect with the next frame.
  Result<void> set_bitrate(int bits_per_second);
  /// 0–100: how much of the bitrate goes into in-band error correction.
  Result<void> set_expected_loss(int percent);

 private:
  struct Free {
    void operator()(void* state) const;
  };
  OpusEncoder(std::unique_ptr<void, Free> encoder, int channels) : encoder_(std::move(encoder)), channels_(channels) {}
  std::unique_ptr<void, Free> encoder_;  ///< of libopus, whose type has the same name
  int channels_;
};

/// The sound of one stream; keeps state from frame to frame.
class OpusDecoder {
 public:
  /// `channels` of what comes out, 1 or 2, whatever the packets hold.
  static Result<OpusDecoder> create(int channels);

  /// `malformed` for what is not one 20 ms frame of at most `max_opus_packet_size` bytes; the state is unchanged then.
  Result<AudioFrame> decode(ByteView packet, Time capture_time);
  /// 20 ms made up from what came before.
  AudioFrame conceal(Time capture_time);
  /// The lost frame before `next_packet`, from its in-band error correction; made up where it holds none.
  Result<AudioFrame> decode_fec(ByteView next_packet, Time capture_time);

  [[nodiscard]] int channels() const { return channels_; }

 private:
  struct Free {
    void operator()(void* state) const;
  };
  OpusDecoder(std::unique_ptr<void, Free> decoder, int channels) : decoder_(std::move(decoder)), channels_(channels) {}
  Result<AudioFrame> run(ByteView packet, Time capture_time, bool fec);
  std::unique_ptr<void, Free> decoder_;  ///< of libopus
  int channels_;
};

}  // namespace conclave::media
