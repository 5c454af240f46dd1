// The default loudspeaker by PortAudio.
#include "base/result.h"
#include "conclave/devices.h"
#include "runtime/devices/mixer.h"
#include "runtime/devices/portaudio_session.h"

namespace conclave {
namespace runtime {
namespace {

class Speaker final : public MediaSink {
 public:
  Speaker()
      : stream_([this](std::int16_t* samples, int channels) {
          mixer_.take({samples, static_cast<std::size_t>(audio_frame_samples * channels)});
        }) {}
  ~Speaker() override { stream_.stop(); }

  Result<void> open() {
    CONCLAVE_TRY(stream_.open(PortAudioSession::Direction::output, "", 1));
    return stream_.start();
  }

  void play(MemberId member, const AudioFrame& frame, Time) override { mixer_.add(member, frame); }

  Result<void> finish() override {
    stream_.stop();
    return {};
  }

 private:
  Mixer mixer_;
  PortAudioStream stream_;
};

}  // namespace
}  // namespace runtime

Result<std::shared_ptr<MediaSink>> open_speaker() {
  auto speaker = std::make_shared<runtime::Speaker>();
  CONCLAVE_TRY(speaker->open());
  return std::shared_ptr<MediaSink>(std::move(speaker));
}

}  // namespace conclave
