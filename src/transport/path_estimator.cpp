#include "transport/path_estimator.h"

#include <algorithm>
#include <cmath>

#include "transport/hop/record.h"

namespace conclave::transport {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t mask = 0xffffff;
constexpr Duration unit = 64us;
constexpr Duration bucket_length = 2s;
constexpr double least_budget = 48'000;
constexpr double cut_to = 0.85;
constexpr double growth_per_second = 0.15;
constexpr double growth_near_ceiling = 0.03;
constexpr double near_ceiling = 0.93;
constexpr Duration growing_queue = 40ms;    // with a rise of half of it within the last 300 ms
constexpr Duration standing_queue = 90ms;   // that does not shrink
constexpr int suspicions = 3;               // in a row: a machine with other work makes single ones
constexpr double mild_cut_to = 0.9;
constexpr Duration clear_queue = 25ms;
constexpr double much_loss = 0.10;
constexpr double little_loss = 0.05;
constexpr std::uint32_t few_packets = 20;
constexpr std::size_t trend_steps = 6;  // reports
constexpr std::size_t rate_steps = 10;
constexpr Duration effect_of_cut = 400ms;
constexpr Duration longer_effect = 1s;
constexpr Duration verdict_on_cut = 1500ms;
constexpr int vain_cuts = 3;

std::int64_t distance(std::uint32_t from, std::uint32_t to) {
  constexpr std::uint32_t half = 0x800000;
  return static_cast<std::int64_t>((to - from + half) & mask) - half;
}

}  // namespace

PathSignal PathEstimator::note(const PathReport& report, Time now) {
  const bool news = count_ == 0 || is_older(newest().report, report);
  if (!news) return PathSignal::unsure;
  note_round_trip(report, now);
  queueing_ = note_transit(report.least_transit, now);
  remember({now, report, queueing_});
  learn_from_cut(now);
  if (count_ < 3 || now < hold_until_) return PathSignal::unsure;
  const bool lossy = loses_much();
  suspicious_ = lossy || queue_grows() || queue_stands() ? suspicious_ + 1 : 0;
  if (suspicious_ >= suspicions) {
    cut(lossy, now);
    return PathSignal::overused;
  }
  if (suspicious_ > 0 || queueing_ > clear_queue || loss() > tolerated_loss_ + little_loss) return PathSignal::unsure;
  grow(now);
  return PathSignal::clear;
}

void PathEstimator::remember(const Sample& sample) {
  samples_[next_ % window] = sample;
  next_ = (next_ + 1) % window;
  count_ = std::min(count_ + 1, window);
}

const PathEstimator::Sample& PathEstimator::back(std::size_t steps) const {
  return samples_[(next_ + window - 1 - std::min(steps, count_ - 1)) % window];
}

void PathEstimator::note_round_trip(const PathReport& report, Time now) {
  const std::int64_t passed = distance(report.last_send_time, hop::send_time(now)) - static_cast<std::int64_t>(report.held);
  if (passed < 0 || passed * unit > 10s) return;
  const Duration sample = passed * unit;
  round_trip_ = round_trip_ == Duration::zero() ? sample : (7 * round_trip_ + sample) / 8;
}

/// How much longer than the least of the last 20 s a packet was under way. The clocks of both ends need not agree; what they drift apart in
/// that time does no harm.
Duration PathEstimator::note_transit(std::uint32_t transit, Time now) {
  if (!first_transit_) first_transit_ = transit;
  const std::int64_t relative = distance(*first_transit_, transit);
  const std::int64_t bucket = now.time_since_epoch() / bucket_length;
  const auto slot = [](std::int64_t number) { return static_cast<std::size_t>(number % static_cast<std::int64_t>(buckets)); };
  if (bucket_ < 0 || bucket - bucket_ >= static_cast<std::int64_t>(buckets)) least_.fill(relative);
  else for (std::int64_t fresh = bucket_ + 1; fresh <= bucket; ++fresh) least_[slot(fresh)] = relative;
  bucket_ = std::max(bucket_, bucket);
  least_[slot(bucket_)] = std::min(least_[slot(bucket_)], relative);
  return (relative - *std::ranges::min_element(least_)) * unit;
}

bool PathEstimator::queue_grows() const {
  return queueing_ >= growing_queue && queueing_ - back(trend_steps).queueing >= growing_queue / 2;
}

