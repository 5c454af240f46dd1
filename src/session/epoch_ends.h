// How the log stood at the end of each epoch: members compare it, since what was read last in one nobody has told in it.
#pragma once

#include <deque>

#include "session/log_trace.h"

namespace conclave::session {

/// The last hash of each epoch's `LogTrace`, from the one in which a member began to read. A member tells how those epochs ended that no heartbeat of
/// its own has told of, and who has read the same epochs compares; who came later compares what it has read.
///
///     opaque ends<V>;   /* 32 bytes for each epoch from `since` to before that of the heartbeat; where those are more than 8, the first is
///                          SHA-256("conclave log ends" || the ends of all but the last 7), and the last 7 follow */
class EpochEnds {
 public:
  explicit EpochEnds(std::uint64_t first) : first_(first) {}

  /// The next epoch is over.
  void add(const TraceHash& end);
  /// What is told of the epochs from `since`, or the first that is known, to before `epoch`; `since` becomes the first of them.
  [[nodiscard]] Bytes tell(std::uint64_t& since, std::uint64_t epoch) const;
  /// Whether what somebody tells of them is not what we have read, as far as we have. `ends` is of the right size.
  [[nodiscard]] bool contradict(std::uint64_t since, std::uint64_t epoch, ByteView ends) const;
  /// The size that `ends` has for so many epochs.
  [[nodiscard]] static std::size_t size_for(std::uint64_t epochs);

 private:
  static constexpr std::uint64_t most_told = 8;
  static constexpr std::size_t most_kept = 1024;

  [[nodiscard]] static std::uint64_t first_listed(std::uint64_t since, std::uint64_t epoch) { return epoch - since > most_told ? epoch - (most_told - 1) : since; }
  [[nodiscard]] const TraceHash& end_of(std::uint64_t epoch) const { return kept_[epoch - first_]; }
  [[nodiscard]] TraceHash folded(std::uint64_t since, std::uint64_t before) const;

  std::uint64_t first_;  ///< the epoch that the oldest in `kept_` belongs to
  std::deque<TraceHash> kept_;
};

}  // namespace conclave::session
