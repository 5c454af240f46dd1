// What happens in a call, as the struct of the C interface.
#include "report.h"
#include "session.h"
#include "structs.h"

namespace conclave::c {
namespace {

conclave_event plain_event(std::uint32_t kind) {
  conclave_event out{};
  out.kind = kind;
  return out;
}

conclave_event about_id(std::uint32_t kind, std::uint64_t id) {
  auto out = plain_event(kind);
  out.id = id;
  return out;
}

conclave_event about_flag(std::uint32_t kind, std::uint32_t flag) {
  auto out = plain_event(kind);
  out.flag = flag;
  return out;
}

conclave_event about_member(std::uint32_t kind, MemberId member, std::string_view name = "", std::uint32_t flag = 0) {
  auto out = about_flag(kind, flag);
  out.member = member;
  copy_text(out.name, name);
  return out;
}

conclave_event about_error(std::uint32_t kind, const std::optional<Error>& error, std::uint32_t flag = 0) {
  auto out = about_flag(kind, flag);
  if (error) put_error(out, *error);
  return out;
}

void tell_recognition(conclave_event& out, const Recognition& recognition) {
  out.acquaintance = static_cast<std::uint32_t>(recognition.acquaintance);
  out.verified = recognition.verified ? 1 : 0;
  out.remembered = recognition.remembered ? 1 : 0;
  copy_text(out.known_as, recognition.known_as);
}

conclave_event event_told(const RoomReady&) { return plain_event(CONCLAVE_EVENT_ROOM_READY); }

conclave_event event_told(const KnockReceived& knock) {
  auto out = about_id(CONCLAVE_EVENT_KNOCK, knock.knock_id);
  out.flag = knock.borrowed_name ? 1 : 0;
  copy_text(out.name, knock.display_name);
  copy_text(out.text, knock.invited_as);
  copy_text(out.verified_by, knock.verified_by);
  copy_text(out.certified_as, knock.certified_as);
  tell_recognition(out, knock.recognition);
  return out;
}

conclave_event event_told(const EpochChanged& epoch) {
  auto out = about_id(CONCLAVE_EVENT_EPOCH, epoch.epoch);
  out.authenticator_size = copy_bytes(out.authenticator, epoch.authenticator);
  return out;
}

conclave_event event_told(const SafetyCodeChanged& code) {
  auto out = plain_event(CONCLAVE_EVENT_SAFETY_CODE);
  copy_text(out.digits, code.digits);
  copy_text(out.words, code.words);
  return out;
}

conclave_event event_told(const ChatReceived& chat) {
  auto out = about_member(CONCLAVE_EVENT_CHAT, chat.sender);
  copy_text(out.detail, chat.text);
  copy_text(out.text, chat.text);
  return out;
}

conclave_event event_told(const HeirSpoke& heir) {
  auto out = about_member(CONCLAVE_EVENT_HEIR, heir.heir);
  out.id = heir.claimant;
  return out;
}

conclave_event event_told(const InvitationMade& made) {
  auto out = about_id(CONCLAVE_EVENT_INVITATION, made.number);
  copy_text(out.name, made.name);
  copy_text(out.text, made.link.text());
  return out;
}

conclave_event event_told(const SpeakerDoubted& doubted) {
  const FrameDoubt& doubt = doubted.doubt;
  auto out = about_member(CONCLAVE_EVENT_SPEAKER_DOUBTED, doubt.member, doubted.display_name, doubt_kind(doubt));
  out.id = doubt.epoch;
  out.stream = doubt.stream;
  out.identity_key_size = copy_bytes(out.identity_key, doubt.identity_key);
  out.evidence_size = copy_bytes(out.evidence, doubt.evidence);
  return out;
}

conclave_event event_told(const ContactSeen& seen) {
  auto out = about_member(CONCLAVE_EVENT_CONTACT_SEEN, seen.member, seen.display_name);
  tell_recognition(out, seen.recognition);
  return out;
}

conclave_event event_told(const SeatKept& kept) {
  auto out = about_error(CONCLAVE_EVENT_SEAT_KEPT, kept.error);
  out.member = kept.member;
  copy_text(out.name, kept.display_name);
  return out;
}

conclave_event event_told(const LeaderLost& m) { return about_member(CONCLAVE_EVENT_LEADER_LOST, m.member, m.display_name, m.heir); }
conclave_event event_told(const KnockWithdrawn& knock) { return about_id(CONCLAVE_EVENT_KNOCK_WITHDRAWN, knock.knock_id); }
conclave_event event_told(const Joined& joined) { return about_member(CONCLAVE_EVENT_JOINED, joined.self); }
conclave_event event_told(const MemberJoined& m) { return about_member(CONCLAVE_EVENT_MEMBER_JOINED, m.member, m.display_name); }
conclave_event event_told(const MemberLeft& m) { return about_member(CONCLAVE_EVENT_MEMBER_LEFT, m.member, m.display_name, m.removed); }
conclave_event event_told(const MemberUnconfirmed& m) { return about_member(CONCLAVE_EVENT_UNCONFIRMED, m.member, m.display_name, m.diverged); }
conclave_event event_told(const MemberReconfirmed& m) { return about_member(CONCLAVE_EVENT_RECONFIRMED, m.member); }
conclave_event event_told(const MeetingSuspended& meeting) { return about_flag(CONCLAVE_EVENT_SUSPENDED, meeting.suspended); }
conclave_event event_told(const RoomChanged&) { return plain_event(CONCLAVE_EVENT_ROOM_CHANGED); }
conclave_event event_told(const ReactionReceived& r) { return about_member(CONCLAVE_EVENT_REACTION, r.sender, "", r.symbol); }
conclave_event event_told(const HandChanged& hand) { return about_member(CONCLAVE_EVENT_HAND, hand.member, "", hand.raised); }
conclave_event event_told(const Reconnecting&) { return plain_event(CONCLAVE_EVENT_RECONNECTING); }
conclave_event event_told(const Reconnected& back) {
  return about_id(CONCLAVE_EVENT_RECONNECTED, static_cast<std::uint64_t>(back.gap / std::chrono::milliseconds(1)));
}
conclave_event event_told(const CommandRefused& refused) { return about_error(CONCLAVE_EVENT_NOT_DONE, refused.error); }
conclave_event event_told(const SourceEnded& source) { return about_error(CONCLAVE_EVENT_SOURCE_ENDED, source.error, source.video); }
conclave_event event_told(const ConferenceEnded& ended) { return about_error(CONCLAVE_EVENT_ENDED, ended.error); }

}  // namespace

conclave_event event_of(const ClientEvent& happened) {
  return std::visit([](const auto& what) { return event_told(what); }, happened);
}

}  // namespace conclave::c
