// What waits for one narrow path. Sound never does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "conclave/frame.h"
#include "conclave/time.h"

namespace conclave::relay {

/// A packet of a picture, under the receiver's own number for it.
struct PacedPacket {
  MediaPacket packet;
  std::uint64_t own_number = 0;
};

/// What a pacer gave up.
struct PacedDrop {
  std::uint16_t stream_id = 0;
  std::uint64_t own_number = 0;  ///< where the stream stops: of the first that was not sent
  std::vector<std::uint64_t> left_out{};  ///< of a frame: its packets, each numbered as it was after those before it had gone
  bool stops = false;            ///< what follows cannot be decoded without it: everything of the stream was given up
  std::size_t packets = 1;
};

enum class Pushed : std::uint8_t {
  waits,
  full,      ///< no place
  given_up,  ///< of a frame whose beginning was given up
};

/// Lets packets go at the pace of the path, in the order in which they came, up to `ahead` of it. What may not wait (sound, repairs) goes at
/// once and is charged. Bounded by `most_packets` and by `longest_wait` at its pace; what is too much goes oldest first: whole frames that
/// no other needs, or behind which a keyframe of their stream waits, and of which nothing was sent, then the whole of a stream, which then has to begin anew with a keyframe.
class Pacer {
 public:
  static constexpr std::size_t most_packets = 512;
  static constexpr Duration longest_wait = std::chrono::milliseconds(600);
  static constexpr Duration ahead = std::chrono::milliseconds(5);

  void set_rate(double bits_per_second) { rate_ = bits_per_second; }
  /// So many bytes of payload go past it now.
  void charge(std::size_t bytes, Time now);
  /// The same, of a packet that nothing of its stream waits before.
  void pass(const MediaPacket& packet, std::uint64_t own_number, Time now);
  /// Behind those of its stream that have lower numbers.
  [[nodiscard]] Pushed push(MediaPacket packet, std::uint64_t own_number);
  /// Gives up what waits in vain, one decision after the other.
  std::optional<PacedDrop> give_up();
  /// The next packet, if it is time.
  std::optional<MediaPacket> pop(Time now);
  /// Everything of a stream that waits is forgotten; the lowest number that can be given again, if there was any.
  std::optional<std::uint64_t> forget(std::uint16_t stream_id);
  /// The stream, or the wish for it, has ended.
  void retire(std::uint16_t stream_id);
  /// Something of the stream waits.
  [[nodiscard]] bool holds(std::uint16_t stream_id) const;

  [[nodiscard]] bool empty() const { return queue_.empty(); }
  [[nodiscard]] Time next_deadline() const { return queue_.empty() ? never : free_ - ahead; }

 private:
  [[nodiscard]] Duration time_for(std::size_t bytes) const;
  [[nodiscard]] bool spare(const PacedPacket& first) const;
  PacedDrop drop_frame(const FrameInfo& frame);
  std::uint64_t drop_one(std::deque<PacedPacket>::iterator packet);
  void went(const MediaPacket& packet, std::uint64_t own_number);
  void no_longer_waits(const MediaPacket& packet);

  struct StreamState {
    std::size_t waiting = 0;
    std::uint64_t newest = 0;             ///< the highest number that waits, if any does
    std::uint64_t passed = 0;             ///< one past the highest number that went: up to here numbers stand
    std::uint64_t keyframe = 0;           ///< one past the number at which the newest keyframe that waits begins; 0: none
    std::optional<FrameInfo> abandoned;   ///< the frame that was given up last, if more of it may come
  };

  double rate_ = 1e6;
  Time free_{};  ///< when everything that went will have passed the path
  std::size_t bytes_ = 0;
  std::deque<PacedPacket> queue_;
  std::map<std::uint16_t, StreamState> streams_;
};

}  // namespace conclave::relay
