#include "room/policy.h"

#include <algorithm>

namespace conclave {
constexpr bool is_known(RoomMode mode) { return mode >= RoomMode::open && mode <= RoomMode::stage; }
constexpr bool is_known(Role role) { return role >= Role::listener && role <= Role::owner; }
constexpr bool is_known(Entry entry) { return entry == Entry::knock || entry == Entry::invited; }
constexpr bool is_known(FrameSigning signing) { return signing <= FrameSigning::batched; }
}  // namespace conclave

namespace conclave::room {
namespace {

constexpr std::size_t max_grants = 1024;
constexpr std::size_t max_bans = 4096;
constexpr std::size_t max_heirs = 16;
constexpr std::size_t max_policy_size = 512 * 1024;

Error contradiction(const char* what) { return Error{ErrorCode::invalid_message, what}; }

template <class T, class Key>
bool ascending(const std::vector<T>& list, Key key) {
  return std::adjacent_find(list.begin(), list.end(), [&](const T& a, const T& b) { return key(a) >= key(b); }) == list.end();
}

constexpr auto itself = [](const auto& value) { return value; };
constexpr auto identity_key = [](const Grant& grant) { return grant.identity; };
constexpr auto holder_key = [](const Warrant& warrant) { return warrant.holder; };
constexpr auto invitation_key = [](const Binding& binding) { return binding.invitation; };

template <class T, class Key, class Value>
auto position(T& list, Key key, const Value& value) {
  return std::lower_bound(list.begin(), list.end(), value, [&](const auto& a, const Value& b) { return key(a) < b; });
}

template <class T, class Key, class Value>
auto find(T& list, Key key, const Value& value) {
  const auto at = position(list, key, value);
  return at != list.end() && key(*at) == value ? at : list.end();
}

template <class T>
void insert(std::vector<T>& list, const T& value) {
  const auto at = position(list, itself, value);
  if (at == list.end() || *at != value) list.insert(at, value);
}

Result<void> check_order(const RoomPolicy& policy) {
  const bool ordered = ascending(policy.grants, identity_key) && ascending(policy.banned_identities, itself) &&
                       ascending(policy.banned_invitations, itself) && ascending(policy.bindings, invitation_key) && ascending(policy.warrants, holder_key);
  if (!ordered) return contradiction("a list of the policy is out of order, or names somebody twice");
  const bool bounded = policy.grants.size() <= max_grants && policy.banned_identities.size() <= max_bans &&
                       policy.banned_invitations.size() <= max_bans && policy.bindings.size() <= max_bans && policy.heirs.size() <= max_heirs &&
                       policy.warrants.size() <= max_warrants;
  if (!bounded) return contradiction("a list of the policy is too long");
  return {};
}

Result<void> check_mode(const RoomPolicy& policy) {
  if (policy.default_role > Role::speaker) return contradiction("a policy makes everybody a moderator");
  if (policy.mode == RoomMode::open && policy.default_role != Role::speaker) return contradiction("an open room in which peers may not speak");
  if (policy.mode == RoomMode::stage && policy.default_role != Role::listener) return contradiction("a stage whose audience may speak");
  if (policy.mode == RoomMode::stage && policy.signing == FrameSigning::none) return contradiction("a stage whose frames are not signed");
  if (policy.locked > 1 || policy.ended > 1) return contradiction("a flag of the policy is neither 0 nor 1");
  if (policy.max_members == 0 || policy.max_publishers == 0) return contradiction("a policy that leaves no room for anybody");
  return {};
}

Result<void> check_grant(const RoomPolicy& policy, const Grant& grant) {
  const Rights given(grant.given);
  const Rights taken(grant.taken);
  const Rights of_role = rights_of_role(grant.role, policy.mode);
  if (!all_rights.covers(given | taken)) return contradiction("a grant of a right that does not exist");
  if ((given & taken) != Rights() || (given & of_role) != Rights()) return contradiction("a grant gives what is there or what it takes");
  if (!of_role.covers(taken)) return contradiction("a grant takes what is not there");
  if (given.has(Right::end) || given.has(Right::grant)) return contradiction("a grant of what comes with a role alone");
  if (grant.role == Role::owner && taken != Rights()) return contradiction("an owner without all rights");
  if (policy.bans_identity(grant.identity)) return contradiction("a grant to somebody who was removed for good");
  return {};
}

Result<void> check_grants(const RoomPolicy& policy) {
  std::size_t owners = 0;
  std::size_t publishers = 0;
  for (const Grant& grant : policy.grants) {
    CONCLAVE_TRY(check_grant(policy, grant));
    if (grant == Grant{grant.identity, policy.default_role, 0, 0}) return contradiction("a grant that changes nothing");
    owners += grant.role == Role::owner ? 1 : 0;
    publishers += (policy.rights_of(grant) & publishing_rights) != Rights() ? 1 : 0;
  }
  if (owners == 0) return contradiction("a room without owner");
  const bool counted = policy.default_role == Role::listener;  // where all may speak there is nothing to count
  if (counted && publishers > policy.max_publishers) return contradiction("more publishers than the policy allows");
  return {};
}

Result<void> check_heirs(const RoomPolicy& policy) {
  for (std::size_t i = 0; i < policy.heirs.size(); ++i) {
    const IdentityHash& heir = policy.heirs[i];
    if (std::count(policy.heirs.begin(), policy.heirs.end(), heir) != 1) return contradiction("an heir stands twice in the policy");
    if (policy.bans_identity(heir)) return contradiction("an heir who was removed for good");
  }
  if (policy.quorum > policy.heirs.size()) return contradiction("a quorum that the heirs cannot reach");
  return {};
}

/// Whether a signature holds is not asked here: it takes the room's id.
Result<void> check_warrants(const RoomPolicy& policy) {
  constexpr std::size_t key_size = 32;
  constexpr std::size_t signature_size = 64;
  for (const Warrant& warrant : policy.warrants) {
    const bool shaped = warrant.issuer_key.size() == key_size && warrant.signature.size() == signature_size;
    if (!shaped) return contradiction("a warrant that nobody can have signed");
    if (warrant.expires == 0) return contradiction("a warrant that never held");
    if (warrant.issuer() == warrant.holder) return contradiction("somebody vouches for itself");
    if (policy.bans_identity(warrant.holder)) return contradiction("a warrant of somebody who was removed for good");
  }
  return {};
}

}  // namespace

Rights rights_of_role(Role role, RoomMode mode) {
  const Rights listener = mode == RoomMode::stage ? Rights() : Rights(Right::chat);
  const Rights speaker = publishing_rights | Right::chat;
  switch (role) {
    case Role::listener: return listener;
    case Role::speaker: return speaker;
    case Role::moderator: return all_rights.without(Right::end);
    case Role::owner: return all_rights;
  }
  return {};
}

RoomPolicy RoomPolicy::founding(RoomMode mode, const IdentityHash& owner) {
  RoomPolicy policy;
  policy.mode = mode;
  policy.default_role = mode == RoomMode::open ? Role::speaker : Role::listener;
  policy.signing = mode == RoomMode::stage ? FrameSigning::per_frame : FrameSigning::none;
  policy.put({owner, Role::owner, 0, 0});
  return policy;
}

Result<RoomPolicy> RoomPolicy::parse(ByteView bytes) {
  if (bytes.size() > max_policy_size) return Error{ErrorCode::malformed, "a policy is too long"};
  if (!bytes.empty() && bytes[0] != 1) return Error{ErrorCode::unsupported, "a policy of another version"};
  CONCLAVE_ASSIGN(policy, wire::decode<RoomPolicy>(bytes));
  CONCLAVE_TRY(policy.check());
  return policy;
}

Result<void> RoomPolicy::check() const {
  CONCLAVE_TRY(check_order(*this));
  CONCLAVE_TRY(check_mode(*this));
  CONCLAVE_TRY(check_grants(*this));
  CONCLAVE_TRY(check_heirs(*this));
  return check_warrants(*this);
}

Grant RoomPolicy::grant_of(const IdentityHash& identity) const {
  const auto found = find(grants, identity_key, identity);
  return found == grants.end() ? Grant{identity, default_role, 0, 0} : *found;
}

Rights RoomPolicy::rights_of(const Grant& grant) const {
  return (rights_of_role(grant.role, mode) | Rights(grant.given)).without(Rights(grant.taken));
}

bool RoomPolicy::bans_identity(const IdentityHash& identity) const {
  return std::binary_search(banned_identities.begin(), banned_identities.end(), identity);
}

bool RoomPolicy::bans_invitation(const InvitationId& invitation) const {
  return std::binary_search(banned_invitations.begin(), banned_invitations.end(), invitation);
}

const IdentityHash* RoomPolicy::bound_to(const InvitationId& invitation) const {
  const auto found = find(bindings, invitation_key, invitation);
  return found == bindings.end() ? nullptr : &found->identity;
}

bool RoomPolicy::is_heir(const IdentityHash& identity) const { return std::find(heirs.begin(), heirs.end(), identity) != heirs.end(); }

const Warrant* RoomPolicy::warrant_of(const IdentityHash& holder) const {
  const auto found = find(warrants, holder_key, holder);
  return found == warrants.end() ? nullptr : &*found;
}

void RoomPolicy::put(const Grant& grant) {
  erase_grant(grant.identity);
  if (grant == Grant{grant.identity, default_role, 0, 0}) return;
  grants.insert(position(grants, identity_key, grant.identity), grant);
}

void RoomPolicy::erase_grant(const IdentityHash& identity) {
  const auto found = find(grants, identity_key, identity);
  if (found != grants.end()) grants.erase(found);
}

void RoomPolicy::put(const Warrant& warrant) {
  const auto found = find(warrants, holder_key, warrant.holder);
  if (found != warrants.end()) {
    *found = warrant;
  } else {
    warrants.insert(position(warrants, holder_key, warrant.holder), warrant);
  }
}

void RoomPolicy::ban_identity(const IdentityHash& identity) {
  insert(banned_identities, identity);
  const auto found = find(warrants, holder_key, identity);
  if (found != warrants.end()) warrants.erase(found);
}

void RoomPolicy::ban_invitation(const InvitationId& invitation) { insert(banned_invitations, invitation); }

void RoomPolicy::bind(const Binding& binding) {
  if (bound_to(binding.invitation) == nullptr) bindings.insert(position(bindings, invitation_key, binding.invitation), binding);
}

}  // namespace conclave::room
