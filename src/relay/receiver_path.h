// One receiver's path: what it carries, what waits for it, and when something better may be tried.
#pragma once

#include <memory>
#include <optional>

#include "relay/allocation.h"
#include "transport/fec/protection.h"
#include "transport/path_estimator.h"
#include "relay/subscriber.h"

namespace conclave::relay {

/// Wide until its reports show a limit; then everything that goes to it is paced, and chosen anew every 250 ms and with each cut. A
/// path that is clear for a while and whose receiver could have better gets the cheapest improvement on trial; one that fails makes the
/// next trial wait twice as long, up to 32 s. One that carries all that is wanted for 10 s is wide again.
class ReceiverPath {
 public:
  explicit ReceiverPath(ConnectionId connection) : connection_(connection) {}

  /// True when what is sent has to be chosen anew.
  bool note(const transport::PathReport& report, Turn& turn);

  [[nodiscard]] bool narrow() const { return narrow_ != nullptr; }
  /// Null when wide.
  [[nodiscard]] NarrowPath* paced() const { return narrow_.get(); }
  [[nodiscard]] const transport::PathEstimator& estimator() const { return estimator_; }

  void make_narrow();
  /// Of a newcomer for whom all that it wants may be too much: narrow until it has shown that it carries more, by half more every 300 ms.
  void begin_modestly(Time now);
  void lift() { estimator_.lift(), at_best_since_.reset(), starting_ = false; }
  void make_wide() { narrow_.reset(); }

  /// What the receiver is to get of `demands` now, beside what protects it, in bits a second.
  Allocation divide(const std::vector<Demand>& demands, double beside, Turn& turn);
  /// Loses so much that something is done about it.
  [[nodiscard]] bool loses() const { return losses_.lossy(); }
  /// What may be done.
  [[nodiscard]] transport::fec::Terms protection() const;
  /// Everything that is wanted has passed for long: nothing need be paced any more.
  [[nodiscard]] bool widened(Time now) const { return at_best_since_ && now - *at_best_since_ >= (starting_ ? wide_after_start : wide_after); }

 private:
  static constexpr Duration choice_interval = std::chrono::milliseconds(250);
  static constexpr Duration first_patience = std::chrono::seconds(2);
  static constexpr Duration most_patience = std::chrono::seconds(32);
  static constexpr Duration wide_after = std::chrono::seconds(10);
  static constexpr Duration wide_after_start = std::chrono::seconds(2);
  static constexpr Duration start_patience = std::chrono::milliseconds(300);
  static constexpr Duration trial = std::chrono::seconds(3);

  void set_pace();
  void note_cut(Time now);
  void try_better(const std::vector<Demand>& demands, const Allocation& allocation, double beside, Turn& turn);

  ConnectionId connection_;
  transport::PathEstimator estimator_;
  transport::fec::LossAverage losses_;
  double beyond_sounds_ = 0;  ///< of the budget
  std::unique_ptr<NarrowPath> narrow_;
  bool starting_ = false;
  std::optional<Time> squeezed_since_;  ///< pictures that are given do not fit
  Time next_choice_{};
  Time clear_since_{};
  std::optional<Time> tried_;
  Duration patience_ = first_patience;
  std::optional<Time> at_best_since_;
};

}  // namespace conclave::relay
