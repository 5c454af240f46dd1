// Picture and sound made up on the spot, in real time.
#include <algorithm>

#include "conclave/devices.h"
#include "media/synthetic_picture.h"
#include "runtime/devices/pace.h"
#include "runtime/devices/speech.h"
#include "runtime/steady_time.h"
#include "runtime/stop_signal.h"

namespace conclave {
namespace runtime {
namespace {

/// The beats of a source: waits for each frame's time.
class Beat {
 public:
  explicit Beat(int rate) : rate_(rate) {}

  /// When the next frame is due, once that time has come; nothing when stopped.
  std::optional<Time> next() {
    const Time due = start_.due(offset_of(count_++, rate_), steady_now());
    if (stop_.sleep_until(due)) return std::nullopt;
    return due;
  }
  void stop() { stop_.raise(); }

 private:
  int rate_;
  std::uint64_t count_ = 0;
  CaptureStart start_;
  StopSignal stop_;
};

class SyntheticVideo final : public VideoSource {
 public:
  explicit SyntheticVideo(const VideoConfig& config) : config_(config), beat_(config.frames_per_second) {}
  void stop() override { beat_.stop(); }

  Result<std::optional<VideoFrame>> next() override {
    const auto due = beat_.next();
    if (!due) return std::optional<VideoFrame>();
    return std::optional(media::synthetic_picture(config_.width, config_.height, number_++, *due));
  }

 private:
  VideoConfig config_;
  Beat beat_;
  std::uint32_t number_ = 0;
};

class SyntheticAudio final : public AudioSource {
 public:
  explicit SyntheticAudio(const AudioConfig& config) : channels_(config.channels), beat_(audio_frame_rate) {}
  void stop() override { beat_.stop(); }

  Result<std::optional<AudioFrame>> next() override {
    const auto due = beat_.next();
    if (!due) return std::optional<AudioFrame>();
    AudioFrame frame{*due, channels_, {}};
    frame.samples.reserve(static_cast<std::size_t>(audio_frame_samples * channels_));
    for (int sample = 0; sample < audio_frame_samples; ++sample)
      frame.samples.insert(frame.samples.end(), static_cast<std::size_t>(channels_), next_sample());
    return std::optional(std::move(frame));
  }

 private:
  std::int16_t next_sample() {
    if (position_ == sentence_.size()) {
      sentence_ = speak_sentence(++number_);
      position_ = 0;
    }
    return sentence_[position_++];
  }

  int channels_;
  Beat beat_;
  unsigned number_ = 0;
  std::vector<std::int16_t> sentence_;
  std::size_t position_ = 0;
};

}  // namespace
}  // namespace runtime

std::unique_ptr<VideoSource> synthetic_video(const VideoConfig& config) {
  return std::make_unique<runtime::SyntheticVideo>(config);
}

std::optional<Time> time_in_picture(const VideoFrame& picture) {
  const auto burnt_in = media::read_burnt_in(picture);
  return burnt_in ? std::optional(burnt_in->time) : std::nullopt;
}

std::unique_ptr<AudioSource> synthetic_audio(const AudioConfig& config) {
  return std::make_unique<runtime::SyntheticAudio>(config);
}

}  // namespace conclave
