#include "session/commit_queue.h"

#include <algorithm>

namespace conclave::session {

void CommitQueue::admit(std::uint64_t request, Bytes key_package) { intents_.emplace_back(Admission{request, std::move(key_package)}); }

void CommitQueue::remove(Bytes identity_key) {
  const bool wanted = std::ranges::any_of(intents_, [&](const Intent& intent) {
    const auto* removal = std::get_if<Removal>(&intent);
    return removal != nullptr && removal->identity_key == identity_key;
  });
  if (!wanted) intents_.emplace_back(Removal{std::move(identity_key)});
}

void CommitQueue::rotate() {
  const bool waiting = std::ranges::any_of(intents_, [](const Intent& intent) { return std::holds_alternative<Rotation>(intent); });
  if (!waiting) intents_.emplace_back(Rotation{});
}

void CommitQueue::withdraw(std::uint64_t request, bool commit_pending) {
  const auto first = intents_.begin() + (commit_pending && !intents_.empty() ? 1 : 0);
  const auto gone = std::remove_if(first, intents_.end(), [&](const Intent& intent) {
    const auto* admission = std::get_if<Admission>(&intent);
    return admission != nullptr && admission->request == request;
  });
  intents_.erase(gone, intents_.end());
}

void CommitQueue::done() {
  if (!intents_.empty()) intents_.pop_front();
}

void CommitQueue::pursue(RoomGroup& group, Moment at, crypto::Random& random, SessionStep& step) {
  while (!intents_.empty() && !group.commit_pending()) {
    const auto* admission = std::get_if<Admission>(&intents_.front());
    Result<CommitToLog> commit = commit_for(intents_.front(), group, at, random);
    if (!commit.ok()) {  // what it was for is gone: the member has left, or the identity has a seat by now
      if (admission != nullptr) step.events.emplace_back(AdmissionFailed{admission->request, std::move(commit).error()});
      intents_.pop_front();
      continue;
    }
    ToLog out{std::move(commit->message), true, commit->epoch, {}};
    if (admission != nullptr && commit->welcome) out.admission = ToLog::Admission{admission->request, std::move(*commit->welcome)};
    step.send.push_back(std::move(out));
  }
}

Result<CommitToLog> CommitQueue::commit_for(const Intent& intent, RoomGroup& group, Moment at, crypto::Random& random) {
  if (const auto* admission = std::get_if<Admission>(&intent)) return group.admit(admission->key_package, at.wall, random);
  const auto* removal = std::get_if<Removal>(&intent);
  if (removal == nullptr) return group.rotate(at.wall, random);
  for (const Member& member : group.members()) {
    if (member.identity_key == removal->identity_key) return group.remove(member.id, at.wall, random);
  }
  return Error{ErrorCode::invalid_argument, "who was to be removed has left"};
}

}  // namespace conclave::session
