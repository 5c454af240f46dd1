#include "runtime/devices/portaudio_session.h"

#include <alsa/asoundlib.h>
#include <dlfcn.h>

#include <mutex>

namespace conclave::runtime {
namespace {

std::mutex library;  // Pa_Initialize and Pa_Terminate count, but not for two threads at once

void keep_quiet(const char*, int, const char*, int, const char*, ...) {}
void keep_quiet_too(const char*) {}

/// PortAudio probes ALSA and JACK, which tell the terminal about each device that they do not find.
void silence_backends() {
  ::snd_lib_error_set_handler(keep_quiet);
  using SetFunction = void (*)(void (*)(const char*));
  for (const char* name : {"jack_set_error_function", "jack_set_info_function"}) {
    if (auto* set = reinterpret_cast<SetFunction>(::dlsym(RTLD_DEFAULT, name))) set(keep_quiet_too);
  }
}

Error missing(std::string detail) { return {ErrorCode::device_missing, std::move(detail)}; }

int channels_of(const PaDeviceInfo& device, PortAudioSession::Direction direction) {
  return direction == PortAudioSession::Direction::input ? device.maxInputChannels : device.maxOutputChannels;
}

}  // namespace

PortAudioSession::PortAudioSession() {
  const std::lock_guard lock(library);
  silence_backends();
  started_ = ::Pa_Initialize();
}

PortAudioSession::~PortAudioSession() {
  const std::lock_guard lock(library);
  if (started_ == paNoError) ::Pa_Terminate();
}

Result<PaDeviceIndex> PortAudioSession::find(Direction direction, const std::string& name) const {
  const std::string kind = direction == Direction::input ? "microphone" : "loudspeaker";
  if (started_ != paNoError)
    return missing("no " + kind + ": PortAudio does not start: " + ::Pa_GetErrorText(started_));
  std::string there;
  PaDeviceIndex found = paNoDevice;
  for (PaDeviceIndex index = 0; index < ::Pa_GetDeviceCount() && found == paNoDevice; ++index) {
    const auto* device = ::Pa_GetDeviceInfo(index);
    if (device == nullptr || channels_of(*device, direction) == 0) continue;
    if (!name.empty() && std::string(device->name).find(name) != std::string::npos) found = index;
    there += (there.empty() ? "\"" : ", \"") + std::string(device->name) + "\"";
  }
  if (name.empty())
    found = direction == Direction::input ? ::Pa_GetDefaultInputDevice() : ::Pa_GetDefaultOutputDevice();
  if (found != paNoDevice) return found;
  if (there.empty()) return missing("no " + kind + ": PortAudio finds no such device through ALSA, JACK or OSS");
  return missing("no " + kind + (name.empty() ? " is the default one" : " is named \"" + name + "\"") + "; there are " +
                 there);
}

PortAudioStream::~PortAudioStream() {
  if (stream_ != nullptr) ::Pa_CloseStream(stream_);
}

Result<void> PortAudioStream::open(Direction direction, const std::string& name, int channels) {
  CONCLAVE_ASSIGN(device, session_.find(direction, name));
  direction_ = direction;
  channels_ = channels;
  const auto& info = *::Pa_GetDeviceInfo(device);
  const bool input = direction == Direction::input;
  const PaStreamParameters parameters{device, channels, paInt16,
                                      input ? info.defaultLowInputLatency : info.defaultLowOutputLatency, nullptr};
  const PaError opened = ::Pa_OpenStream(&stream_, input ? &parameters : nullptr, input ? nullptr : &parameters,
                                         audio_sample_rate, audio_frame_samples, paNoFlag, run, this);
  if (opened == paNoError) return {};
  stream_ = nullptr;
  return missing("the " + std::string(input ? "microphone" : "loudspeaker") + " \"" + info.name +
                 "\" cannot be used: " + ::Pa_GetErrorText(opened));
}

Result<void> PortAudioStream::start() {
  const PaError started = ::Pa_StartStream(stream_);
  if (started != paNoError)
    return missing(std::string("the sound device does not start: ") + ::Pa_GetErrorText(started));
  return {};
}

void PortAudioStream::stop() {
  if (stream_ != nullptr && ::Pa_IsStreamActive(stream_) == 1) ::Pa_AbortStream(stream_);
}

Duration PortAudioStream::latency() const {
  const auto* info = stream_ == nullptr ? nullptr : ::Pa_GetStreamInfo(stream_);
  if (info == nullptr) return Duration::zero();
  const double seconds = direction_ == Direction::input ? info->inputLatency : info->outputLatency;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

int PortAudioStream::run(const void* input, void* output, unsigned long, const PaStreamCallbackTimeInfo*,
                         PaStreamCallbackFlags, void* self) {
  auto& stream = *static_cast<PortAudioStream*>(self);
  void* samples = stream.direction_ == Direction::input ? const_cast<void*>(input) : output;
  if (samples != nullptr) stream.block_(static_cast<std::int16_t*>(samples), stream.channels_);
  return paContinue;
}

}  // namespace conclave::runtime
