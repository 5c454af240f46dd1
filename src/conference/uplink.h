// The way of our media to the relay: what is sent, and what beside it where much is lost.
#pragma once

#include "conclave/conference.h"
#include "transport/fec/protection.h"
#include "transport/feedback.h"

namespace conclave::conference {

class Uplink {
 public:
  /// `round_trip` to the relay.
  explicit Uplink(Duration round_trip) : round_trip_(round_trip) {}

  /// What the relay says of how our packets arrive.
  void note(const transport::PathReport& report, Time now);
  void send(MediaPacket packet, bool sound, Time now, ConferenceOutputs& out);
  void expire(Time now, ConferenceOutputs& out);
  [[nodiscard]] Time next_deadline() const { return protection_.next_deadline(); }

 private:
  [[nodiscard]] double arriving(const transport::PathReport& report, Time now);

  Duration round_trip_;
  transport::fec::LossAverage losses_;
  transport::fec::Protection protection_;
  std::optional<transport::PathReport> last_;
  Time last_at_{};
  double rate_ = 0;  ///< bits a second that arrive
};

}  // namespace conclave::conference
