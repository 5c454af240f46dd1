// Which layers each subscriber of a stream gets, and which of them the publisher need not send.
#include <algorithm>

#include "relay/stream.h"

namespace conclave::relay {
namespace {

constexpr std::size_t most_tiers = 12;

}  // namespace

bool Stream::describe(const transport::PublishedStream& info, Turn& turn) {
  const bool layers = info_.temporal_layers != info.temporal_layers || info_.spatial_layers != info.spatial_layers;
  const bool changed = layers || info_.priority != info.priority;
  info_ = info;
  if (!layers) return changed;
  told_wanted_ = (1U << info.spatial_layers) - 1;
  for (auto& [connection, subscriber] : subscribers_) {
    subscriber.most = most_of(subscriber.wanted);
    choose(connection, subscriber.way.path == nullptr ? subscriber.most : least_of(subscriber), turn);
  }
  update_wanted(turn);
  return changed;
}

LayerChoice Stream::most_of(const transport::Subscription& wanted) const {
  const bool all = wanted.max_temporal_layer + 1 >= info_.temporal_layers;
  return {std::min(wanted.max_spatial_layer, static_cast<std::uint8_t>(info_.spatial_layers - 1)),
          all ? std::uint8_t{7} : wanted.max_temporal_layer};
}

LayerChoice Stream::least_of(const Subscriber& subscriber) const { return ladder(subscriber).front().choice; }

Ladder Stream::ladder(const Subscriber& subscriber) const {
  Ladder steps = rates_.ladder(subscriber.most, info_.temporal_layers);
  if (steps.back().rate == 0) steps.resize(1);  // nothing is known yet
  return steps;
}

// ---- subscribers -----------------------------------------------------------------------------------------------

void Stream::subscribe(ConnectionId connection, const transport::Subscription& wanted, Way way, Turn& turn) {
  const auto [found, fresh] = subscribers_.try_emplace(connection);
  Subscriber& subscriber = found->second;
  subscriber.wanted = wanted;
  subscriber.most = most_of(wanted);
  subscriber.way = way;
  choose(connection, way.path == nullptr ? subscriber.most : least_of(subscriber), turn);
}

void Stream::unsubscribe(ConnectionId connection, Turn& turn) {
  const auto found = subscribers_.find(connection);
  if (found == subscribers_.end()) return;
  retire_from(found->second);
  forget_receivers();
  subscribers_.erase(found);
  update_wanted(turn);
}

void Stream::retire_from(Subscriber& subscriber) const {
  if (subscriber.way.path != nullptr) subscriber.way.path->pacer.retire(info_.stream_id);
  if (subscriber.way.guard != nullptr) subscriber.way.guard->forget(info_.stream_id);
}

void Stream::retire() {
  for (auto& [connection, subscriber] : subscribers_) {
    retire_from(subscriber);
  }
}

const Subscriber* Stream::subscriber(ConnectionId connection) const {
  const auto found = subscribers_.find(connection);
  return found == subscribers_.end() ? nullptr : &found->second;
}

void Stream::attach(ConnectionId connection, Way way, Turn& turn) {
  const auto found = subscribers_.find(connection);
  if (found == subscribers_.end() || found->second.way == way) return;
  const bool widened = found->second.way.path != nullptr && way.path == nullptr;
  found->second.way = way;
  forget_receivers();
  if (widened) choose(connection, found->second.most, turn);
}

void Stream::choose(ConnectionId connection, std::optional<LayerChoice> target, Turn& turn) {
  const auto found = subscribers_.find(connection);
  if (found == subscribers_.end() || (found->second.target == target && found->second.settled())) return;
  Subscriber& subscriber = found->second;
  const bool news = subscriber.target != target;
  subscriber.target = target;
  if (!news) return;
  unsettled_ = true;
  const bool served = subscriber.numbering.in_lane();
  if (!target) {
    rest(subscriber);
  } else if (!served || subscriber.numbering.lane().spatial != target->spatial) {
    if (served && subscriber.numbering.lane().spatial > target->spatial) {  // until its own size comes, the least of the larger one
      const LayerChoice now{subscriber.numbering.lane().spatial, info_.temporal_layers > 1 ? std::uint8_t{0} : std::uint8_t{7}};
      if (now != subscriber.numbering.lane()) move(subscriber, now);
    }
    request_keyframe(subscriber, turn);
  } else if (target->temporal < subscriber.numbering.lane().temporal) {
    move(subscriber, *target);
  }
  update_wanted(turn);
}

/// Its numbers go on where they were.
void Stream::move(Subscriber& subscriber, LayerChoice choice) {
  Numbering& numbering = subscriber.numbering;
  if (numbering.in_lane()) numbering.leave(tier(numbering.lane()).lane.next_number());
  numbering.enter(choice, tier(choice).lane.next_number());
  forget_receivers();
}

void Stream::rest(Subscriber& subscriber) {
  Numbering& numbering = subscriber.numbering;
  if (!numbering.in_lane()) return;
  const auto waiting = subscriber.way.path == nullptr ? std::nullopt : subscriber.way.path->pacer.forget(info_.stream_id);
  if (waiting) numbering.stop_at(*waiting);
  else numbering.leave(tier(numbering.lane()).lane.next_number());
  forget_receivers();
}

/// A frame begins: who waits for one like it goes on with what it is to get.
void Stream::settle_at(const FrameInfo& frame, Turn& turn) {
  unsettled_ = false;
  bool changed = false;
  for (auto& [connection, subscriber] : subscribers_) {
    if (subscriber.settled()) continue;
    const LayerChoice& target = *subscriber.target;
    const bool same_size = subscriber.numbering.in_lane() && subscriber.numbering.lane().spatial == target.spatial;
    const bool begins = frame.spatial_layer == target.spatial && (frame.keyframe || (same_size && frame.temporal_layer == 0));
    if (begins) move(subscriber, target);
    else unsettled_ = true;
    changed = changed || begins;
  }
  if (changed) update_wanted(turn);
}

// ---- lanes -----------------------------------------------------------------------------------------------------

/// A lane that is new goes on from what has passed. Those that nobody takes are forgotten when there are many.
Stream::Tier& Stream::tier(LayerChoice choice) {
  if (const auto found = tiers_.find(choice); found != tiers_.end()) return found->second;
  if (tiers_.size() >= most_tiers) {
    std::erase_if(tiers_, [&](const auto& entry) {
      return std::ranges::none_of(subscribers_, [&](const auto& each) { return each.second.numbering.lane() == entry.first; });
    });
  }
  Tier& made = tiers_[choice];
  if (passed_ > 0) made.lane.pass(passed_ - 1);
  return made;
}

void Stream::bring_up_to_date(LayerChoice choice, Tier& tier) {
  auto receivers = std::make_shared<std::vector<Receiver>>();
  tier.apart.clear();
  tier.alike_from = 0;
  for (auto& [connection, subscriber] : subscribers_) {
    if (!subscriber.numbering.in_lane() || subscriber.numbering.lane() != choice) continue;
    if (subscriber.way != Way{}) {
      tier.apart.emplace_back(connection, &subscriber);
      continue;
    }
    receivers->push_back({connection, static_cast<std::uint32_t>(subscriber.numbering.offset() & 0xffffff)});
    tier.alike_from = std::max(tier.alike_from, subscriber.numbering.holds_from());
  }
  tier.receivers = std::move(receivers);
}

void Stream::forget_receivers() {
  for (auto& [choice, tier] : tiers_) {
    tier.receivers = nullptr;
    tier.apart.clear();
  }
}

/// One behind a narrow path is in no lane any more; the lists of the others stand.
void Stream::forget_apart(ConnectionId connection) {
  for (auto& [choice, tier] : tiers_) {
    std::erase_if(tier.apart, [&](const auto& each) { return each.first == connection; });
  }
}

// ---- what the publisher need not send --------------------------------------------------------------------------

unsigned Stream::layers_taken() const {
  unsigned layers = 0;
  for (const auto& [connection, subscriber] : subscribers_) {
    if (subscriber.target) layers |= 1U << subscriber.target->spatial;
    if (subscriber.numbering.in_lane()) layers |= 1U << subscriber.numbering.lane().spatial;
  }
  return layers;
}

/// More at once, less when it has been so for a while.
void Stream::update_wanted(Turn& turn) {
  if (info_.priority == 7) return;
  const unsigned taken = layers_taken();
  if ((taken & ~told_wanted_) != 0) tell_wanted(told_wanted_ | taken, turn);
  if (taken == told_wanted_) narrowing_.reset();
  else if (!narrowing_) narrowing_ = turn.now + limits_.pause_delay;
}

void Stream::tell_wanted(unsigned layers, Turn& turn) {
  narrowing_.reset();
  if (layers == told_wanted_) return;
  if ((told_wanted_ & ~layers) != 0) ++turn.counters.layers_paused;
  told_wanted_ = layers;
  turn.out.send(publisher_, Channel::control, transport::LayersWanted{{{info_.stream_id, static_cast<std::uint8_t>(layers)}}});
}

}  // namespace conclave::relay