bool PathEstimator::queue_stands() const { return queueing_ >= standing_queue && queueing_ + 5ms >= back(trend_steps).queueing; }

/// More than chance would explain, and not while the last cut for it is on trial.
bool PathEstimator::loses_much() const {
  const auto [lost, sent] = losses();
  return !cut_for_loss_ && lost - 2 * std::sqrt(lost) > (tolerated_loss_ + much_loss) * sent;
}

PathEstimator::Losses PathEstimator::losses() const {
  if (count_ < 2) return {};
  const Sample& oldest = back(window);
  const auto lost = static_cast<std::int32_t>(newest().report.lost - oldest.report.lost);
  const std::uint32_t received = newest().report.packets - oldest.report.packets;
  if (lost <= 0 || received + static_cast<std::uint32_t>(lost) < few_packets) return {};
  return {static_cast<double>(lost), static_cast<double>(lost) + static_cast<double>(received)};
}

double PathEstimator::loss() const {
  const auto [lost, sent] = losses();
  return sent == 0 ? 0 : lost / sent;
}

double PathEstimator::received_rate() const { return std::max(rate_since(back(rate_steps)), rate_since(back(rate_steps / 2))); }

double PathEstimator::rate_since(const Sample& before) const {
  if (count_ < 2) return 0;
  const double seconds = std::chrono::duration<double>(newest().at - before.at).count();
  const std::uint32_t packets = newest().report.packets - before.report.packets;
  const std::uint32_t bytes = newest().report.bytes - before.report.bytes;
  return seconds <= 0 ? 0 : 8 * (static_cast<double>(bytes) + static_cast<double>(packets) * path_overhead) / seconds;
}

void PathEstimator::cut(bool by_loss, Time now) {
  const bool full = by_loss || queueing_ >= standing_queue;  // else what arrived may be all that was sent
  ceiling_ = full ? received_rate() : 0;
  const double wanted = std::max({least_budget, cut_to * received_rate(), full ? 0 : mild_cut_to * budget_.value_or(0)});
  budget_ = budget_ ? std::min(*budget_, wanted) : wanted;
  suspicious_ = 0;
  const bool again = now - last_cut_ < 2 * longer_effect;  // what stands must first have gone
  last_cut_ = now;
  hold_until_ = now + std::max(again ? longer_effect : effect_of_cut, 2 * round_trip_);
  grown_ = hold_until_;
  if (by_loss) {
    loss_at_cut_ = loss();
    cut_for_loss_ = now;
    return;
  }
  if (vain_cuts_ == 0 || queueing_ < standing_ * 4 / 5) {
    standing_ = queueing_;
    vain_cuts_ = 0;
  }
  if (++vain_cuts_ < vain_cuts) return;
  vain_cuts_ = 0;  // it is not our queue: the path has become longer
  bucket_ = -1;
}

/// Loss that is as high at a lower rate is not made by us.
void PathEstimator::learn_from_cut(Time now) {
  if (queueing_ < clear_queue) vain_cuts_ = 0;
  if (!cut_for_loss_ || now < *cut_for_loss_ + verdict_on_cut) {
    if (!cut_for_loss_ && loss() < tolerated_loss_ / 2) tolerated_loss_ = loss();
    return;
  }
  cut_for_loss_.reset();
  if (loss() <= loss_at_cut_ * 2 / 3) return;
  tolerated_loss_ = std::min(loss(), 0.5);
  if (queueing_ < clear_queue) budget_.reset();
}

/// Not far beyond what arrives: what was never sent says nothing about the path.
void PathEstimator::grow(Time now) {
  const double seconds = std::clamp(std::chrono::duration<double>(now - grown_).count(), 0.0, 0.2);
  grown_ = now;
  if (!budget_) return;
  const double most = std::max({*budget_, 1.5 * received_rate(), least_budget});
  if (*budget_ > 1.15 * ceiling_) ceiling_ = 0;  // it has become wider
  const bool close = ceiling_ > 0 && *budget_ > near_ceiling * ceiling_;
  budget_ = std::min(most, *budget_ * (1 + (close ? growth_near_ceiling : growth_per_second) * seconds));
}

void PathEstimator::raise(double bits_per_second) {
  if (budget_) budget_ = std::max(*budget_, bits_per_second);
}

void PathEstimator::lift() { budget_.reset(); }

}  // namespace conclave::transport
