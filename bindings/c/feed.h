// Sources that the application pushes into: the queue between its thread and the call's.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "conclave/client.h"

namespace conclave::c {

/// What the two kinds of feed have in common: a bounded queue that one thread of a call takes from.
template <class Frame>
class Feed {
 public:
  explicit Feed(bool paced, std::size_t most) : paced_(paced), most_(most) {}

  /// All of them, or none: `limit_exceeded` when too much would wait, `invalid_state` when nobody takes any more.
  Result<void> push(std::vector<Frame> frames);
  /// Nothing comes after what waits.
  void end();
  /// Whoever takes, and all that is pushed later, gets nothing.
  void stop();
  [[nodiscard]] std::size_t waiting() const;

 protected:
  /// The oldest frame: waits for it; nothing at the end.
  std::optional<Frame> take();
  /// The oldest frame if there is one when `due` comes; `over` becomes true at the end.
  std::optional<Frame> take_at(Time due, bool& over);
  [[nodiscard]] bool paced() const { return paced_; }

 private:
  const bool paced_;
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Frame> frames_;
  bool ended_ = false;
  bool stopped_ = false;
};

/// When the frames of a paced source are due: evenly, without a burst after a pause.
class Metronome {
 public:
  explicit Metronome(Duration period) : period_(period) {}
  Time next();

 private:
  Duration period_;
  std::optional<Time> due_;
};

class PictureFeed final : public VideoSource, public Feed<VideoFrame> {
 public:
  PictureFeed(const VideoConfig& config, bool paced);
  Result<std::optional<VideoFrame>> next() override;
  void stop() override { Feed::stop(); }
  [[nodiscard]] const VideoConfig& config() const { return config_; }

 private:
  VideoConfig config_;
  Metronome metronome_;
  std::optional<VideoFrame> newest_;  ///< of the taking thread
};

/// Cuts what is pushed into frames of 20 ms.
class SoundFeed final : public AudioSource, public Feed<AudioFrame> {
 public:
  SoundFeed(const AudioConfig& config, bool paced);
  /// Interleaved samples of all channels; `capture_time` is of the first.
  Result<void> push_samples(std::span<const std::int16_t> samples, Time capture_time);
  Result<std::optional<AudioFrame>> next() override;
  void stop() override { Feed::stop(); }
  [[nodiscard]] int channels() const { return channels_; }

 private:
  [[nodiscard]] std::size_t frame_size() const { return static_cast<std::size_t>(audio_frame_samples * channels_); }
  int channels_;
  Metronome metronome_;
  std::mutex partial_mutex_;
  std::vector<std::int16_t> partial_;  ///< less than a frame; under `partial_mutex_`
};

}  // namespace conclave::c
