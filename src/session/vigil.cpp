#include "session/vigil.h"

#include <algorithm>

#include "base/bytes.h"

namespace conclave::session {

Vigil::Vigil(Duration heartbeat, MemberId self, std::uint64_t epoch, ByteView epoch_authenticator, ByteView transcript_hash)
    : heartbeat_(heartbeat), self_(self), epoch_(epoch), ends_(epoch), told_to_(epoch), trace_(epoch_authenticator), transcript_hash_(to_bytes(transcript_hash)) {}

void Vigil::enter(std::uint64_t epoch, ByteView epoch_authenticator, ByteView transcript_hash, const std::vector<SessionMember>& roster,
                  Time now) {
  if (epoch != epoch_) {
    ends_.add(trace_.hash());
    past_.push_front({epoch_, now, std::move(trace_), std::move(transcript_hash_)});
    if (past_.size() > max_past) past_.pop_back();
    trace_ = LogTrace(epoch_authenticator);
    transcript_hash_ = to_bytes(transcript_hash);
    epoch_ = epoch;
  }
  std::map<MemberId, Watch> watched;
  std::map<MemberId, Bytes> identities;
  for (const SessionMember& member : roster) {
    const auto known = watched_.find(member.id);
    const bool stays = known != watched_.end() && identities_[member.id] == member.identity_key;
    Watch watch = stays ? std::move(known->second) : Watch{};
    watch.role = member.role;
    watch.ahead.reset();
    if (!stays) watch.due = now + newcomer_grace;
    watched.emplace(member.id, std::move(watch));
    identities.emplace(member.id, member.identity_key);
  }
  // Alone, nobody speaks and nobody is missed; with the first other the wait begins.
  const bool was_alone = watched_.size() < 2;
  watched_ = std::move(watched);
  identities_ = std::move(identities);
  if (was_alone) watched_[self_].due = now + newcomer_grace;
  if (was_alone) next_beat_ = now;
}

Duration Vigil::interval(Role role) const {
  constexpr Duration share = std::chrono::milliseconds(60);  // of the log's time for each member: 16 heartbeats a second in all
  const bool often = role == Role::owner || role == Role::moderator;
  return often ? heartbeat_ : std::max(heartbeat_, share * static_cast<int>(watched_.size()));
}

Heartbeat Vigil::speak(Time now) {
  next_beat_ = now + interval(watched_[self_].role);
  Heartbeat heartbeat{ContentKind::heartbeat, trace_.count(), trace_.hash(), transcript_hash_, told_to_, {}};
  heartbeat.ends = ends_.tell(heartbeat.since, epoch_);
  return heartbeat;
}

void Vigil::hear_self(std::uint64_t epoch, Time now) {
  if (epoch_ - epoch <= past_epochs) told_to_ = std::max(told_to_, epoch);  // one that was held back for longer opened for nobody
  confirm(self_, now);
}

void Vigil::hear(MemberId member, std::uint64_t epoch, const Heartbeat& heartbeat, Time now) {
  const auto watched = watched_.find(member);
  if (watched == watched_.end()) return;
  if (ends_.contradict(heartbeat.since, epoch, heartbeat.ends)) {
    watched->second.apart = epoch_;
    return doubt(member, Doubt::diverged);
  }
  if (epoch == epoch_) {
    if (heartbeat.log_count > trace_.count()) {
      if (!watched->second.ahead) watched->second.ahead_until = now + patience(Role::owner);
      if (!watched->second.ahead) watched->second.ahead = heartbeat;
      return;
    }
    return compare(member, trace_, transcript_hash_, heartbeat, now);
  }
  for (const Past& past : past_) {
    if (past.epoch == epoch && now - past.left_at < patience(watched->second.role)) {
      compare(member, past.trace, past.transcript_hash, heartbeat, now);
    }
  }
}

void Vigil::compare(MemberId member, const LogTrace& trace, ByteView transcript_hash, const Heartbeat& heartbeat, Time now) {
  if (!equal(heartbeat.confirmed_transcript_hash, transcript_hash)) return doubt(member, Doubt::diverged);
  if (heartbeat.log_count > trace.count()) return doubt(member, Doubt::diverged);  // it read more of an epoch that is over than there was
  const std::optional<TraceHash> ours = trace.at(heartbeat.log_count);
  if (!ours) return;  // too long ago, or not of our time
  if (*ours != heartbeat.log_hash) return doubt(member, Doubt::diverged);
  met_ = true;
  confirm(member, now);
}

void Vigil::confirm(MemberId member, Time now) {
  const auto watched = watched_.find(member);
  if (watched == watched_.end()) return;
  watched->second.due = std::max(watched->second.due == never ? now : watched->second.due, now + patience(watched->second.role));
  if (!watched->second.doubt || watched->second.apart == epoch_) return;
  watched->second.doubt.reset();
  changes_.push_back({member, std::nullopt});
}

void Vigil::doubt(MemberId member, Doubt doubt) {
  Watch& watch = watched_[member];
  if (watch.doubt == doubt || (watch.doubt && doubt == Doubt::silent)) return;  // a proof is not taken back by silence
  watch.doubt = doubt;
  changes_.push_back({member, doubt});
}

void Vigil::expire(Time now) {
  if (watched_.size() < 2) return;
  for (auto& [member, watch] : watched_) {
    if (watch.ahead && watch.ahead->log_count <= trace_.count()) {
      const Heartbeat said = *std::exchange(watch.ahead, std::nullopt);
      compare(member, trace_, transcript_hash_, said, now);
    }
    if (watch.ahead && now >= watch.ahead_until) doubt(member, Doubt::ahead);
    if (now >= watch.due) doubt(member, Doubt::silent);
  }
}

Time Vigil::next_deadline() const {
  if (watched_.size() < 2) return never;
  Time next = next_beat_;
  for (const auto& [member, watch] : watched_) {
    if (watch.doubt) continue;
    next = std::min(next, watch.due);
    if (watch.ahead) next = std::min(next, watch.ahead_until);
  }
  return next;
}

bool Vigil::doubted(MemberId member) const {
  const auto watched = watched_.find(member);
  return watched != watched_.end() && watched->second.doubt.has_value();
}

bool Vigil::cut_off() const {
  std::size_t others = 0, doubts = 0;
  for (const auto& [member, watch] : watched_) {
    if (watch.doubt && (member == self_ || watch.role == Role::owner)) return true;
    if (member == self_) continue;
    ++others;
    if (watch.doubt) ++doubts;
  }
  return 2 * doubts > others;
}

}  // namespace conclave::session
