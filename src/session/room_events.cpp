// What happens in a room, for the app and for the record.
#include <algorithm>

#include "base/bytes.h"
#include "conclave/text.h"
#include "session/session_state.h"

namespace conclave {
namespace {

using room::TranscriptEvent;

room::IdentityHash identity_of(const SessionMember& member) { return room::identity_hash(member.identity_key); }

room::IdentityHash identity_in(const std::vector<SessionMember>& roster, std::optional<MemberId> id) {
  const auto found = std::ranges::find_if(roster, [&](const SessionMember& m) { return id && m.id == *id; });
  return found == roster.end() ? room::IdentityHash{} : identity_of(*found);
}

}  // namespace

void Session::State::note(TranscriptEvent event, const room::IdentityHash& actor, const room::IdentityHash& subject, ByteView detail, Moment at) {
  // A full record keeps its beginning: `limit_exceeded` is no reason to stop the meeting.
  (void)record.add({group.epoch(), at.wall.value, event, actor, subject, to_bytes(detail), to_bytes(group.confirmed_transcript_hash())});
}

void Session::State::record_commit(const session::CommitOutcome& outcome, Moment at) {
  std::vector<SessionMember> people = group.members();
  people.insert(people.end(), outcome.left.begin(), outcome.left.end());
  const room::IdentityHash actor = identity_in(people, outcome.committer);
  for (const SessionMember& who : outcome.joined) note(TranscriptEvent::joined, actor, identity_of(who), as_bytes(who.display_name), at);
  for (const SessionMember& who : outcome.left) note(TranscriptEvent::removed, actor, identity_of(who), as_bytes(who.display_name), at);
  if (outcome.policy_before) record_policy(*outcome.policy_before, group.policy(), actor, at);
}

void Session::State::record_policy(const room::RoomPolicy& before, const room::RoomPolicy& after, const room::IdentityHash& actor, Moment at) {
  for (const SessionMember& who : group.members()) {
    const room::Grant grant = after.grant_of(identity_of(who));
    if (grant == before.grant_of(identity_of(who))) continue;
    const bool inherited = identity_of(who) == actor && grant.role == Role::owner;
    note(inherited ? TranscriptEvent::inherited : TranscriptEvent::granted, actor, identity_of(who), wire::encode(grant), at);
  }
  if (before.locked != after.locked) note(after.locked != 0 ? TranscriptEvent::locked : TranscriptEvent::unlocked, actor, {}, {}, at);
  const bool changed = before.mode != after.mode || before.entry != after.entry || before.heirs != after.heirs || before.quorum != after.quorum ||
                       before.signing != after.signing || before.max_members != after.max_members;
  if (changed) note(TranscriptEvent::changed, actor, {}, {}, at);
  if (after.ended != 0) note(TranscriptEvent::ended, actor, {}, {}, at);
}

void Session::State::refuse_commit(const Error& error, Moment at, SessionStep& step) {
  note(TranscriptEvent::refused, identity_in(group.members(), error.participant), {}, as_bytes(error.detail), at);
  step.events.emplace_back(MessageRefused{error});
}

void Session::State::note_hand(MemberId id, bool raised) {
  const auto member = std::ranges::find(roster, id, &SessionMember::id);
  if (member == roster.end()) return;
  member->hand_raised = raised;
  if (raised) hands.insert(identity_of(*member));
  if (!raised) hands.erase(identity_of(*member));
}

Result<ToLog> Session::State::say_in_room(const room::RoomMessage& message) {
  if (ended) return Error{ErrorCode::invalid_state, "the session has ended"};
  return say(wire::encode(session::ContentKind::room, wire::Raw{room::encode_message(message)}), session::ContentKind::room);
}

void Session::State::on_room_message(MemberId sender, ByteView content, SessionStep& step) {
  const auto message = room::parse_message(content);
  if (!message.ok()) {
    step.events.emplace_back(MessageRefused{{message.error().code, message.error().detail, sender}});
    return;
  }
  const auto member = std::ranges::find(roster, sender, &SessionMember::id);
  if (member == roster.end() || !member->rights.covers(room::needed_for(*message))) {
    step.events.emplace_back(MessageRefused{{ErrorCode::forbidden_by_policy, "a message by somebody without the right to write", sender}});
    return;
  }
  if (const auto* chat = std::get_if<room::Chat>(&*message)) {
    step.events.emplace_back(ChatReceived{sender, std::string(chat->text.begin(), chat->text.end())});
  } else if (const auto* reaction = std::get_if<room::Reaction>(&*message)) {
    step.events.emplace_back(ReactionReceived{sender, static_cast<std::uint8_t>(reaction->symbol)});
  } else if (const auto* hand = std::get_if<room::Hand>(&*message)) {
    note_hand(sender, hand->raised != 0);
    step.events.emplace_back(HandChanged{sender, hand->raised != 0});
  } else if (const auto* voice = std::get_if<room::Endorsement>(&*message)) {
    const Result<void> heard = on_voice(*member, *voice, step);
    if (!heard.ok()) step.events.emplace_back(MessageRefused{heard.error()});
  }
}

Result<void> Session::State::on_voice(const SessionMember& sender, const room::Endorsement& voice, SessionStep& step) {
  const room::RoomPolicy& policy = group.policy();
  const auto claimant = std::ranges::find_if(roster, [&](const SessionMember& m) { return identity_of(m) == voice.claimant; });
  const bool among_heirs = policy.is_heir(identity_of(sender)) && policy.is_heir(voice.claimant) && claimant != roster.end();
  if (!among_heirs) return Error{ErrorCode::forbidden_by_policy, "a voice that is no heir's, or for none", sender.id};
  if (voice.heir_key != sender.identity_key || !voice.verify(config.room_id)) return Error{ErrorCode::not_authentic, "a voice in another one's name", sender.id};
  if (voice.epoch != group.epoch()) return {};  // it will be said again, in this one
  if (succession.hear(voice)) step.events.emplace_back(HeirSpoke{sender.id, claimant->id});
  return {};
}

void Session::State::succeed(Moment at, SessionStep& step) {
  if (const auto claimant = succession.next_voice(group.policy(), group.epoch(), at.now)) {
    const auto voice = group.voice_for(*claimant);
    auto said = voice.ok() ? say_in_room(*voice) : Result<ToLog>(voice.error());
    if (said.ok()) step.send.push_back(std::move(*said));
  }
  const auto own = std::ranges::find(roster, group.self(), &SessionMember::id);
  if (own == roster.end()) return;
  auto voices = succession.claim(group.policy(), identity_of(*own), group.epoch());
  if (!voices) return;
  queue.inherit(std::move(*voices), vanished());
}

std::vector<Bytes> Session::State::vanished() const {
  std::vector<Bytes> keys;
  for (const SessionMember& member : roster) {
    if (vigil.doubted(member.id)) keys.push_back(member.identity_key);
  }
  return keys;
}

}  // namespace conclave
