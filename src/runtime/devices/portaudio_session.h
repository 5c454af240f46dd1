// The PortAudio library, switched on while somebody needs it.
#pragma once

#include <portaudio.h>

#include <functional>
#include <string>

#include "base/result.h"
#include "conclave/media.h"

namespace conclave::runtime {

/// PortAudio is initialised while an object of this class lives. Nothing it loads writes on standard error.
class PortAudioSession {
 public:
  PortAudioSession();
  PortAudioSession(const PortAudioSession&) = delete;
  PortAudioSession& operator=(const PortAudioSession&) = delete;
  ~PortAudioSession();

  enum class Direction { input, output };

  /// The default device, or the first whose name contains `name`. `device_missing` names the devices that are there.
  [[nodiscard]] Result<PaDeviceIndex> find(Direction direction, const std::string& name) const;

 private:
  PaError started_;
};

/// A PortAudio stream of 16-bit samples at 48 kHz in 20 ms blocks. Its callback runs on PortAudio's own thread.
class PortAudioStream {
 public:
  using Direction = PortAudioSession::Direction;
  /// Fills, or takes, `audio_frame_samples * channels` samples. Must not block.
  using Block = std::function<void(std::int16_t* samples, int channels)>;

  explicit PortAudioStream(Block block) : block_(std::move(block)) {}
  PortAudioStream(const PortAudioStream&) = delete;
  PortAudioStream& operator=(const PortAudioStream&) = delete;
  ~PortAudioStream();

  Result<void> open(Direction direction, const std::string& name, int channels);
  Result<void> start();
  void stop();
  /// Of the device, in the stream's direction. After `open`.
  [[nodiscard]] Duration latency() const;

 private:
  static int run(const void* input, void* output, unsigned long frames, const PaStreamCallbackTimeInfo*,
                 PaStreamCallbackFlags, void* self);

  PortAudioSession session_;
  Block block_;
  Direction direction_ = Direction::input;
  int channels_ = 1;
  PaStream* stream_ = nullptr;
};

}  // namespace conclave::runtime
