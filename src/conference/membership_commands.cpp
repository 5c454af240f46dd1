// What a member asks of its room, and what it remembers of the others.
#include <algorithm>
#include <utility>

#include "conference/membership.h"
#include "conference/to_relay.h"

namespace conclave::conference {
namespace {

constexpr std::size_t most_invitations = 1'024;  // that can be taken back
constexpr std::chrono::seconds longest_invitation = std::chrono::hours(24 * 366);

Result<SessionStep> said(Result<ToLog> message) {
  if (!message.ok()) return message.error();
  SessionStep step;
  step.send.push_back(std::move(*message));
  return step;
}

}  // namespace

/// Carries a command to the function of `Room` that it is about.
struct Membership::Carrier {
  Membership& member;
  Room room;
  Moment at;
  ConferenceOutputs& out;

  Result<SessionStep> operator()(const SetRole& c) { return room.set_role(c.member, c.role, at); }
  Result<SessionStep> operator()(const GiveRights& c) { return room.give(c.member, c.rights, at); }
  Result<SessionStep> operator()(const TakeRights& c) { return room.take(c.member, c.rights, at); }
  Result<SessionStep> operator()(const BanMember& c) { return room.ban(c.member, at); }
  Result<SessionStep> operator()(const LockRoom& c) { return room.lock(c.locked, at); }
  Result<SessionStep> operator()(const ChangeMode& c) { return room.set_mode(c.mode, at); }
  Result<SessionStep> operator()(const ChangeEntry& c) { return room.set_entry(c.entry, at); }
  Result<SessionStep> operator()(const ChangeSigning& c) { return room.set_signing(c.signing, at); }
  Result<SessionStep> operator()(const EndMeeting&) { return room.end(at); }
  Result<SessionStep> operator()(const SendChat& c) { return said(room.chat(c.text)); }
  Result<SessionStep> operator()(const SendReaction& c) { return said(room.react(c.symbol)); }
  Result<SessionStep> operator()(const RaiseHand& c) { return said(room.raise_hand(c.raised)); }
  Result<SessionStep> operator()(const InviteGuest& c);
  Result<SessionStep> operator()(const RevokeInvitation& c);
  Result<SessionStep> operator()(const RememberMember& c);
  Result<SessionStep> operator()(const NameHeirs& c);
  Result<SessionStep> operator()(const InheritRoom&) { return room.inherit(at); }
  Result<SessionStep> operator()(const EndorseHeir& c) { return room.endorse(c.claimant, at); }
};

Result<SessionStep> Membership::Carrier::operator()(const InviteGuest& c) {
  if (c.name.empty()) return Error{ErrorCode::invalid_argument, "an invitation names whom it is given to"};
  if (c.valid_for <= std::chrono::seconds(0) || c.valid_for > longest_invitation) return Error{ErrorCode::invalid_argument, "an invitation is valid for a second to a year"};
  if (member.invitations_.size() >= most_invitations) return Error{ErrorCode::limit_exceeded, "there are too many invitations already"};
  const UnixSeconds expires{at.wall.value + static_cast<std::uint64_t>(c.valid_for.count())};
  auto made = room.invite(*member.context_->identity, c.name, c.identity, expires);
  if (!made.ok()) return made.error();
  const std::uint64_t number = member.next_invitation_++;
  InvitationMade invitation{number, c.name, member.context_->link, expires};
  invitation.link.personal = *made;
  member.invitations_.emplace(number, std::move(*made));
  out.emplace_back(std::move(invitation));
  return SessionStep{};
}

Result<SessionStep> Membership::Carrier::operator()(const RevokeInvitation& c) {
  const auto found = member.invitations_.find(c.number);
  if (found == member.invitations_.end()) return Error{ErrorCode::invalid_argument, "there is no invitation of ours with this number"};
  auto step = room.revoke(found->second, at);
  if (step.ok()) member.invitations_.erase(found);
  return step;
}

Result<SessionStep> Membership::Carrier::operator()(const RememberMember& c) {
  const SessionMember* who = member.find(c.member);
  if (who == nullptr || c.member == member.session_.self()) return Error{ErrorCode::invalid_argument, "nobody else has this seat", c.member};
  if (!member.contacts_) return Error{ErrorCode::invalid_state, "no contacts are kept in this call"};
  const auto kept = member.contacts_->remember(who->identity_key, who->display_name, c.verified);
  if (!kept.ok()) return kept.error();
  member.session_.set_verified(c.member, c.verified);
  return SessionStep{};
}

Result<SessionStep> Membership::Carrier::operator()(const NameHeirs& c) {
  std::vector<room::IdentityHash> heirs;
  for (const MemberId id : c.heirs) {
    const SessionMember* heir = member.find(id);
    if (heir == nullptr) return Error{ErrorCode::invalid_argument, "nobody has this seat", id};
    heirs.push_back(room::identity_hash(heir->identity_key));
  }
  const auto most = static_cast<std::uint8_t>(heirs.empty() ? 0 : std::min<std::size_t>(heirs.size() / 2 + 1, 255));
  return room.set_heirs(std::move(heirs), c.quorum == 0 ? most : c.quorum, at);
}

MembershipChange Membership::command(const RoomCommand& command, Time now, ConferenceOutputs& out) {
  Turn turn{now, out, {}, {}};
  Result<SessionStep> step = std::visit(Carrier{*this, Room(session_), context_->moment(now), out}, command);
  if (step.ok()) {
    take(std::move(*step), turn);
  } else {
    out.emplace_back(CommandRefused{step.error()});
  }
  return std::move(turn.change);
}

/// What we asked for by ourselves is nobody's command.
void Membership::on(const ChangeFailed& failed, Turn& turn) {
  const room::IdentityHash identity = room::identity_hash(failed.identity_key);
  const SessionMember* member = failed.identity_key.empty() ? nullptr : find(identity);
  if (member == nullptr || !(lost_.contains(identity) || leaving_.contains(identity))) {
    turn.out.emplace_back(CommandRefused{failed.error});
    return;
  }
  turn.out.emplace_back(SeatKept{member->id, member->display_name, failed.error});
}

// ---- contacts --------------------------------------------------------------------------------------------------

Recognition Membership::recognise(ByteView identity_key, const std::string& name) const {
  return contacts_ ? contacts_->recognise(identity_key, name) : Recognition{};
}

/// Who is new is noted as it came, to be told from others of that name; who comes under a known name with another key is not: that is for a person to say.
void Membership::meet(const SessionMember& member, ConferenceOutputs& out) {
  if (!contacts_) return;
  Recognition recognition = recognise(member.identity_key, member.display_name);
  if (recognition.acquaintance == Acquaintance::stranger) {
    const auto noted = contacts_->meet(member.identity_key, member.display_name);
    if (!noted.ok() && !std::exchange(contacts_full_, true)) out.emplace_back(CommandRefused{noted.error()});
    return;
  }
  if (recognition.verified && recognition.acquaintance == Acquaintance::known) session_.set_verified(member.id, true);
  out.emplace_back(ContactSeen{member.id, member.display_name, std::move(recognition)});
}

/// Who was thrown out is no acquaintance, unless a person said so.
void Membership::forget_stranger(const SessionMember& member) {
  if (contacts_ && !recognise(member.identity_key, member.display_name).remembered) contacts_->forget(member.identity_key);
}

// ---- signed frames ---------------------------------------------------------------------------------------------

void Membership::state_frames(const std::vector<Bytes>& statements, ConferenceOutputs& out) {
  Result<ToLog> entry = session_.state_frames(statements);
  if (entry.ok()) log(transport::Broadcast{std::move(entry->message)}, out);
}

void Membership::on_doubt(const FrameDoubt& doubt, Time now, ConferenceOutputs& out) {
  const auto [told, first] = doubts_told_.try_emplace({room::identity_hash(doubt.identity_key), doubt.kind}, now);
  if (!first && now < told->second + between_doubts) return;
  told->second = now;
  std::erase_if(doubts_told_, [now](const auto& each) { return now >= each.second + between_doubts; });
  session_.record(doubt, context_->moment(now));
  out.emplace_back(SpeakerDoubted{doubt.display_name, doubt});
}

// ---- the door and succession -----------------------------------------------------------------------------------

void Membership::keep_door(DoorKeeping::Outcome outcome, Turn& turn) {
  for (const Bytes& word : outcome.words) {
    Result<ToLog> entry = session_.say(word);
    if (entry.ok()) log(transport::Broadcast{std::move(entry->message)}, turn.out);
  }
  for (const transport::ShareDoor& share : outcome.shares) tell(share, turn.out);
  if (outcome.heirs) tell(*outcome.heirs, turn.out);
  if (outcome.acclaim) tell(*outcome.acclaim, turn.out);
  if (outcome.left_out) turn.out.emplace_back(CommandRefused{Error{ErrorCode::not_permitted, "the owner has not named us to the relay as an heir: our voice would not end its rank there"}});
  if (outcome.opened) read_waiting_knocks(turn.now, turn.out);
}

void Membership::review_door(Turn& turn) {
  DoorKeeping::Outcome outcome;
  door_.review(session_, turn.now, outcome);
  keep_door(std::move(outcome), turn);
}

bool Membership::heirs_suffice() const {
  const RoomSettings room = settings();
  const auto seated = std::ranges::count_if(room.heirs, [&](const room::IdentityHash& heir) { return find(heir) != nullptr; });
  return room.quorum > 0 && seated >= room.quorum;
}

}  // namespace conclave::conference
