// The numbers under which one receiver gets the packets of a stream, whatever layers it takes one after the other.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "relay/layer_rates.h"

namespace conclave::relay {

/// Numbers of a receiver run on without gaps while it goes from lane to lane, rests, and has packets left out. Remembers the last
/// `remembered` changes, so that NACKs from before them are understood.
class Numbering {
 public:
  static constexpr std::size_t remembered = 16;

  /// A packet as the lane that carried it numbers it.
  struct Place {
    LayerChoice lane;
    std::uint64_t number = 0;
  };

  /// Goes on in `lane`, whose next number is `next`. The very first time the receiver's numbers are those of the lane.
  void enter(LayerChoice lane, std::uint64_t next);
  /// Leaves its lane, whose next number is `next`.
  void leave(std::uint64_t next);
  [[nodiscard]] bool in_lane() const { return in_lane_; }
  /// The lane that it is in, or was in last.
  [[nodiscard]] LayerChoice lane() const { return parts_.empty() ? LayerChoice{} : parts_.back().lane; }
  /// What is added to the lane's number to make the receiver's.
  [[nodiscard]] std::uint64_t offset() const { return parts_.empty() ? 0 : parts_.back().offset; }

  /// Under which number the receiver knows, or has missed, a packet of `lane` that comes late; nothing: it was not to get it.
  [[nodiscard]] std::optional<std::uint64_t> number_of(LayerChoice lane, std::uint64_t number) const;
  /// The lane's number from which on `offset` holds.
  [[nodiscard]] std::uint64_t holds_from() const { return parts_.empty() ? 0 : parts_.back().first - parts_.back().offset; }

  /// The packet of this number was never sent: all behind it move up by one.
  void leave_out(std::uint64_t own);
  /// Nothing from this number on was sent, and it is in no lane any more.
  void stop_at(std::uint64_t own);

  /// The packet that the receiver knows by the lower 24 bits of its number. `next` is that of its lane.
  [[nodiscard]] std::optional<Place> find(std::uint32_t own_low, std::uint64_t next) const;

 private:
  struct Part {
    LayerChoice lane;
    std::uint64_t first = 0;   ///< the receiver's number from which on this holds
    std::uint64_t offset = 0;  ///< modulo 2^64
  };
  std::deque<Part> parts_;
  bool in_lane_ = false;
  std::uint64_t resting_at_ = 0;  ///< the receiver's next number, while it is in no lane
};

}  // namespace conclave::relay
