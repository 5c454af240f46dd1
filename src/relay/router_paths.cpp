// What the router makes of what receivers say about their paths.
#include <algorithm>
#include <utility>

#include "relay/router.h"

namespace conclave::relay {

void Router::path_report(ConnectionId connection, Participant& participant, const transport::PathReport& report, Turn& turn) {
  if (!participant.path) participant.path = std::make_unique<ReceiverPath>(connection);
  if (participant.path->note(report, turn)) review(connection, participant, turn);
  protect(connection, participant, turn);
}

void Router::review(ConnectionId connection, Participant& participant, Turn& turn) {
  ReceiverPath& path = *participant.path;
  if (!path.estimator().budget()) return set_narrow(connection, participant, false, turn);
  if (!path.narrow()) set_narrow(connection, participant, true, turn);
  divide(connection, participant, turn);
  if (path.widened(turn.now)) set_narrow(connection, participant, false, turn);
}

/// Only what goes to somebody who loses packets is looked at one receiver at a time.
void Router::protect(ConnectionId connection, Participant& participant, Turn& turn) {
  const bool lossy = participant.path->loses();
  if (lossy != (participant.guard != nullptr)) {
    const auto before = std::exchange(participant.guard, lossy ? std::make_unique<Guard>(connection) : nullptr);
    turn.counters.paths_guarded += lossy ? 1 : 0;
    if (lossy) guarded_.insert(connection);
    else guarded_.erase(connection);
    attach_all(connection, participant, way_to(participant), turn);
  }
  if (participant.guard) participant.guard->set_terms(participant.path->protection(), turn.now);
}

void Router::attach_all(ConnectionId connection, const Participant& participant, Way way, Turn& turn) {
  for (const auto& wanted : participant.wanted) {
    if (const auto stream = streams_.find(wanted.stream_id); stream != streams_.end()) stream->second.attach(connection, way, turn);
  }
}

/// Somebody who comes to a meeting of many pictures gets the least of each first: all at once could be several times what its path carries.
void Router::begin_modestly(ConnectionId connection, Participant& participant, Turn& turn) {
  constexpr double much = 500'000;  // bit/s
  double most = 0;
  int pictures = 0;
  for (const auto& wanted : participant.wanted) {
    const auto stream = streams_.find(wanted.stream_id);
    if (stream == streams_.end() || stream->second.publisher() == connection || stream->second.is_sound(turn.now)) continue;
    most += stream->second.top_rate();
    ++pictures;
  }
  if (pictures < 2 || most < much) return;
  participant.path = std::make_unique<ReceiverPath>(connection);
  participant.path->begin_modestly(turn.now);
  narrow_.insert(connection);
}

/// Every stream that it receives goes by its pacer from now on, or by none.
void Router::set_narrow(ConnectionId connection, Participant& participant, bool narrow, Turn& turn) {
  ReceiverPath& path = *participant.path;
  if (path.narrow() == narrow) return;
  ++(narrow ? turn.counters.paths_narrowed : turn.counters.paths_widened);
  if (narrow) {
    path.make_narrow();
    narrow_.insert(connection);
  } else {
    narrow_.erase(connection);
    path.lift();
    release(participant, turn.now + std::chrono::hours(1), turn);
  }
  attach_all(connection, participant, {narrow ? path.paced() : nullptr, participant.guard.get()}, turn);
  if (!narrow) path.make_wide();
}

void Router::divide(ConnectionId connection, Participant& participant, Turn& turn) {
  std::vector<Stream*> streams;
  std::vector<Demand> demands;
  for (const auto& wanted : participant.wanted) {
    const auto stream = streams_.find(wanted.stream_id);
    const Subscriber* subscriber = stream == streams_.end() ? nullptr : stream->second.subscriber(connection);
    if (subscriber == nullptr) continue;
    Demand demand{stream->second.is_sound(turn.now), stream->second.info().priority, stream->second.ladder(*subscriber), std::nullopt, wanted.rank};
    for (std::size_t step = 0; step < demand.ladder.size(); ++step) {
      if (demand.ladder[step].choice == subscriber->target) demand.current = step;
    }
    streams.push_back(&stream->second);
    demands.push_back(std::move(demand));
  }
  const Allocation allocation = participant.path->divide(demands, participant.guard ? participant.guard->cost() : 0, turn);
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const auto step = allocation.steps[i];
    if (step == demands[i].current) continue;
    ++(step > demands[i].current ? turn.counters.layers_raised : turn.counters.layers_lowered);
    streams[i]->choose(connection, step ? std::optional(demands[i].ladder[*step].choice) : std::nullopt, turn);
  }
}

/// Lets go what the pace allows, after giving up what waits in vain.
void Router::release(Participant& participant, Time until, Turn& turn) {
  NarrowPath* path = participant.path ? participant.path->paced() : nullptr;
  if (path == nullptr) return;
  while (const auto drop = path->pacer.give_up()) {
    const auto stream = streams_.find(drop->stream_id);
    if (stream != streams_.end()) stream->second.note_drop(path->self->front().connection, *drop, turn);
  }
  while (auto packet = path->pacer.pop(until)) {
    turn.out.forward(path->self, *packet);
    if (participant.guard) participant.guard->sent(*packet, false, path, turn);
  }
}

Time Router::next_path_deadline() const {
  Time next = never;
  for (const ConnectionId connection : narrow_) next = std::min(next, participants_.at(connection).path->paced()->pacer.next_deadline());
  for (const ConnectionId connection : guarded_) next = std::min(next, participants_.at(connection).guard->next_deadline());
  for (const auto& [connection, meter] : uplinks_) next = std::min(next, meter.next_report());
  return next;
}

void Router::tick_paths(Turn& turn) {
  for (const ConnectionId connection : narrow_) release(participants_.at(connection), turn.now, turn);
  for (const ConnectionId connection : guarded_) {
    const Participant& participant = participants_.at(connection);
    participant.guard->tick(way_to(participant).path, turn);
  }
  for (auto& [connection, meter] : uplinks_) {
    if (turn.now < meter.next_report()) continue;
    if (const auto report = meter.report(turn.now)) turn.out.feedback(connection, {*report});
  }
}

}  // namespace conclave::relay
