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
constexpr Duration hold = std::chrono::milliseconds(1500);  // a cut is often deeper than the path: what is paused for it needs a keyframe to go on
constexpr double much_tolerance = 0.5;
constexpr Duration long_queue = std::chrono::milliseconds(80);

// Of protection. Where a retransmission is there sooner than parity would be, pictures need none.
constexpr Duration short_round_trip = std::chrono::milliseconds(60);
constexpr double least_rate = 64'000;
constexpr double share_of_what_arrives = 0.5;
constexpr double share_of_budget = 0.25;

/// A picture that is given now would be given no more.
bool pauses(const std::vector<Demand>& demands, const Allocation& allocation) {
  for (std::size_t i = 0; i < demands.size(); ++i) {
    if (!demands[i].sound && demands[i].current && !allocation.steps[i]) return true;
  }
  return false;
}

}  // namespace

bool ReceiverPath::note(const transport::PathReport& report, Turn& turn) {
  ++turn.counters.path_reports;
  losses_.note(report, turn.now);
  const transport::PathSignal signal = estimator_.note(report, turn.now);
  if (signal == transport::PathSignal::overused) {
    ++turn.counters.paths_cut;
    note_cut(turn.now);
    return true;
  }
  if (!estimator_.budget()) return narrow();  // its limit was a mistake
  if (narrow_) set_pace();
  if (tried_ && signal == transport::PathSignal::clear && turn.now - *tried_ > trial) {
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

Allocation ReceiverPath::divide(const std::vector<Demand>& demands, double beside, Turn& turn) {
  next_choice_ = turn.now + choice_interval;
  Allocation allocation = allocate(demands, *estimator_.budget(), beside);
  if (!pauses(demands, allocation)) squeezed_since_.reset();
  else if (!squeezed_since_) squeezed_since_ = turn.now;
  if (squeezed_since_ && turn.now - *squeezed_since_ < hold) allocation = allocate(demands, *estimator_.budget(), beside, much_tolerance);
  beyond_sounds_ = std::max(0.0, *estimator_.budget() - allocation.sounds);
  try_better(demands, allocation, beside, turn);
  set_pace();
  return allocation;
}

/// What a queue loses is not lost less for more that is sent.
transport::fec::Terms ReceiverPath::protection() const {
  transport::fec::Terms terms;
  terms.loss = losses_.share();
  terms.sound_twice = losses_.very_lossy();
  terms.pictures = estimator_.round_trip() == Duration::zero() || estimator_.round_trip() >= short_round_trip;
  terms.base_layers_alone = narrow();
  if (!narrow()) terms.rate = std::max(least_rate, share_of_what_arrives * estimator_.received_rate());
  else if (estimator_.queueing() < long_queue) terms.rate = std::min(share_of_budget * *estimator_.budget(), beyond_sounds_);
  return terms;
}

void ReceiverPath::set_pace() {
  narrow_->pacer.set_rate((estimator_.queueing() > long_queue ? pace_behind_queue : pace) * *estimator_.budget());
}

/// The next division has the budget for it.
void ReceiverPath::try_better(const std::vector<Demand>& demands, const Allocation& allocation, double beside, Turn& turn) {
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
  const double enough = *better * 1.02 + beside;
  estimator_.raise(starting_ ? std::max(enough, faster * *estimator_.budget()) : enough);
  next_choice_ = turn.now;
}

}  // namespace conclave::relay
