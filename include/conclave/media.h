// Pictures and sound as they enter and leave the library.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "conclave/bytes.h"
#include "conclave/time.h"

namespace conclave {

/// The sound of the library: 48,000 samples a second, 20 ms frames, interleaved 16-bit samples.
inline constexpr int audio_sample_rate = 48'000;
inline constexpr int audio_frame_samples = 960;  ///< per channel
inline constexpr Duration audio_frame_duration = std::chrono::milliseconds(20);

/// One frame of sound. `samples.size()` is `audio_frame_samples * channels`.
struct AudioFrame {
  Time capture_time{};  ///< of its first sample, on the sender's capture clock
  int channels = 1;     ///< 1 or 2
  std::vector<std::int16_t> samples;
};

/// One picture in I420: three planes, the chroma ones of half width and height (rounded up), rows without padding.
struct VideoFrame {
  Time capture_time{};  ///< on the same clock as the sound's
  int width = 0;        ///< luma samples, 2–4096
  int height = 0;
  Bytes y;  ///< width * height
  Bytes u;  ///< ((width + 1) / 2) * ((height + 1) / 2)
  Bytes v;
};

enum class VideoCodec : std::uint8_t { vp8 = 1, vp9 = 2 };

/// How sound is captured and encoded.
struct AudioConfig {
  int channels = 1;
  int bitrate = 32'000;        ///< bit/s, 6,000–256,000
  bool constant_bitrate = true;  ///< every packet has the same size (RFC 6562)
  bool forward_error_correction = true;
  int expected_loss_percent = 5;
};

/// How pictures are captured and encoded.
struct VideoConfig {
  VideoCodec codec = VideoCodec::vp8;
  int width = 640;
  int height = 360;
  int frames_per_second = 30;
  int bitrate = 800'000;  ///< bit/s
  int temporal_layers = 3;
  int threads = 1;
  Duration keyframe_interval = std::chrono::seconds(10);
};

/// An encoded frame, not yet sealed: it never leaves the process in this form.
struct EncodedAudio {
  Time capture_time{};
  Bytes data;
};

/// A picture as the codec made it.
struct EncodedVideo {
  Time capture_time{};
  Bytes data;
  bool keyframe = false;
  bool discardable = false;
  bool layer_sync = false;
  std::uint8_t temporal_layer = 0;
  std::uint8_t base_layer_index = 0;
};

}  // namespace conclave
