// The way of our media to the relay: how much it carries, what waits for it, and what goes beside where much is lost.
#pragma once

#include <deque>
#include <optional>

#include "conclave/conference.h"
#include "transport/fec/protection.h"
#include "transport/path_estimator.h"

namespace conclave::conference {

/// Wide until the relay's reports show a limit. Then pictures are paced to what is left beside sound, which never waits, and their encoder is told
/// how much that is. A way that is clear for a while is tried with more, a quarter at a time; one that carries all that is wanted is wide again.
class Uplink {
 public:
  /// `round_trip` to the relay.
  explicit Uplink(Duration round_trip) : round_trip_(round_trip) {}

  /// What all that we have would take, bits a second of payload.
  void want(double bits_per_second) { wanted_ = bits_per_second; }
  /// What the relay says of how our packets arrive.
  void note(const transport::PathReport& report, Time now);
  /// Bits a second that an encoder may spend on pictures; nothing: no limit is known.
  [[nodiscard]] std::optional<double> for_pictures() const;
  /// So much waits that another picture would come late.
  [[nodiscard]] bool congested() const;

  void send(MediaPacket packet, bool sound, Time now, ConferenceOutputs& out);
  /// What was asked for again does not wait.
  void resend(MediaPacket packet, Time now, ConferenceOutputs& out);
  /// What it is time for.
  void expire(Time now, ConferenceOutputs& out);
  [[nodiscard]] Time next_deadline() const;

 private:
  void try_more(transport::PathSignal signal, Time now);
  [[nodiscard]] transport::fec::Terms protection() const;
  [[nodiscard]] double pace() const;
  [[nodiscard]] Duration time_for(std::size_t bytes) const;
  void charge(const MediaPacket& packet, Time now);
  void emit(MediaPacket packet, bool sound, Time now, ConferenceOutputs& out);
  void flush(Time now, ConferenceOutputs& out);

  Duration round_trip_;
  transport::PathEstimator estimator_;
  transport::fec::LossAverage losses_;
  transport::fec::Protection protection_;
  double wanted_ = 0;
  double sound_rate_ = 0;         ///< bits a second, with headers
  std::size_t sound_bytes_ = 0;   ///< since `measured_`
  Time measured_{};
  Time clear_since_{};
  std::optional<Time> tried_;
  Duration patience_ = std::chrono::seconds(2);
  std::deque<MediaPacket> waiting_;
  std::size_t waiting_bytes_ = 0;
  Time free_{};  ///< when everything that went will have passed
};

}  // namespace conclave::conference
