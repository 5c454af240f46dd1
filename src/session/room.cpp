#include "conclave/room.h"

#include <algorithm>

#include "base/bytes.h"
#include "conclave/text.h"
#include "room/message.h"
#include "room/ticket.h"
#include "session/identity.h"
#include "session/session_state.h"

namespace conclave {
namespace {

constexpr std::uint64_t longest_invitation = 367 * 24 * 3600;  // s, since a moment ago: a leap year for who reckons from now

const SessionMember* find(const Session& session, MemberId id) {
  const auto found = std::ranges::find(session.roster(), id, &SessionMember::id);
  return found == session.roster().end() ? nullptr : &*found;
}

Error nobody(MemberId id) { return {ErrorCode::invalid_argument, "nobody has this seat", id}; }

/// A grant in which nothing is given that the role has, and nothing is taken that it has not.
room::Grant normal(room::Grant grant, RoomMode mode, Rights wanted) {
  const Rights of_role = room::rights_of_role(grant.role, mode);
  grant.given = wanted.without(of_role).bits();
  grant.taken = of_role.without(wanted).bits();
  return grant;
}

/// Grants that say nothing any more are dropped.
void set_mode_of(room::RoomPolicy& policy, RoomMode mode) {
  const auto grants = std::exchange(policy.grants, {});
  policy.mode = mode;
  policy.default_role = mode == RoomMode::open ? Role::speaker : Role::listener;
  if (mode == RoomMode::stage && policy.signing == FrameSigning::none) policy.signing = FrameSigning::per_frame;
  for (const room::Grant& grant : grants) {
    policy.put(normal(grant, mode, (room::rights_of_role(grant.role, mode) | Rights(grant.given)).without(Rights(grant.taken))));
  }
}

}  // namespace

RoomSettings Room::settings_of(const Session& session) {
  const room::RoomPolicy& p = session.state_->group.policy();
  return {p.mode, p.entry, p.signing, p.locked != 0, p.ended != 0, p.max_members, p.banned_identities.size(), p.heirs, p.quorum};
}

Rights Room::own_rights() const { return session_->state_->group.own_rights(); }

template <class Edit>
Result<SessionStep> Room::change(Edit edit, Moment at) {
  Session::State& state = *session_->state_;
  if (state.ended) return Error{ErrorCode::invalid_state, "the session has ended"};
  // What is to become of the changes that wait counts: to take back one of them is a change.
  const room::RoomPolicy before = state.queue.after_changes(state.group.policy_ahead());
  room::RoomPolicy after = before;
  edit(after);
  if (after == before) return SessionStep{};
  CONCLAVE_TRY(state.group.vouch(after, at.wall));
  CONCLAVE_TRY(state.group.may_change(after));
  state.queue.change(edit);
  return state.finish({}, at);
}

Result<SessionStep> Room::set_role(MemberId member, Role role, Moment at) {
  const SessionMember* who = find(*session_, member);
  if (who == nullptr) return nobody(member);
  return change([id = room::identity_hash(who->identity_key), role](room::RoomPolicy& p) { p.put({id, role, 0, 0}); }, at);
}

Result<SessionStep> Room::give(MemberId member, Rights rights, Moment at) {
  const SessionMember* who = find(*session_, member);
  if (who == nullptr) return nobody(member);
  const auto edit = [id = room::identity_hash(who->identity_key), rights](room::RoomPolicy& p) {
    p.put(normal(p.grant_of(id), p.mode, p.rights_of(id) | rights));
  };
  return change(edit, at);
}

Result<SessionStep> Room::take(MemberId member, Rights rights, Moment at) {
  const SessionMember* who = find(*session_, member);
  if (who == nullptr) return nobody(member);
  const auto edit = [id = room::identity_hash(who->identity_key), rights](room::RoomPolicy& p) {
    p.put(normal(p.grant_of(id), p.mode, p.rights_of(id).without(rights)));
  };
  return change(edit, at);
}

Result<SessionStep> Room::ban(MemberId member, Moment at) {
  Session::State& state = *session_->state_;
  const SessionMember* who = find(*session_, member);
  if (who == nullptr || member == session_->self()) return nobody(member);
  if (state.ended) return Error{ErrorCode::invalid_state, "the session has ended"};
  const auto own = find(*session_, session_->self());
  const bool above = own_rights().has(Right::remove) && own != nullptr && own->role > who->role;
  if (!above) return Error{ErrorCode::not_permitted, "we have no right to remove this member", member};
  state.queue.ban(who->identity_key);
  return state.finish({}, at);
}

Result<SessionStep> Room::lock(bool locked, Moment at) {
  return change([locked](room::RoomPolicy& p) { p.locked = locked ? 1 : 0; }, at);
}

Result<SessionStep> Room::set_mode(RoomMode mode, Moment at) {
  return change([mode](room::RoomPolicy& p) { set_mode_of(p, mode); }, at);
}

Result<SessionStep> Room::set_entry(Entry entry, Moment at) {
  return change([entry](room::RoomPolicy& p) { p.entry = entry; }, at);
}

Result<SessionStep> Room::set_signing(FrameSigning signing, Moment at) {
  return change([signing](room::RoomPolicy& p) { p.signing = signing; }, at);
}

Result<SessionStep> Room::set_heirs(std::vector<std::array<std::uint8_t, 32>> heirs, std::uint8_t quorum, Moment at) {
  if (quorum == 0 && !heirs.empty()) return Error{ErrorCode::invalid_argument, "heirs need a quorum: without one they never take over from a leader who vanished"};
  const auto edit = [heirs = std::move(heirs), quorum](room::RoomPolicy& p) {
    p.heirs = heirs;
    p.quorum = quorum;
  };
  return change(edit, at);
}

Result<SessionStep> Room::inherit(Moment at) {
  const SessionMember* own = find(*session_, session_->self());
  if (own == nullptr) return nobody(session_->self());
  Session::State& state = *session_->state_;
  if (state.ended) return Error{ErrorCode::invalid_state, "the session has ended"};
  const room::IdentityHash id = room::identity_hash(own->identity_key);
  room::RoomPolicy after = state.group.policy_ahead();
  after.put({id, Role::owner, 0, 0});
  const Result<void> at_once = state.group.may_change(after);
  if (!at_once.ok()) return endorse(session_->self(), at);
  state.queue.inherit({}, state.vanished());  // a quorum of one needs no voices
  return state.finish({}, at);
}

Result<SessionStep> Room::endorse(MemberId claimant, Moment at) {
  Session::State& state = *session_->state_;
  const SessionMember* who = find(*session_, claimant);
  const SessionMember* own = find(*session_, session_->self());
  if (who == nullptr || own == nullptr) return nobody(claimant);
  if (state.ended) return Error{ErrorCode::invalid_state, "the session has ended"};
  const room::RoomPolicy& policy = state.group.policy();
  const room::IdentityHash id = room::identity_hash(who->identity_key);
  const bool may = policy.quorum > 0 && policy.is_heir(id) && policy.is_heir(room::identity_hash(own->identity_key)) && state.group.can_vouch();
  if (!may) return Error{ErrorCode::not_permitted, "only heirs speak for an heir, and only where their voices count", claimant};
  state.succession.support(id, at.now);
  return state.finish({}, at);
}

Result<SessionStep> Room::end(Moment at) {
  return change([](room::RoomPolicy& p) { p.ended = 1; }, at);
}

Result<Bytes> Room::invite(const Identity& issuer, std::string_view name, std::optional<std::array<std::uint8_t, 32>> identity,
                           UnixSeconds expires) const {
  const Session::State& state = *session_->state_;
  const SessionMember* own = find(*session_, session_->self());
  const bool ours = own != nullptr && equal(own->identity_key, issuer.public_key());
  if (!ours) return Error{ErrorCode::invalid_argument, "an invitation is issued under one's own identity"};
  if (!own_rights().has(Right::admit)) return Error{ErrorCode::not_permitted, "we have no right to admit"};
  if (expires.value > state.latest.value + longest_invitation) return Error{ErrorCode::invalid_argument, "an invitation is valid for a year at most"};
  const room::Invitee invitee{std::string(name), identity, expires};
  CONCLAVE_ASSIGN(made, room::PersonalInvitation::issue(session::inside(issuer), state.config.room_id, invitee, state.random()));
  return to_bytes(made.serialise().expose());
}

Result<SessionStep> Room::revoke(ByteView invitation, Moment at) {
  CONCLAVE_ASSIGN(parsed, room::PersonalInvitation::parse(invitation, session_->state_->config.room_id));
  return change([id = parsed.ticket().id()](room::RoomPolicy& p) { p.ban_invitation(id); }, at);
}

Result<ToLog> Room::chat(std::string_view text) {
  Session::State& state = *session_->state_;
  if (text.empty() || text.size() > max_text_size) return Error{ErrorCode::invalid_argument, "a chat message has 1 to 4,096 bytes"};
  if (!own_rights().has(Right::chat)) return Error{ErrorCode::not_permitted, "we have no right to chat"};
  return state.say_in_room(room::Chat{to_bytes(as_bytes(text))});
}

Result<ToLog> Room::react(ReactionSymbol symbol) { return session_->state_->say_in_room(room::Reaction{static_cast<room::Symbol>(symbol)}); }

Result<ToLog> Room::raise_hand(bool raised) {
  Session::State& state = *session_->state_;
  state.note_hand(session_->self(), raised);
  return state.say_in_room(room::Hand{static_cast<std::uint8_t>(raised ? 1 : 0)});
}

Result<Bytes> Room::export_record(const Identity& signer) const { return session_->state_->record.export_signed(session::inside(signer)); }

}  // namespace conclave
