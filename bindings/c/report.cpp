#include "report.h"

#include "structs.h"

namespace conclave::c {
namespace {

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
  out.events_lost = report.events_lost;
  out.datagrams_sent = report.datagrams_sent;
  out.datagrams_received = report.datagrams_received;
}

void fill_statements(conclave_report& out, const StatementCounters& counted) {
  out.frames_confirmed = counted.confirmed;
  out.frames_equivocated = counted.equivocated;
  out.frames_unstated = counted.unstated;
  out.frames_missed = counted.missed;
  out.frames_late = counted.late;
  out.frames_unwatched = counted.unwatched;
}

}  // namespace

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
  fill_statements(out, conference.statements);
  copy_text(out.relay_address, report.relay_address);
  return out;
}

conclave_member member_of(const RosterEntry& entry) {
  conclave_member out{};
  out.member = entry.member;
  out.self = entry.self ? 1 : 0;
  out.role = static_cast<std::uint32_t>(entry.role);
  out.rights = entry.rights.bits();
  out.hand_raised = entry.hand_raised ? 1 : 0;
  out.identity_key_size = copy_bytes(out.identity_key, entry.identity_key);
  out.verified = entry.verified ? 1 : 0;
  copy_text(out.name, entry.display_name);
  copy_text(out.invited_as, entry.invited_as);
  copy_text(out.verified_by, entry.verified_by);
  copy_text(out.certified_as, entry.certified_as);
  return out;
}

}  // namespace conclave::c
