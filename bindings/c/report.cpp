#include "report.h"

#include "structs.h"

namespace conclave::c {
namespace {

void fill(conclave_event& event, const RoomReady&) { event.kind = CONCLAVE_EVENT_ROOM_READY; }

void fill(conclave_event& event, const KnockReceived& knock) {
  event.kind = CONCLAVE_EVENT_KNOCK;
  event.id = knock.knock_id;
  copy_text(event.name, knock.display_name);
}

void fill(conclave_event& event, const KnockWithdrawn& knock) {
  event.kind = CONCLAVE_EVENT_KNOCK_WITHDRAWN;
  event.id = knock.knock_id;
}

void fill(conclave_event& event, const Joined& joined) {
  event.kind = CONCLAVE_EVENT_JOINED;
  event.member = joined.self;
}

void fill(conclave_event& event, const MemberJoined& member) {
  event.kind = CONCLAVE_EVENT_MEMBER_JOINED;
  event.member = member.member;
  copy_text(event.name, member.display_name);
}

void fill(conclave_event& event, const MemberLeft& member) {
  event.kind = CONCLAVE_EVENT_MEMBER_LEFT;
  event.member = member.member;
  event.flag = member.removed ? 1 : 0;
  copy_text(event.name, member.display_name);
}

void fill(conclave_event& event, const EpochChanged& epoch) {
  event.kind = CONCLAVE_EVENT_EPOCH;
  event.id = epoch.epoch;
  const auto size = std::min(epoch.authenticator.size(), sizeof event.authenticator);
  event.authenticator_size = static_cast<std::uint32_t>(size);
  std::copy_n(epoch.authenticator.begin(), size, event.authenticator);
}

void fill(conclave_event& event, const SafetyCodeChanged& code) {
  event.kind = CONCLAVE_EVENT_SAFETY_CODE;
  copy_text(event.digits, code.digits);
  copy_text(event.words, code.words);
}

void fill(conclave_event& event, const MemberUnconfirmed& member) {
  event.kind = CONCLAVE_EVENT_UNCONFIRMED;
  event.member = member.member;
  event.flag = member.diverged ? 1 : 0;
  copy_text(event.name, member.display_name);
}

void fill(conclave_event& event, const MemberReconfirmed& member) {
  event.kind = CONCLAVE_EVENT_RECONFIRMED;
  event.member = member.member;
}

void fill(conclave_event& event, const MeetingSuspended& meeting) {
  event.kind = CONCLAVE_EVENT_SUSPENDED;
  event.flag = meeting.suspended ? 1 : 0;
}

void fill(conclave_event& event, const Reconnecting&) { event.kind = CONCLAVE_EVENT_RECONNECTING; }

void fill(conclave_event& event, const Reconnected& back) {
  event.kind = CONCLAVE_EVENT_RECONNECTED;
  event.id = static_cast<std::uint64_t>(back.gap / std::chrono::milliseconds(1));
}

void fill_error(conclave_event& event, const std::optional<Error>& error) {
  if (!error) return;
  event.code = static_cast<conclave_result>(error->code);
  event.has_participant = error->participant ? 1 : 0;
  event.participant = error->participant.value_or(0);
  copy_text(event.detail, error->detail);
}

void fill(conclave_event& event, const SourceEnded& source) {
  event.kind = CONCLAVE_EVENT_SOURCE_ENDED;
  event.flag = source.video ? 1 : 0;
  fill_error(event, source.error);
}

void fill(conclave_event& event, const ConferenceEnded& ended) {
  event.kind = CONCLAVE_EVENT_ENDED;
  fill_error(event, ended.error);
}

void fill(conclave_event& event, const RoomChanged&) { event.kind = CONCLAVE_EVENT_ROOM_CHANGED; }

void fill(conclave_event& event, const ChatReceived& chat) {
  event.kind = CONCLAVE_EVENT_CHAT;
  event.member = chat.sender;
  copy_text(event.detail, chat.text);
}

void fill(conclave_event& event, const ReactionReceived& reaction) {
  event.kind = CONCLAVE_EVENT_REACTION;
  event.member = reaction.sender;
  event.flag = reaction.symbol;
}

void fill(conclave_event& event, const HandChanged& hand) {
  event.kind = CONCLAVE_EVENT_HAND;
  event.member = hand.member;
  event.flag = hand.raised ? 1 : 0;
}

void fill(conclave_event& event, const CommandRefused& refused) {
  event.kind = CONCLAVE_EVENT_NOT_DONE;
  fill_error(event, refused.error);
}

/// What C programs cannot ask for yet: contacts, invitations by name, succession.
void fill(conclave_event&, const ContactSeen&) {}
void fill(conclave_event&, const InvitationMade&) {}
void fill(conclave_event&, const LeaderLost&) {}
void fill(conclave_event&, const HeirSpoke&) {}

void add(conclave_medium_report& sum, const SendReport& sent) {
  sum.frames_sent += sent.frames_sent;
  sum.packets_sent += sent.packets_sent;
  sum.bytes_sent += sent.bytes_sent;
  sum.retransmissions += sent.retransmissions;
  sum.keyframes += sent.keyframes;
}

void add(conclave_medium_report& sum, const ReceiveReport& received) {
  sum.frames_received += received.frames_received;
  sum.frames_lost += received.frames_lost;
  sum.frames_decoded += received.frames_decoded;
  sum.decode_failures += received.decode_failures;
  sum.frames_concealed += received.frames_concealed;
  sum.packets_received += received.packets_received;
  sum.packets_lost += received.packets_lost;
  sum.packets_recovered += received.packets_recovered;
  sum.bytes_received += received.bytes_received;
  sum.keyframes_requested += received.keyframes_requested;
  sum.freezes += received.freezes;
}

void fill_drops(conclave_report& out, const DropReport& dropped) {
  out.malformed = dropped.malformed;
  out.unknown_epoch = dropped.unknown_epoch;
  out.unknown_sender = dropped.unknown_sender;
  out.forged = dropped.forged;
  out.replayed = dropped.replayed;
  out.incomplete = dropped.incomplete;
  out.wrong_stream = dropped.wrong_stream;
  out.bad_message = dropped.bad_message;
}

void fill_counters(conclave_report& out, const ClientReport& report) {
  out.video_captured = report.video_captured;
  out.video_skipped = report.video_skipped;
  out.audio_captured = report.audio_captured;
  out.audio_skipped = report.audio_skipped;
  out.media_unplayed = report.media_unplayed;
  out.datagrams_sent = report.datagrams_sent;
  out.datagrams_received = report.datagrams_received;
}

}  // namespace

conclave_event event_of(const ClientEvent& event) {
  conclave_event out{};
  std::visit([&](const auto& what) { fill(out, what); }, event);
  return out;
}

conclave_report report_of(const ClientReport& report) {
  conclave_report out{};
  const auto& conference = report.conference;
  out.member_count = static_cast<std::uint32_t>(conference.roster.size());
  out.epoch = conference.epoch;
  out.setup_time = conference.setup_time.count();
  for (const auto& sent : conference.sent) add(sent.video ? out.video : out.audio, sent);
  for (const auto& received : conference.received) add(received.video ? out.video : out.audio, received);
  fill_drops(out, conference.dropped);
  fill_counters(out, report);
  copy_text(out.relay_address, report.relay_address);
  return out;
}

conclave_member member_of(const RosterEntry& entry) {
  conclave_member out{};
  out.member = entry.member;
  out.self = entry.self ? 1 : 0;
  copy_text(out.name, entry.display_name);
  return out;
}

}  // namespace conclave::c
