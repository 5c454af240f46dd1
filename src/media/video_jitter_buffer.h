// Orders the pictures of one sender and lets only decodable ones through.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "conclave/frame.h"
#include "conclave/media.h"
#include "media/playout_clock.h"
#include "media/sequence.h"

namespace conclave::media {

/// An authenticated frame of video, still encoded.
struct VideoArrival {
  FrameInfo info;
  VideoCodec codec = VideoCodec::vp8;
  Time capture_time{};
  Bytes data;
};

/// A frame to decode now, in this order.
struct VideoPlayout {
  VideoArrival frame;
  Time show_at{};
  bool late =
      false;  ///< its time is over: decode it for those that refer to it, show it only if nothing newer comes along
};

struct VideoDue {
  std::vector<VideoPlayout> frames;
  bool request_keyframe = false;
};

struct VideoBufferCounters {
  std::uint64_t received = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t late = 0;         ///< came after a later one was let through
  std::uint64_t lost = 0;         ///< numbers passed over that never came
  std::uint64_t undecodable = 0;  ///< came, but what they refer to did not
  std::uint64_t overflow = 0;
  std::uint64_t keyframe_requests = 0;
};

/// What a frame refers to, as our encoder makes it and `FrameInfo` tells it:
/// - a keyframe: nothing;
/// - temporal layer 0: the frame of layer 0 before it, whose base_layer_index is one less;
/// - a higher layer with `layer_sync`: the frame of layer 0 with the same base_layer_index;
/// - a higher layer t without: that one, and the frame of layer t - 1 after it.
/// A relay may leave out whole temporal layers, so that gaps in the frame numbers alone mean nothing.
///
/// Where a frame of layer 0 is missing, everything waits `repair_time` beyond its playout for it (a retransmission),
/// then a keyframe is asked for and what cannot be decoded is dropped until it comes. Bounded by `max_frames` and
/// `max_bytes`.
class VideoJitterBuffer {
 public:
  static constexpr std::size_t max_frames = 256;
  static constexpr std::size_t max_bytes = std::size_t{8} << 20;
  static constexpr Duration default_repair_time = std::chrono::milliseconds(200);
  static constexpr Duration keyframe_request_interval = std::chrono::milliseconds(500);

  explicit VideoJitterBuffer(Duration repair_time = default_repair_time) : repair_time_(repair_time) {}

  void push(VideoArrival frame);

  /// Everything that is due at `now`, and whether the sender has to be asked for a keyframe (not more often than
  /// `keyframe_request_interval`).
  VideoDue take_due(Time now, const PlayoutClock& clock);

  /// When `take_due` has to be called; `never` when it waits for a frame.
  [[nodiscard]] Time next_deadline(const PlayoutClock& clock) const;

  /// The decoder refused a frame: nothing but a keyframe is let through from here on.
  void decode_failed();

  /// For a round trip that allows more or less than the default.
  void set_repair_time(Duration repair_time) { repair_time_ = repair_time; }

  [[nodiscard]] const VideoBufferCounters& counters() const { return counters_; }
  [[nodiscard]] std::size_t size() const { return frames_.size(); }

 private:
  using Frames = std::map<std::int64_t, VideoArrival>;
  enum class Fate : std::uint8_t { decodable, waits_for_base, hopeless };

  [[nodiscard]] Fate fate_of(const FrameInfo& info) const;
  [[nodiscard]] Frames::iterator due_keyframe(Time now, const PlayoutClock& clock);
  void release(Frames::iterator frame, VideoDue& due, Time now, const PlayoutClock& clock);
  void note_decoded(const FrameInfo& info);
  void drop(Frames::iterator frame);
  void drop_before(std::int64_t number);
  void pass(std::int64_t number);
  void break_chain();
  void request_keyframe(VideoDue& due, Time now);
  void make_room();

  Duration repair_time_;
  Unwrapper<16> numbers_;
  Frames frames_;
  std::size_t bytes_ = 0;
  bool started_ = false;
  std::int64_t passed_ = 0;  ///< the highest number let through or dropped
  std::optional<std::uint8_t>
      base_;  ///< base_layer_index of the last layer 0 frame let through; nothing: a keyframe is needed
  std::uint8_t layers_since_base_ = 0;  ///< bit t: a frame of layer t was let through since that one
  bool keyframe_wanted_ = false;
  std::optional<Time> last_request_;
  VideoBufferCounters counters_;
};

}  // namespace conclave::media
