#include <cstdlib>

#include "media/audio_jitter_buffer.h"
#include "media/video_jitter_buffer.h"

/// Frames of eight bytes: number (2), flags, layers, base index, capture time (2, in ms, with a scale), time passed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace conclave;
  media::PlayoutClock clock{media::PlayoutDelay(std::chrono::milliseconds(100))};
  media::AudioJitterBuffer audio;
  media::VideoJitterBuffer video;
  Time now{};
  for (; size >= 8; data += 8, size -= 8) {
    FrameInfo info;
    info.frame_number = static_cast<std::uint16_t>(data[0] << 8 | data[1]);
    info.keyframe = (data[2] & 1) != 0;
    info.layer_sync = (data[2] & 2) != 0;
    info.temporal_layer = data[3] & 7;
    info.base_layer_index = data[4];
    const auto scale = std::int64_t{1} << (data[2] >> 4) * 2;
    const Time capture(Duration((data[5] << 8 | data[6]) * scale * ((data[2] & 8) != 0 ? -1 : 1)));
    now += Duration(data[7]) * 1'000;
    clock.observe(capture, now);
    (data[2] & 4) != 0 ? audio.push({info.frame_number, capture, 1, Bytes{1}}) : video.push({info, VideoCodec::vp8, capture, Bytes(data[7])});
    int steps = 0;
    while (audio.take_due(now, clock)) {
      if (++steps > 10'000) std::abort();
    }
    static_cast<void>(video.take_due(now, clock));
    if (audio.size() > media::AudioJitterBuffer::max_frames || video.size() > media::VideoJitterBuffer::max_frames) std::abort();
    if (audio.next_deadline(clock) <= now || video.next_deadline(clock) <= now) std::abort();  // a caller would spin
  }
  return 0;
}
