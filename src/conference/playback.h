// What one member sends us, from authenticated frames to sound and picture in step.
#pragma once

#include <optional>

#include "conference/receiving_stream.h"
#include "media/audio_jitter_buffer.h"
#include "media/opus.h"
#include "media/playout_clock.h"
#include "media/video_jitter_buffer.h"
#include "media/vpx_decoder.h"

namespace conclave::conference {

class Playback {
 public:
  /// `repair_time`: how long a picture may wait beyond its playout for what it refers to.
  Playback(MemberId member, Duration playout_delay, Duration repair_time)
      : member_(member), clock_(media::PlayoutDelay(playout_delay)), video_(repair_time) {}

  /// Takes an authenticated frame of this member.
  void push(const ArrivedFrame& frame);

  /// Decodes everything that is due. True when the member has to be asked for a keyframe.
  [[nodiscard]] bool play(Time now, ConferenceOutputs& out);
  [[nodiscard]] Time next_deadline() const;

  /// When it was last loud enough to be somebody who speaks.
  [[nodiscard]] std::optional<Time> spoke() const { return spoke_; }

  /// So many pictures were lost of a stream that has ended.
  void missed(std::uint64_t pictures) { missed_ += pictures; }

  /// Fills what is known here of the member's sound or picture: not what was lost of streams that go on.
  void report(ReceiveReport& report) const;

 private:
  static constexpr Duration freeze = std::chrono::milliseconds(500);

  void play_audio(const media::AudioPlayout& playout, ConferenceOutputs& out);
  void note_loudness(const AudioFrame& frame, Time now);
  /// Decodes, and shows unless a newer picture follows at once.
  void play_video(media::VideoPlayout& playout, bool show, ConferenceOutputs& out);
  void note_shown(Time show_at);

  MemberId member_;
  media::PlayoutClock clock_;
  media::AudioJitterBuffer audio_;
  media::VideoJitterBuffer video_;
  // One for each kind: a sender that goes to and fro between them has none of them made anew.
  std::array<std::optional<media::OpusDecoder>, 2> opus_;  ///< by channels
  std::array<std::optional<media::VpxDecoder>, 2> vpx_;    ///< by codec
  std::optional<Time> last_shown_;
  std::uint64_t audio_decoded_ = 0;
  std::uint64_t audio_failures_ = 0;
  std::uint64_t video_decoded_ = 0;
  std::uint64_t video_failures_ = 0;
  std::uint64_t missed_ = 0;
  std::uint64_t freezes_ = 0;
  Duration longest_freeze_{};
  std::optional<Time> spoke_;
  int width_ = 0;  ///< of the picture shown last
};

}  // namespace conclave::conference
