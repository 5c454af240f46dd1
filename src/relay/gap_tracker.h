// Packets of a stream that did not reach the relay, and when to ask its publisher for them again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "conclave/time.h"
#include "relay/limits.h"

namespace conclave::relay {

/// Remembers at most `Limits::gaps` missing packets; a longer gap is not worth repairing one by one.
class GapTracker {
 public:
  explicit GapTracker(const Limits& limits) : limits_(limits) {}

  /// A packet came for the first time; sequence numbers are unwrapped.
  void arrived(std::uint64_t sequence, Time now);
  /// The packets to ask for now, oldest first; each at most `nack_tries` times.
  std::vector<std::uint64_t> due(Time now);
  [[nodiscard]] Time next_deadline() const;

 private:
  struct Missing {
    std::uint64_t sequence = 0;
    Time ask{};
    int tries = 0;
  };

  const Limits& limits_;
  std::uint64_t next_ = 0;  ///< one past the highest seen; 0 before the first
  std::vector<Missing> missing_;
};

}  // namespace conclave::relay
