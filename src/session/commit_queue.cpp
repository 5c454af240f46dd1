#include "session/commit_queue.h"

#include <algorithm>
#include <utility>

namespace conclave::session {

void CommitQueue::admit(std::uint64_t request, Bytes key_package) { intents_.emplace_back(Admission{request, std::move(key_package)}); }

void CommitQueue::remove(Bytes identity_key) {
  const bool wanted = std::ranges::any_of(intents_, [&](const Intent& intent) {
    const auto* removal = std::get_if<Removal>(&intent);
    return removal != nullptr && removal->identity_key == identity_key;
  });
  if (!wanted) hurry(Removal{std::move(identity_key), false});
}

void CommitQueue::ban(Bytes identity_key) { hurry(Removal{std::move(identity_key), true}); }

void CommitQueue::change(PolicyEdit edit, Bytes voices) { hurry(Change{std::move(edit), std::move(voices)}); }

room::RoomPolicy CommitQueue::after_changes(room::RoomPolicy policy) const {
  for (const Intent& intent : intents_) {
    if (const auto* change = std::get_if<Change>(&intent)) change->edit(policy);
  }
  return policy;
}

template <class Kind>
bool CommitQueue::waiting() const {
  return std::ranges::any_of(intents_, [](const Intent& intent) { return std::holds_alternative<Kind>(intent); });
}

void CommitQueue::inherit(Bytes voices, std::vector<Bytes> vanished) {
  // Voices count in one epoch: what waits since an earlier one is worth nothing.
  const auto waiting = intents_.begin() + static_cast<std::ptrdiff_t>(std::min(under_way_, intents_.size()));
  intents_.erase(std::remove_if(waiting, intents_.end(), [](const Intent& intent) { return std::holds_alternative<Inheritance>(intent); }), intents_.end());
  hurry(Inheritance{std::move(voices), std::move(vanished)});
}

void CommitQueue::vouch() {
  if (!waiting<Vouching>()) intents_.emplace_back(Vouching{});
}

void CommitQueue::rotate() {
  if (!waiting<Rotation>()) intents_.emplace_back(Rotation{});
}

void CommitQueue::withdraw(std::uint64_t request, bool commit_pending) {
  const auto first = intents_.begin() + static_cast<std::ptrdiff_t>(commit_pending ? std::min(under_way_, intents_.size()) : 0);
  const auto gone = std::remove_if(first, intents_.end(), [&](const Intent& intent) {
    const auto* admission = std::get_if<Admission>(&intent);
    return admission != nullptr && admission->request == request;
  });
  intents_.erase(gone, intents_.end());
}

void CommitQueue::done() {
  intents_.erase(intents_.begin(), intents_.begin() + static_cast<std::ptrdiff_t>(std::min(under_way_, intents_.size())));
  under_way_ = 0;
  resumed_ = false;
}

void CommitQueue::resume(ToLog entry, bool asked) {
  last_ = std::move(entry);
  again_ = resumed_ = true;
  asked_ = asked;
}

bool CommitQueue::asked() const {
  if (resumed_) return asked_;
  return std::any_of(intents_.begin(), intents_.begin() + static_cast<std::ptrdiff_t>(std::min(under_way_, intents_.size())), of_app);
}

bool CommitQueue::of_app(const Intent& intent) { return !std::holds_alternative<Rotation>(intent) && !std::holds_alternative<Vouching>(intent); }

/// What was under way when the app was killed, and did not come first.
void CommitQueue::report_lost(SessionStep& step) const {
  const Error lost{ErrorCode::invalid_state, "what was under way before the restore came to nothing: another commit was first"};
  if (!last_.admission) {
    if (asked_) step.events.emplace_back(ChangeFailed{lost, {}});
    return;
  }
  step.events.emplace_back(AdmissionFailed{last_.admission->request, lost});
  for (const std::uint64_t request : last_.admission->others) step.events.emplace_back(AdmissionFailed{request, lost});
}

/// Before all that can wait, behind what is under way and what hurried before: a right that is taken and given back ends up given.
void CommitQueue::hurry(Intent intent) {
  const auto waiting = intents_.begin() + static_cast<std::ptrdiff_t>(std::min(under_way_, intents_.size()));
  const auto can_wait = [](const Intent& each) { return std::holds_alternative<Admission>(each) || std::holds_alternative<Rotation>(each); };
  intents_.insert(std::find_if(waiting, intents_.end(), can_wait), std::move(intent));
}

/// Who is to go goes now, and what is to change changes: the pace leaves the log room for that. Only so much room: when a crowd leaves at
/// once, a log that is flooded would throw us out.
bool CommitQueue::patient() const {
  return std::holds_alternative<Admission>(intents_.front()) || std::holds_alternative<Rotation>(intents_.front());
}

Time CommitQueue::next_deadline(const RoomGroup& group) const {
  if (again_ && group.commit_pending()) return {};
  if (intents_.empty() || group.commit_pending()) return never;
  return next_slot_ - interval_ * static_cast<std::int64_t>(patient() ? burst_ : burst_ + urgent_burst);
}

std::size_t CommitQueue::admissions_in_front() const {
  const auto last = std::ranges::find_if_not(intents_, [](const Intent& intent) { return std::holds_alternative<Admission>(intent); });
  return std::min(static_cast<std::size_t>(last - intents_.begin()), std::max<std::size_t>(at_once_, 1));
}

void CommitQueue::pursue(RoomGroup& group, Moment at, crypto::Random& random, SessionStep& step) {
  if (!group.commit_pending()) {  // another one won, perhaps
    if (std::exchange(resumed_, false)) report_lost(step);
    under_way_ = 0;
    last_ = {};
  }
  if (std::exchange(again_, false) && group.commit_pending()) step.send.push_back(last_);
  while (!intents_.empty() && !group.commit_pending()) {
    if (at.now < next_deadline(group)) return;
    // Some of a crowd may not go together, as two that show one invitation: then fewer are tried.
    std::size_t admissions = admissions_in_front();
    while (admissions > 1 && !make(admissions, group, at, random, step)) admissions /= 2;
    if (admissions <= 1) make(1, group, at, random, step);
  }
}

/// One commit for the first `count` intents. What cannot be done alone is given up: others have acted meanwhile, or the identity has a seat by now.
bool CommitQueue::make(std::size_t count, RoomGroup& group, Moment at, crypto::Random& random, SessionStep& step) {
  const auto* admission = std::get_if<Admission>(&intents_.front());
  Made made = admission != nullptr ? admit_first(count, group, at, random) : commit_for(intents_.front(), group, at, random);
  if (!made.ok() && count > 1) return false;
  if (!made.ok() || !*made) {
    if (!made.ok()) report(intents_.front(), std::move(made).error(), step);
    intents_.pop_front();
    return false;
  }
  CommitToLog& commit = **made;
  last_ = ToLog{std::move(commit.message), true, commit.epoch, {}};
  if (admission != nullptr && commit.welcome) {
    last_.admission = ToLog::Admission{admission->request, std::move(*commit.welcome), {}};
    for (std::size_t i = 1; i < count; ++i) last_.admission->others.push_back(std::get<Admission>(intents_[i]).request);
  }
  step.send.push_back(last_);
  under_way_ = count;
  next_slot_ = std::max(next_slot_, at.now) + interval_;
  return true;
}

/// Whoever asked for it is told. Keys rotate again, and whoever can vouches, when the time comes.
void CommitQueue::report(const Intent& intent, Error error, SessionStep& step) {
  if (const auto* admission = std::get_if<Admission>(&intent)) {
    step.events.emplace_back(AdmissionFailed{admission->request, std::move(error)});
  } else if (of_app(intent)) {
    const auto* removal = std::get_if<Removal>(&intent);
    step.events.emplace_back(ChangeFailed{std::move(error), removal == nullptr ? Bytes() : removal->identity_key});
  }
}

CommitQueue::Made CommitQueue::admit_first(std::size_t count, RoomGroup& group, Moment at, crypto::Random& random) const {
  std::vector<ByteView> key_packages;
  for (std::size_t i = 0; i < count; ++i) key_packages.emplace_back(std::get<Admission>(intents_[i]).key_package);
  CONCLAVE_ASSIGN(commit, group.admit(key_packages, at.wall, random));
  return std::optional(std::move(commit));
}

CommitQueue::Made CommitQueue::commit_for(const Intent& intent, RoomGroup& group, Moment at, crypto::Random& random) {
  if (const auto* change = std::get_if<Change>(&intent)) return change_policy(*change, group, at, random);
  if (const auto* leaving = std::get_if<Removal>(&intent)) return removal(*leaving, group, at, random);
  if (std::holds_alternative<Vouching>(intent)) return change_policy({[](room::RoomPolicy&) {}, {}}, group, at, random);
  const auto* heir = std::get_if<Inheritance>(&intent);
  CONCLAVE_ASSIGN(commit, heir != nullptr ? group.inherit(heir->voices, heir->vanished, at.wall, random) : group.rotate(at.wall, random));
  return std::optional(std::move(commit));
}

CommitQueue::Made CommitQueue::removal(const Removal& removal, RoomGroup& group, Moment at, crypto::Random& random) {
  for (const Member& member : group.members()) {
    if (member.identity_key != removal.identity_key) continue;
    CONCLAVE_ASSIGN(commit, removal.for_good ? group.ban(member.id, at.wall, random) : group.remove(member.id, at.wall, random));
    return std::optional(std::move(commit));
  }
  return std::optional<CommitToLog>();  // has left
}

CommitQueue::Made CommitQueue::change_policy(const Change& change, RoomGroup& group, Moment at, crypto::Random& random) {
  room::RoomPolicy policy = group.policy();
  change.edit(policy);
  CONCLAVE_TRY(group.vouch(policy, at.wall));
  if (policy == group.policy()) return std::optional<CommitToLog>();
  CONCLAVE_ASSIGN(commit, group.change(policy, change.voices, at.wall, random));
  return std::optional(std::move(commit));
}

}  // namespace conclave::session
