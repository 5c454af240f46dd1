// What the router makes of what receivers say about their paths.
#include <algorithm>

#include "relay/router.h"

namespace conclave::relay {

void Router::path_report(ConnectionId connection, Participant& participant, const transport::PathReport& report, Turn& turn) {
  if (!participant.path) participant.path = std::make_unique<ReceiverPath>(connection);
  ReceiverPath& path = *participant.path;
  if (!path.note(report, turn)) return;
  if (!path.estimator().budget()) return set_narrow(connection, participant, false, turn);
  if (!path.narrow()) set_narrow(connection, participant, true, turn);
  divide(connection, participant, turn);
  if (path.widened(turn.now)) set_narrow(connection, participant, false, turn);
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
  for (const auto& wanted : participant.wanted) {
    if (const auto stream = streams_.find(wanted.stream_id); stream != streams_.end()) {
      stream->second.attach(connection, narrow ? path.paced() : nullptr, turn);
    }
  }
  if (!narrow) path.make_wide();
}

void Router::divide(ConnectionId connection, Participant& participant, Turn& turn) {
  std::vector<Stream*> streams;
  std::vector<Demand> demands;
  for (const auto& wanted : participant.wanted) {
    const auto stream = streams_.find(wanted.stream_id);
    const Subscriber* subscriber = stream == streams_.end() ? nullptr : stream->second.subscriber(connection);
    if (subscriber == nullptr) continue;
    Demand demand{stream->second.is_sound(turn.now), stream->second.info().priority, stream->second.ladder(*subscriber), std::nullopt};
    for (std::size_t step = 0; step < demand.ladder.size(); ++step) {
      if (demand.ladder[step].choice == subscriber->target) demand.current = step;
    }
    streams.push_back(&stream->second);
    demands.push_back(std::move(demand));
  }
  const Allocation allocation = participant.path->divide(demands, turn);
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
  while (auto packet = path->pacer.pop(until)) turn.out.forward(path->self, *std::move(packet));
}

Time Router::next_release() const {
  Time next = never;
  for (const ConnectionId connection : narrow_) next = std::min(next, participants_.at(connection).path->paced()->pacer.next_deadline());
  return next;
}

}  // namespace conclave::relay
