// What is missing of a stream, from the gaps in its sequence.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "conclave/frame.h"
#include "conclave/time.h"
#include "media/sequence.h"

namespace conclave::media {

/// What came of a stream since the last report (RFC 3550 section 6.4.1, in our units).
struct StreamReport {
  std::uint32_t highest_sequence = 0;
  std::uint32_t received = 0;          ///< packets, retransmissions and duplicates left out
  std::uint32_t lost = 0;              ///< of those expected
  std::uint32_t jitter = 0;            ///< us
  std::uint32_t last_send_time = 0;    ///< of the newest packet, in units of 64 us
  std::uint32_t delay_since_last = 0;  ///< us between its arrival and this report
};

/// Over the life of the stream.
struct LossCounters {
  std::uint64_t received = 0;   ///< at the first sending
  std::uint64_t lost = 0;       ///< never came that way (gaps larger than `LossTracker::max_gap` left out)
  std::uint64_t recovered = 0;  ///< of the lost: came as a retransmission
  std::uint64_t nacks = 0;      ///< sequences asked for
  std::uint64_t abandoned = 0;  ///< no longer asked for: tried twice, or too late
};

/// Watches the sequence of one stream, says what to ask for again, and counts. Bounded: at most `max_missing`
/// sequences are remembered, and over time `missing_per_packet` for each packet that came: whoever numbers its packets with
/// large gaps makes nobody remember, and forget, thousands for each.
class LossTracker {
 public:
  static constexpr int max_tries = 2;
  static constexpr std::size_t max_missing = 1024;
  static constexpr std::size_t missing_per_packet = 4;
  static constexpr std::size_t max_nack = 256;   ///< sequences in one answer of `due_nacks`
  static constexpr std::int64_t max_gap = 4096;  ///< a larger jump starts anew instead of counting losses
  static constexpr Duration reorder_tolerance = std::chrono::milliseconds(10);

  /// Notes a packet. Also the duplicates and retransmissions: hand in everything that the transport gives. `hop_losses`: what the hop has lost so
  /// far, of all streams (`HopLosses`). A gap over which it did not grow was not lost on the way to us: the relay has not got those packets itself, and passes
  /// on unasked what it gets later and is of layers that are for us. So it is not asked for. Without `hop_losses` every gap is taken for a loss of ours.
  void push(const MediaHeader& header, Time now, std::optional<std::uint64_t> hop_losses = std::nullopt);

  /// The sequences to put into a NACK now: lost on our hop, missing for longer than `reorder_tolerance`, asked for less than `max_tries`
  /// times, and able to arrive within `budget` of having been missed, `round_trip` from now. A second try comes after
  /// `round_trip` and four times the jitter.
  std::vector<std::uint32_t> due_nacks(Time now, Duration round_trip, Duration budget);

  /// When `due_nacks` has to be asked next; `never` when nothing is missing.
  [[nodiscard]] Time next_deadline() const { return missing_.empty() ? never : next_try_; }

  /// The next packet is the first of another numbering.
  void restart() { started_ = false; }

  StreamReport report(Time now);
  [[nodiscard]] const LossCounters& counters() const { return counters_; }
  [[nodiscard]] Duration jitter() const;

 private:
  struct Missing {
    Time noticed{};
    Time next_try{};
    int tries = 0;
  };
  void start(const MediaHeader& header, Time now, std::optional<std::uint64_t> hop_losses);
  void advance_to(std::int64_t sequence, Time now, bool lost_here);
  void fill(std::int64_t sequence, bool retransmission);
  void note_arrival(const MediaHeader& header, Time now);

  bool started_ = false;
  Unwrapper<24> sequences_;
  std::int64_t highest_ = 0;
  std::optional<std::uint64_t> hop_losses_;  ///< when the highest came
  std::map<std::int64_t, Missing> missing_;
  std::size_t allowed_ = max_missing;  ///< that may be remembered now
  Time next_try_ = never;              ///< of those in `missing_`, or before
  std::int64_t jitter_ = 0;  ///< us, times 16
  Time last_arrival_{};
  std::uint32_t last_send_time_ = 0;
  LossCounters counters_;
  LossCounters reported_;
};

}  // namespace conclave::media
