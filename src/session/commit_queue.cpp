#include "session/commit_queue.h"

#include <algorithm>

namespace conclave::session {

void CommitQueue::admit(std::uint64_t request, Bytes key_package) { intents_.emplace_back(Admission{request, std::move(key_package)}); }

void CommitQueue::remove(Bytes identity_key) {
  const bool wanted = std::ranges::any_of(intents_, [&](const Intent& intent) {
    const auto* removal = std::get_if<Removal>(&intent);
    return removal != nullptr && removal->identity_key == identity_key;
  });
  if (!wanted) intents_.emplace_back(Removal{std::move(identity_key), false});
}

void CommitQueue::ban(Bytes identity_key) { intents_.emplace_back(Removal{std::move(identity_key), true}); }

void CommitQueue::change(PolicyEdit edit, Bytes voices) { intents_.emplace_back(Change{std::move(edit), std::move(voices)}); }

template <class Kind>
bool CommitQueue::waiting() const {
  return std::ranges::any_of(intents_, [](const Intent& intent) { return std::holds_alternative<Kind>(intent); });
}

void CommitQueue::inherit(Bytes voices, std::vector<Bytes> vanished) {
  // Voices count in one epoch: what waits since an earlier one is worth nothing.
  std::erase_if(intents_, [](const Intent& intent) { return std::holds_alternative<Inheritance>(intent); });
  intents_.emplace_back(Inheritance{std::move(voices), std::move(vanished)});
}

void CommitQueue::vouch() {
  if (!waiting<Vouching>()) intents_.emplace_back(Vouching{});
}

void CommitQueue::rotate() {
  if (!waiting<Rotation>()) intents_.emplace_back(Rotation{});
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
  if (const auto* change = std::get_if<Change>(&intent)) return change_policy(*change, group, at, random);
  if (const auto* heir = std::get_if<Inheritance>(&intent)) return group.inherit(heir->voices, heir->vanished, at.wall, random);
  if (std::holds_alternative<Vouching>(intent)) return change_policy({[](room::RoomPolicy&) {}, {}}, group, at, random);
  const auto* removal = std::get_if<Removal>(&intent);
  if (removal == nullptr) return group.rotate(at.wall, random);
  for (const Member& member : group.members()) {
    if (member.identity_key != removal->identity_key) continue;
    return removal->for_good ? group.ban(member.id, at.wall, random) : group.remove(member.id, at.wall, random);
  }
  return Error{ErrorCode::invalid_argument, "who was to be removed has left"};
}

Result<CommitToLog> CommitQueue::change_policy(const Change& change, RoomGroup& group, Moment at, crypto::Random& random) {
  room::RoomPolicy policy = group.policy();
  change.edit(policy);
  CONCLAVE_TRY(group.vouch(policy, at.wall));
  if (policy == group.policy()) return Error{ErrorCode::invalid_argument, "there is nothing to change"};
  return group.change(policy, change.voices, at.wall, random);
}

}  // namespace conclave::session
