#include "relay/receiver_path.h"

#include <algorithm>

namespace conclave::relay {
namespace {

// Of the budget: bursts leave soon, and the sum is kept by the choice of layers. While a queue stands on the path pictures wait here instead, where
// sound does not wait behind them.
constexpr double pace = 1.2;
constexpr double pace_behind_queue = 0.8;
constexpr double modest = 300'000;  // bit/s
constexpr double faster = 1.5;
constexpr Duration long_queue = std::chrono::milliseconds(80);

}  // namespace

bool ReceiverPath::note(const transport::PathReport& report, Turn& turn) {
  ++turn.counters.path_reports;
  const PathSignal signal = estimator_.note(report, turn.now);
  if (signal == PathSignal::overused) {
    ++turn.counters.paths_cut;
    note_cut(turn.now);
    return true;
  }
  if (!estimator_.budget()) return narrow();  // its limit was a mistake
  if (narrow_) set_pace();
  if (tried_ && signal == PathSignal::clear && turn.now - *tried_ > trial) {
    tried_.reset();
    patience_ = first_patience;
  }
  return turn.now >= next_choice_;
}

void ReceiverPath::note_cut(Time now) {
  if (tried_ && now - *tried_ <= trial) patience_ = std::min(2 * patience_, most_patience);
  tried_.reset();
  clear_since_ = now;
  at_best_since_.reset();
  starting_ = false;
}

void ReceiverPath::make_narrow() {
  narrow_ = std::make_unique<NarrowPath>();
  narrow_->self = std::make_shared<const std::vector<Receiver>>(1, Receiver{connection_, 0});
}

void ReceiverPath::begin_modestly(Time now) {
  make_narrow();
  estimator_.assume(modest);
  starting_ = true;
  clear_since_ = now;
  set_pace();
}

Allocation ReceiverPath::divide(const std::vector<Demand>& demands, Turn& turn) {
  next_choice_ = turn.now + choice_interval;
  Allocation allocation = allocate(demands, *estimator_.budget());
  try_better(demands, allocation, turn);
  set_pace();
  return allocation;
}

void ReceiverPath::set_pace() {
  narrow_->pacer.set_rate((estimator_.queueing() > long_queue ? pace_behind_queue : pace) * *estimator_.budget());
}

/// The next division has the budget for it.
void ReceiverPath::try_better(const std::vector<Demand>& demands, const Allocation& allocation, Turn& turn) {
  const auto better = next_improvement(demands, allocation);
  if (!better) {
    if (!at_best_since_) at_best_since_ = turn.now;
    return;
  }
  at_best_since_.reset();
  const bool rested = starting_ ? turn.now - clear_since_ >= start_patience : !tried_ && turn.now - clear_since_ >= patience_;
  const bool may = rested && estimator_.queueing() < std::chrono::milliseconds(25);
  if (!may) return;
  ++turn.counters.paths_tried;
  tried_ = clear_since_ = turn.now;
  estimator_.raise(starting_ ? std::max(*better * 1.02, faster * *estimator_.budget()) : *better * 1.02);
  next_choice_ = turn.now;
}

}  // namespace conclave::relay
