// Sources and sinks as objects behind handles.
#pragma once

#include <atomic>
#include <memory>
#include <variant>

#include "feed.h"
#include "handles.h"
#include "inbox.h"

namespace conclave::c {

/// One medium for one call. `video` and `audio` say how the call encodes it.
class Source final : public Object {
 public:
  static constexpr Kind its_kind = Kind::source;
  static constexpr Use its_use = Use::shared;

  Source(VideoConfig config, std::shared_ptr<VideoSource> source, std::shared_ptr<PictureFeed> feed)
      : video(config), video_source(std::move(source)), pictures(std::move(feed)) {}
  Source(AudioConfig config, std::shared_ptr<AudioSource> source, std::shared_ptr<SoundFeed> feed)
      : audio(config), audio_source(std::move(source)), sounds(std::move(feed)) {}
  ~Source() override { end(); }

  [[nodiscard]] Kind kind() const override { return its_kind; }
  void closing() override { end(); }
  /// True once.
  bool claim() { return !claimed_.exchange(true); }

  VideoConfig video;
  AudioConfig audio;
  std::shared_ptr<VideoSource> video_source;  ///< this, or `audio_source`
  std::shared_ptr<AudioSource> audio_source;
  std::shared_ptr<PictureFeed> pictures;  ///< null unless pushed
  std::shared_ptr<SoundFeed> sounds;

 private:
  void end() {
    if (pictures) pictures->end();
    if (sounds) sounds->end();
  }
  std::atomic<bool> claimed_ = false;
};

class Sink final : public Object {
 public:
  static constexpr Kind its_kind = Kind::sink;
  static constexpr Use its_use = Use::shared;

  Sink(std::shared_ptr<MediaSink> sink, std::shared_ptr<Inbox> inbox) : media_sink(std::move(sink)), pieces(std::move(inbox)) {}
  [[nodiscard]] Kind kind() const override { return its_kind; }
  void closing() override {
    if (pieces) pieces->abandon();
  }
  bool claim() { return !claimed_.exchange(true); }

  const std::shared_ptr<MediaSink> media_sink;
  const std::shared_ptr<Inbox> pieces;  ///< null unless fetched

 private:
  std::atomic<bool> claimed_ = false;
};

}  // namespace conclave::c
