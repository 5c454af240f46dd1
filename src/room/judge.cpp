#include "room/judge.h"

#include <algorithm>

namespace conclave::room {
namespace {

/// One case: what is asked, and in which capacity the committer acts.
struct Case {
  const RoomPolicy& before;
  const RoomPolicy& after;
  const std::vector<Seat>& roster;
  const CommitDescription& commit;
  const Seat& actor;
  Role role;
  Rights rights;
  bool inherits = false;

  [[nodiscard]] Error refuse(const char* why) const { return Error{ErrorCode::forbidden_by_policy, why, commit.committer}; }
  [[nodiscard]] bool outranks(Role other) const { return role > other || inherits; }
};

const Seat* find_seat(const std::vector<Seat>& roster, std::uint32_t id) {
  const auto found = std::find_if(roster.begin(), roster.end(), [id](const Seat& seat) { return seat.id == id; });
  return found == roster.end() ? nullptr : &*found;
}

bool contains(const std::vector<IdentityHash>& list, const IdentityHash& identity) {
  return std::find(list.begin(), list.end(), identity) != list.end();
}

/// The signatures of different heirs, the claimant's own left out: it is counted by claiming.
std::size_t voices(const RoomPolicy& before, const CommitDescription& commit, const IdentityHash& claimant) {
  return 1 + static_cast<std::size_t>(std::count_if(before.heirs.begin(), before.heirs.end(), [&](const IdentityHash& heir) {
    return heir != claimant && contains(commit.endorsers, heir);
  }));
}

/// True when nobody with a seat is left who could name a successor, and no heir of an earlier place is there.
bool orphaned(const RoomPolicy& before, const std::vector<Seat>& roster, const IdentityHash& claimant) {
  const auto seated = [&](const IdentityHash& identity) {
    return std::any_of(roster.begin(), roster.end(), [&](const Seat& seat) { return seat.identity == identity; });
  };
  const bool led = std::any_of(roster.begin(), roster.end(), [&](const Seat& s) { return before.role_of(s.identity) >= Role::moderator; });
  const auto first = std::find_if(before.heirs.begin(), before.heirs.end(), seated);
  return !led && first != before.heirs.end() && *first == claimant;
}

bool inherits(const RoomPolicy& before, const std::vector<Seat>& roster, const CommitDescription& commit, const IdentityHash& who) {
  const bool claims = commit.policy && commit.policy->role_of(who) == Role::owner && before.role_of(who) != Role::owner;
  if (!claims || !contains(before.heirs, who)) return false;
  const bool by_quorum = before.quorum > 0 && voices(before, commit, who) >= before.quorum;
  return by_quorum || orphaned(before, roster, who);
}

Result<void> judge_addition(const Case& c, const Seat& added) {
  if (c.before.bans_identity(added.identity)) return c.refuse("a commit brings back somebody who was removed for good");
  if (!added.invitation) {
    if (c.before.entry == Entry::invited) return c.refuse("a commit admits somebody without a personal invitation");
    return {};
  }
  if (c.before.bans_invitation(added.invitation->id)) return c.refuse("a commit admits somebody by a revoked invitation");
  if (!c.before.rights_of(added.invitation->issuer).has(Right::admit)) return c.refuse("a commit admits somebody whom nobody could invite");
  const IdentityHash* bound = c.after.bound_to(added.invitation->id);
  if (bound == nullptr) return c.refuse("a commit admits somebody by an invitation without noting its use");
  if (*bound != added.identity) return c.refuse("a commit admits somebody by an invitation that another one used");
  return {};
}

Result<void> judge_additions(const Case& c) {
  if (c.commit.added.empty()) return {};
  if (!c.rights.has(Right::admit)) return c.refuse("a commit by somebody without the right admits");
  if (c.before.locked != 0) return c.refuse("a commit admits somebody into a locked room");
  const std::size_t after = c.roster.size() + c.commit.added.size() - std::min(c.commit.removed.size(), c.roster.size());
  if (after > c.before.max_members) return c.refuse("a commit admits more members than the policy allows");
  for (const Seat& added : c.commit.added) CONCLAVE_TRY(judge_addition(c, added));
  return {};
}

Result<void> judge_removals(const Case& c) {
  if (c.commit.removed.empty()) return {};
  if (!c.rights.has(Right::remove)) return c.refuse("a commit by somebody without the right removes");
  for (const std::uint32_t id : c.commit.removed) {
    const Seat* seat = find_seat(c.roster, id);
    if (seat == nullptr) return c.refuse("a commit removes somebody who has no seat");
    if (!c.outranks(c.before.role_of(seat->identity))) return c.refuse("a commit removes somebody of the same or a higher role");
  }
  return {};
}

/// Whose grant stands in either policy.
std::vector<IdentityHash> granted_in_either(const Case& c) {
  std::vector<IdentityHash> all;
  for (const Grant& grant : c.before.grants) all.push_back(grant.identity);
  for (const Grant& grant : c.after.grants) all.push_back(grant.identity);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

Result<void> judge_own_grant(const Case& c, const Grant& from, const Grant& to) {
  if (c.inherits) return {};
  const bool lower = to.role <= from.role && c.before.rights_of(from).covers(c.after.rights_of(to));
  return lower ? Result<void>() : c.refuse("a commit gives its sender more than it had");
}

Result<void> judge_grant(const Case& c, const IdentityHash& who) {
  const Grant from = c.before.grant_of(who);
  const Grant to = c.after.grant_of(who);
  if (from == to) return {};
  if (who == c.actor.identity) return judge_own_grant(c, from, to);
  const bool banned_now = c.after.bans_identity(who) && !c.before.bans_identity(who);
  if (banned_now && to.role == c.after.default_role && c.outranks(from.role) && c.rights.has(Right::remove)) return {};
  if (!c.rights.has(Right::grant)) return c.refuse("a commit by somebody without the right grants");
  const bool below = c.outranks(from.role) && (c.outranks(to.role) || c.role == Role::owner);
  if (!below) return c.refuse("a commit changes the role of somebody of the same or a higher one");
  const Rights gained = c.after.rights_of(to).without(c.before.rights_of(from));
  return c.rights.covers(gained) ? Result<void>() : c.refuse("a commit grants what its sender has not got");
}

Result<void> judge_grants(const Case& c) {
  if (c.before.grants == c.after.grants) return {};
  for (const IdentityHash& who : granted_in_either(c)) CONCLAVE_TRY(judge_grant(c, who));
  return {};
}

template <class T>
bool grows(const std::vector<T>& before, const std::vector<T>& after) {
  return std::includes(after.begin(), after.end(), before.begin(), before.end());
}

Result<void> judge_bans(const Case& c) {
  const bool same = c.before.banned_identities == c.after.banned_identities && c.before.banned_invitations == c.after.banned_invitations;
  if (same) return {};
  if (!c.rights.has(Right::remove)) return c.refuse("a commit by somebody without the right bans or pardons");
  const bool only_more = grows(c.before.banned_identities, c.after.banned_identities) && grows(c.before.banned_invitations, c.after.banned_invitations);
  if (!only_more && c.role != Role::owner) return c.refuse("a commit pardons whom an owner alone may pardon");
  for (const IdentityHash& who : c.after.banned_identities) {
    const bool news = !c.before.bans_identity(who);
    if (news && !c.outranks(c.before.role_of(who))) return c.refuse("a commit bans somebody of the same or a higher role");
    const auto seat = std::find_if(c.roster.begin(), c.roster.end(), [&](const Seat& s) { return s.identity == who; });
    const bool stays = seat != c.roster.end() && std::count(c.commit.removed.begin(), c.commit.removed.end(), seat->id) == 0;
    if (news && stays) return c.refuse("a commit bans somebody and leaves the seat");
  }
  return {};
}

Result<void> judge_bindings(const Case& c) {
  for (const Binding& binding : c.before.bindings) {
    const IdentityHash* bound = c.after.bound_to(binding.invitation);
    if (bound == nullptr || *bound != binding.identity) return c.refuse("a commit frees an invitation that was used");
  }
  for (const Binding& binding : c.after.bindings) {
    if (c.before.bound_to(binding.invitation) != nullptr) continue;
    const bool by_newcomer = std::any_of(c.commit.added.begin(), c.commit.added.end(), [&](const Seat& seat) {
      return seat.invitation && seat.invitation->id == binding.invitation && seat.identity == binding.identity;
    });
    if (!by_newcomer) return c.refuse("a commit notes the use of an invitation that nobody used");
  }
  return {};
}

Result<void> judge_new_warrant(const Case& c, const Warrant& warrant) {
  if (!c.rights.has(Right::admit)) return c.refuse("a commit by somebody without the right vouches for somebody");
  if (warrant.issuer() != c.actor.identity) return c.refuse("a commit brings a warrant in the name of another one");
  if (!c.after.may_hold_warrant(warrant.holder)) return c.refuse("a commit vouches for somebody who may not admit");
  const Warrant* old = c.before.warrant_of(warrant.holder);
  const bool replaceable = old == nullptr || old->issuer() == c.actor.identity || c.role == Role::owner;
  return replaceable ? Result<void>() : c.refuse("a commit replaces the warrant that another one gave");
}

Result<void> judge_warrants(const Case& c) {
  for (const Warrant& warrant : c.after.warrants) {
    const Warrant* old = c.before.warrant_of(warrant.holder);
    if (old == nullptr || *old != warrant) CONCLAVE_TRY(judge_new_warrant(c, warrant));
  }
  for (const Warrant& warrant : c.before.warrants) {
    const bool goes = c.after.warrant_of(warrant.holder) == nullptr;
    if (goes && c.after.may_hold_warrant(warrant.holder) && c.role != Role::owner) return c.refuse("a commit takes a warrant that an owner alone may take");
  }
  return {};
}

Result<void> judge_settings(const Case& c) {
  const RoomPolicy& a = c.before;
  const RoomPolicy& b = c.after;
  if (a.locked != b.locked && !c.rights.has(Right::lock)) return c.refuse("a commit by somebody without the right locks or unlocks");
  if (a.ended != b.ended && !c.rights.has(Right::end)) return c.refuse("a commit by somebody without the right ends the meeting");
  const bool same = a.mode == b.mode && a.default_role == b.default_role && a.entry == b.entry && a.signing == b.signing &&
                    a.max_members == b.max_members && a.max_publishers == b.max_publishers && a.heirs == b.heirs && a.quorum == b.quorum;
  if (!same && c.role != Role::owner) return c.refuse("a commit by somebody who is no owner changes what the room is");
  return {};
}

Result<void> judge_policy(const Case& c) {
  if (!c.commit.policy) return {};
  const Result<void> sound = c.after.check();
  if (!sound.ok()) return c.refuse(sound.error().detail.c_str());
  CONCLAVE_TRY(judge_settings(c));
  CONCLAVE_TRY(judge_grants(c));
  CONCLAVE_TRY(judge_bans(c));
  CONCLAVE_TRY(judge_warrants(c));
  return judge_bindings(c);
}

}  // namespace

Result<RoomPolicy> judge(const RoomPolicy& before, const std::vector<Seat>& roster, const CommitDescription& commit) {
  const auto refuse = [&](const char* why) { return Error{ErrorCode::forbidden_by_policy, why, commit.committer}; };
  if (commit.from_outside) return refuse("somebody tries to join without being admitted");
  if (commit.covers_others) return refuse("a commit covers proposals of others");
  if (commit.changes_group) return refuse("a commit changes the group in a way that no room needs");
  if (before.ended != 0) return refuse("a commit after the end of the meeting");
  const Seat* actor = find_seat(roster, commit.committer);
  if (actor == nullptr) return refuse("a commit by somebody who has no seat");
  const RoomPolicy& after = commit.policy ? *commit.policy : before;
  const bool heir = inherits(before, roster, commit, actor->identity);
  const Role role = heir ? Role::owner : before.role_of(actor->identity);
  const Rights rights = heir ? all_rights : before.rights_of(actor->identity);
  const Case c{before, after, roster, commit, *actor, role, rights, heir};
  CONCLAVE_TRY(judge_additions(c));
  CONCLAVE_TRY(judge_removals(c));
  CONCLAVE_TRY(judge_policy(c));
  return after;
}

}  // namespace conclave::room
