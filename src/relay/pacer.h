// What waits for one narrow path. Sound never does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
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
  std::uint64_t own_number = 0;  ///< of the packet that is left out; where the stream stops: of the first that was not sent
  bool stops = false;            ///< what follows cannot be decoded without it: everything of the stream was given up
  std::size_t packets = 1;
};

/// Lets packets go at the pace of the path, in the order in which they came, up to `ahead` of it. What may not wait (sound, repairs) goes at
/// once and is charged. Bounded by `most_packets` and by `longest_wait` at its pace; what is too much goes oldest first: frames that
/// no other needs, then the whole of a stream, which then has to begin anew with a keyframe.
class Pacer {
 public:
  static constexpr std::size_t most_packets = 512;
  static constexpr Duration longest_wait = std::chrono::milliseconds(600);
  static constexpr Duration ahead = std::chrono::milliseconds(5);

  void set_rate(double bits_per_second) { rate_ = bits_per_second; }
  /// So many bytes of payload go past it now.
  void charge(std::size_t bytes, Time now);
  /// False when there is no place.
  [[nodiscard]] bool push(MediaPacket packet, std::uint64_t own_number);
  /// Gives up what waits in vain, one decision after the other.
  std::optional<PacedDrop> give_up();
  /// The next packet, if it is time.
  std::optional<MediaPacket> pop(Time now);
  /// Everything of a stream that waits is forgotten; the lowest number of it, if there was any.
  std::optional<std::uint64_t> forget(std::uint16_t stream_id);

  [[nodiscard]] bool empty() const { return queue_.empty(); }
  [[nodiscard]] Time next_deadline() const { return queue_.empty() ? never : free_ - ahead; }

 private:
  [[nodiscard]] Duration time_for(std::size_t bytes) const;
  PacedDrop drop_one(std::deque<PacedPacket>::iterator packet);

  double rate_ = 1e6;
  Time free_{};  ///< when everything that went will have passed the path
  std::size_t bytes_ = 0;
  std::deque<PacedPacket> queue_;
};

}  // namespace conclave::relay
