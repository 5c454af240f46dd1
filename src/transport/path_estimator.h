// How much a receiver's path carries, from how the packets arrived that were sent to it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "conclave/time.h"
#include "transport/feedback.h"

namespace conclave::transport {

/// Headers of ours, of UDP and of IP, which count towards the path but not towards the payload. Bytes.
inline constexpr std::size_t path_overhead = 38 + 28;

enum class PathSignal : std::uint8_t {
  clear,     ///< the path carries what is sent
  unsure,    ///< not enough is known, or a cut has not had its effect yet
  overused,  ///< a queue grows, or much is lost: the budget was cut
};

/// Knows no limit until a path shows one. Two signs do: the least time in transit rises above that of the last 20 s (somebody's queue grows),
/// or more than a tenth is lost. Then the budget becomes 0.85 of what arrived last, and grows by 15 % a
/// second while the path is clear, by 3 % where a full queue cut it before. Loss that a cut does not lessen is the path's own, and tolerated; so is a delay that three cuts do not
/// lessen. Believes its receiver, which can harm nobody's path but its own.
class PathEstimator {
 public:
  /// Takes what the receiver says of its path.
  PathSignal note(const PathReport& report, Time now);

  /// Bits a second, overhead included; nothing: no limit is known.
  [[nodiscard]] std::optional<double> budget() const { return budget_; }
  /// Lets at least so much through, to see whether the path carries it.
  void raise(double bits_per_second);
  /// Nothing is known yet, but so much is safe.
  void assume(double bits_per_second) { budget_ = bits_per_second; }
  /// There is no limit any more.
  void lift();

  /// Bits a second that arrived in the last quarter or half of a second, whichever were more.
  [[nodiscard]] double received_rate() const;
  /// Of those sent in the last second, 0 to 1; 0 when they were few.
  [[nodiscard]] double loss() const;
  [[nodiscard]] Duration round_trip() const { return round_trip_; }
  /// Above the least of the last 20 s.
  [[nodiscard]] Duration queueing() const { return queueing_; }

 private:
  struct Sample {
    Time at{};
    PathReport report;
    Duration queueing{};
  };
  static constexpr std::size_t window = 20;  ///< reports
  static constexpr std::size_t buckets = 10;

  void remember(const Sample& sample);
  void note_round_trip(const PathReport& report, Time now);
  Duration note_transit(std::uint32_t transit, Time now);
  [[nodiscard]] const Sample& newest() const { return samples_[(next_ + window - 1) % window]; }
  struct Losses {
    double lost = 0;
    double sent = 0;
  };
  [[nodiscard]] Losses losses() const;
  [[nodiscard]] const Sample& back(std::size_t steps) const;
  [[nodiscard]] bool queue_grows() const;
  [[nodiscard]] bool queue_stands() const;
  [[nodiscard]] bool loses_much() const;
  [[nodiscard]] double rate_since(const Sample& before) const;
  void cut(bool by_loss, Time now);
  void learn_from_cut(Time now);
  void grow(Time now);

  std::array<Sample, window> samples_{};
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  std::array<std::int64_t, buckets> least_{};  ///< transit in units of 64 us, by two seconds
  std::int64_t bucket_ = -1;                   ///< the one that is filled, counted since the start of time
  std::optional<std::uint32_t> first_transit_;
  Duration queueing_{};
  Duration round_trip_{};
  std::optional<double> budget_;
  double ceiling_ = 0;         ///< what arrived when the budget was last cut; 0: forgotten
  int suspicious_ = 0;         ///< reports in a row
  double tolerated_loss_ = 0;
  double loss_at_cut_ = 0;
  std::optional<Time> cut_for_loss_;
  Duration standing_{};        ///< the queue at the first of the cuts in vain
  int vain_cuts_ = 0;
  Time last_cut_{};
  Time hold_until_{};
  Time grown_{};
};

}  // namespace conclave::transport
