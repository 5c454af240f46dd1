// Microphones by PortAudio.
#include "base/result.h"
#include "conclave/devices.h"
#include "runtime/bounded_queue.h"
#include "runtime/devices/portaudio_session.h"
#include "runtime/steady_time.h"

namespace conclave {
namespace runtime {
namespace {

constexpr std::size_t frames_kept = 10;
constexpr Duration silence_tolerated = std::chrono::seconds(5);

class Microphone final : public AudioSource {
 public:
  Microphone()
      : frames_(frames_kept), stream_([this](std::int16_t* samples, int channels) { take(samples, channels); }) {}
  ~Microphone() override { stream_.stop(); }

  Result<void> open(const std::string& name, int channels) {
    return stream_.open(PortAudioSession::Direction::input, name, channels);
  }

  Result<std::optional<AudioFrame>> next() override {
    if (!started_) CONCLAVE_TRY(stream_.start());
    started_ = true;
    auto frame = frames_.pop_within(silence_tolerated);
    if (!frame && !frames_.finished())
      return Error{ErrorCode::device_missing, "the microphone delivers nothing any more"};
    return frame;
  }

  void stop() override { frames_.close(); }

 private:
  void take(const std::int16_t* samples, int channels) {
    const auto count = static_cast<std::size_t>(audio_frame_samples * channels);
    const Time begun = steady_now() - stream_.latency() - audio_frame_duration;
    frames_.push(
        AudioFrame{begun, channels, {samples, samples + count}});  // a full queue: nobody listens, the frame is dropped
  }

  BoundedQueue<AudioFrame> frames_;
  PortAudioStream stream_;
  bool started_ = false;
};

}  // namespace
}  // namespace runtime

Result<std::unique_ptr<AudioSource>> open_microphone(const std::string& name, const AudioConfig& config) {
  auto microphone = std::make_unique<runtime::Microphone>();
  CONCLAVE_TRY(microphone->open(name, config.channels));
  return std::unique_ptr<AudioSource>(std::move(microphone));
}

}  // namespace conclave
