#include "room/warrant.h"

#include <algorithm>

#include "room/policy.h"

namespace conclave::room {
namespace {

constexpr std::string_view warrant_label = "conclave warrant v1";
// Who may found the room anew after the founder has gone keeps its warrant through a long meeting; who merely admits would otherwise
// go on deceiving newcomers, with a relay's help, for as long after its removal.
constexpr std::uint64_t lifetime_of_successors = 24 * 3600;  // s
constexpr std::uint64_t lifetime_of_others = 3600;           // s

Bytes statement(const RoomId& room_id, const Warrant& warrant) { return wire::encode(room_id, warrant.holder, warrant.expires); }

std::uint64_t lifetime_of(const RoomPolicy& policy, const IdentityHash& holder) {
  const bool successor = policy.role_of(holder) == Role::owner || policy.is_heir(holder);
  return successor ? lifetime_of_successors : lifetime_of_others;
}

std::vector<IdentityHash> who_may_hold(const RoomPolicy& policy) {
  std::vector<IdentityHash> all = policy.heirs;
  for (const Grant& grant : policy.grants) {
    if (policy.rights_of(grant).has(Right::admit) && !policy.is_heir(grant.identity)) all.push_back(grant.identity);
  }
  return all;
}

/// How many warrants lead from the founder to `who`; of a chain that does not end there, as many as are followed.
std::size_t chain_length(const RoomPolicy& policy, const IdentityHash& founder, IdentityHash who) {
  std::size_t length = 0;
  for (const Warrant* warrant = nullptr; who != founder && length <= max_warrant_chain; ++length) {
    warrant = policy.warrant_of(who);
    if (warrant == nullptr) break;
    who = warrant->issuer();
  }
  return length;
}

/// Who needs a warrant most: those who may found the room anew, then those who lead it, then those who were merely given the right to admit.
int need_of(const RoomPolicy& policy, const IdentityHash& holder) {
  if (policy.role_of(holder) == Role::owner || policy.is_heir(holder)) return 2;
  return policy.role_of(holder) == Role::moderator ? 1 : 0;
}

/// True when the chain of `who` leads over `over`.
bool leads_over(const RoomPolicy& policy, IdentityHash who, const IdentityHash& over) {
  for (std::size_t i = 0; i < max_warrant_chain; ++i) {
    if (who == over) return true;
    const Warrant* warrant = policy.warrant_of(who);
    if (warrant == nullptr) return false;
    who = warrant->issuer();
  }
  return false;
}

/// True when there is a place for a warrant of `holder`; the owner `self` may take one from somebody who needs it less.
bool has_place(RoomPolicy& policy, const IdentityHash& holder, const IdentityHash& self) {
  if (policy.warrants.size() < max_warrants) return true;
  if (policy.role_of(self) != Role::owner) return false;
  constexpr int kept = 3;  // our own chain stays whole
  const auto need = [&](const Warrant& each) { return leads_over(policy, self, each.holder) ? kept : need_of(policy, each.holder); };
  const auto least = std::ranges::min_element(policy.warrants, {}, need);
  if (need(*least) >= need_of(policy, holder)) return false;
  policy.warrants.erase(least);
  return true;
}

}  // namespace

Result<Warrant> Warrant::sign(const Identity& issuer, const RoomId& room_id, const IdentityHash& holder, UnixSeconds expires) {
  Warrant warrant{holder, expires.value, to_bytes(issuer.public_key()), {}};
  CONCLAVE_ASSIGN(signature, issuer.sign(warrant_label, statement(room_id, warrant)));
  warrant.signature = std::move(signature);
  return warrant;
}

bool Warrant::verify(const RoomId& room_id) const {
  return verify_identity_signature(issuer_key, warrant_label, statement(room_id, *this), signature);
}

Result<UnixSeconds> vouched_until(const RoomPolicy& policy, const RoomId& room_id, const IdentityHash& founder, const IdentityHash& holder,
                                  UnixSeconds now) {
  UnixSeconds until = never_expires;
  IdentityHash who = holder;
  for (std::size_t i = 0; i <= max_warrant_chain; ++i) {
    if (who == founder) return until;
    if (policy.bans_identity(who)) return Error{ErrorCode::forbidden_by_policy, "a warrant leads over somebody who was removed for good"};
    const Warrant* warrant = policy.warrant_of(who);
    if (warrant == nullptr) break;
    if (!warrant->verify(room_id)) return Error{ErrorCode::not_authentic, "a warrant is forged, or of another room"};
    if (warrant->expires <= now.value) return Error{ErrorCode::expired, "a warrant has expired"};
    until.value = std::min(until.value, warrant->expires);
    who = warrant->issuer();
  }
  return Error{ErrorCode::identity_mismatch, "nobody vouches for the sender whom the link pins"};
}

Result<void> renew_warrants(RoomPolicy& policy, const Identity& issuer, const RoomId& room_id, const IdentityHash& founder, UnixSeconds now) {
  const IdentityHash self = issuer.hash();
  if (!policy.rights_of(self).has(Right::admit)) return {};
  const auto ours = vouched_until(policy, room_id, founder, self, now);
  if (!ours.ok()) return {};
  const bool last = chain_length(policy, founder, self) >= max_warrant_chain;  // nobody follows a longer one
  std::erase_if(policy.warrants, [&](const Warrant& warrant) { return !policy.may_hold_warrant(warrant.holder); });
  if (last) return {};
  for (const IdentityHash& holder : who_may_hold(policy)) {
    if (holder == founder || leads_over(policy, self, holder)) continue;
    const std::uint64_t lifetime = lifetime_of(policy, holder);
    const UnixSeconds expires{std::min(ours->value, now.value + lifetime)};
    const Warrant* held = policy.warrant_of(holder);
    const bool replaceable = held == nullptr || held->issuer() == self || policy.role_of(self) == Role::owner;
    const auto vouched = vouched_until(policy, room_id, founder, holder, now);
    const bool fresh = vouched.ok() && (vouched->value >= now.value + lifetime / 2 || vouched->value >= expires.value);
    if (!replaceable || fresh || (held == nullptr && !has_place(policy, holder, self))) continue;
    CONCLAVE_ASSIGN(warrant, Warrant::sign(issuer, room_id, holder, expires));
    policy.put(warrant);
  }
  return {};
}

}  // namespace conclave::room
