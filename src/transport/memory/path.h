// One direction of a simulated path: what becomes of each datagram, and when.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "conclave/bytes.h"
#include "conclave/time.h"
#include "transport/memory/dice.h"

namespace conclave::transport::memory {

/// What a path does to datagrams. Chances are 0 to 1 and independent of each other; the default harms nothing.
struct Impairments {
  Duration delay{};         ///< of every datagram
  Duration jitter{};        ///< up to this much more, evenly; keeps the order
  double loss = 0;          ///< each by itself
  double burst_start = 0;   ///< chance that a burst begins with this datagram
  double burst_length = 0;  ///< mean length of a burst, in datagrams, all of which are lost
  double reorder = 0;       ///< held back by `reorder_delay`, so that later ones overtake it
  Duration reorder_delay = std::chrono::milliseconds(20);
  double duplicate = 0;
  double corrupt = 0;            ///< a bit flipped (three times in four) or the end cut off
  std::uint64_t bandwidth = 0;   ///< bit/s; 0: unlimited
  std::size_t queue = 64 << 10;  ///< bytes that wait for the bandwidth; what does not fit is dropped
};

struct PathCounters {
  std::uint64_t sent = 0;
  std::uint64_t delivered = 0;  ///< duplicates count twice
  std::uint64_t lost = 0;
  std::uint64_t overflowed = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;
  std::uint64_t corrupted = 0;
};

/// One copy of a datagram that arrives.
struct Arrival {
  Time at{};
  bool corrupt = false;
};

/// Pure: the same seed and the same calls give the same fates.
class Path {
 public:
  Path(Impairments impairments, Dice dice) : dice_(dice) { changes_[Time::min()] = impairments; }

  /// From `at` on the path behaves like this; an earlier plan for the same time is replaced.
  void change(Time at, const Impairments& impairments) { changes_[at] = impairments; }

  /// What becomes of a datagram of `size` bytes sent at `now`: none, one or two copies. `now` never goes back.
  std::vector<Arrival> send(std::size_t size, Time now);

  /// When a reliable message of `size` bytes sent at `now` has wholly arrived, retransmissions included; `never` when some
  /// part of it is lost for all of `patience`. Its packets wait in a queue of their own and harm no datagram.
  Time send_reliably(std::size_t size, Time now, Duration patience);

  /// Damages a datagram as `Arrival::corrupt` promises. An empty one stays.
  void corrupt(Bytes& datagram);

  /// The chances of everything else that the path decides.
  [[nodiscard]] Dice& dice() { return dice_; }
  [[nodiscard]] const PathCounters& counters() const { return counters_; }

 private:
  [[nodiscard]] const Impairments& at(Time now) const { return std::prev(changes_.upper_bound(now))->second; }
  bool lose(const Impairments& impairments);
  Time transit(const Impairments& impairments, Time departure);

  std::map<Time, Impairments> changes_;
  Dice dice_;
  PathCounters counters_;
  Time link_free_ = Time::min();
  Time reliable_free_ = Time::min();
  Time last_arrival_ = Time::min();
  bool in_burst_ = false;
};

}  // namespace conclave::transport::memory
