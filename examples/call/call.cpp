#include "call.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>

#include "belongings.h"
#include "equipment.h"
#include "keyboard.h"
#include "qr_text.h"
#include "room_talk.h"
#include "signals.h"
#include "terminal.h"

namespace conclave::call {
namespace {

constexpr Duration look_around = std::chrono::milliseconds(100);
constexpr Duration status_period = std::chrono::milliseconds(500);
constexpr std::size_t status_history = 4;
constexpr Duration change_takes = std::chrono::seconds(2);  // from UDP to TCP or back: longer is worth telling

std::string place_of(const Link& link) { return link.host + " port " + std::to_string(link.port); }

bool write_whole(const std::string& path, const std::string& text) {
  if (path == "-") return static_cast<bool>(std::cout << text << std::flush);
  std::ofstream file(path, std::ios::binary);
  return static_cast<bool>(file << text << std::flush);
}

}  // namespace

Call::Call(Options options) : options_(std::move(options)), status_(::isatty(STDERR_FILENO) != 0, options_.quiet) {}

ExitCode Call::run() {
  failure_ = open();
  if (failure_.code == ExitCode::ok) converse();
  close();
  return failure_.code;
}

Failure Call::open() {
  const auto link = options_.hosting ? Result<Link>(Link()) : Link::parse(options_.link);
  if (!link.ok()) return link_failure(link.error());
  for (const auto& path : {options_.record, options_.still}) {
    if (!path.empty()) media_files_.emplace_back(path);
  }
  auto config = equip(options_, meter_);
  if (!config.ok()) return device_failure(config.error());
  sinks_ = config->sinks;
  auto client = options_.hosting ? Client::host(std::move(config).value(), options_.host)
                                 : Client::join(std::move(config).value(), *link);
  if (!client.ok()) return options_.hosting ? host_failure(client.error()) : device_failure(client.error());
  client_.emplace(std::move(client).value());
  door_.emplace(options_.admit, *client_, status_);
  place_ = place_of(client_->link());
  if (!options_.hosting) status_.say("Calling " + terminal_text(place_));
  return {};
}

void Call::converse() {
  while (!ended_) {
    if (const auto event = client_->wait(look_around)) handle(*event);
    tell_knocking();
    leave_when_due();
    read_terminal();
    tell_failed_sinks();
    draw_status();
  }
}

/// Once each, at once: whoever records wants to know before the end.
void Call::tell_failed_sinks() {
  std::erase_if(sinks_, [this](const auto& sink) {
    const auto failure = sink->failure();
    if (failure) status_.say("Recording stopped, the call goes on: " + terminal_text(failure->detail));
    return failure.has_value();
  });
}

void Call::handle(const ClientEvent& event) {
  update_presence();
  std::visit([this](const auto& what) { on(what); }, event);
}

void Call::update_presence() {
  present_.clear();
  const auto conference = client_->report().conference;
  for (const auto& member : conference.roster) {
    if (!member.self) present_.push_back(terminal_text(member.display_name));
  }
  for (const auto& name : present_) {
    if (std::find(met_.begin(), met_.end(), name) == met_.end()) met_.push_back(name);
  }
  if (!present_.empty()) epoch_ = conference.epoch;
  const Time now = monotonic_now();
  if (!present_.empty() && !together_since_) together_since_ = now;
  if (!first_together_) first_together_ = together_since_;
  if (present_.empty() && together_since_) together_before_ += now - *std::exchange(together_since_, std::nullopt);
}

/// Once the path stands; the knock leaves with it.
void Call::tell_knocking() {
  if (options_.hosting || knocking_ || joined_ || ended_ || leaving_) return;
  knocking_ = !client_->report().relay_address.empty();
  if (knocking_) status_.say("Knocking; waiting for the host to answer");
}

void Call::leave_when_due() {
  const bool over = options_.duration && first_together_ && monotonic_now() >= *first_together_ + *options_.duration;
  if (!leaving_ && (over || leave_requested())) leave();
}

void Call::leave() {
  leaving_ = true;
  client_->leave();
}

/// An answer to the question at the door, or something for the room.
void Call::read_terminal() {
  if (door_->just_asked()) return forget_typed();
  const auto line = typed_line();
  if (!line) return;
  if (door_->asking()) return door_->answered(*line);
  const auto understood = understand(*line, client_->report().conference);
  if (!understood || !joined_) return;
  const auto* command = std::get_if<RoomCommand>(&*understood);
  if (command == nullptr) return status_.say(std::get<std::string>(*understood));
  if (!client_->command(*command)) status_.say("Too much at once: that was not done");
}

std::string Call::name_of(MemberId member) const {
  for (const auto& entry : client_->report().conference.roster) {
    if (entry.member == member) return quoted_name(entry.display_name);
  }
  return "somebody";
}

void Call::on(const ChatReceived& chat) { status_.say(name_of(chat.sender) + ": " + terminal_text(chat.text)); }

void Call::on(const HandChanged& hand) { status_.say(name_of(hand.member) + (hand.raised ? " asks for the floor" : " lowers the hand")); }

void Call::on(const ReactionReceived& reaction) { status_.say(name_of(reaction.sender) + " reacts"); }

void Call::on(const CommandRefused& refused) { status_.say("Not done: " + terminal_text(refused.error.detail)); }

void Call::draw_status() {
  const Time now = monotonic_now();
  if (ended_ || (!history_.empty() && now < history_.back().taken + status_period)) return;
  note_transport(now);
  history_.push_back({now, summarise()});
  note_silence(history_.back());
  door_->look(now);
  const auto& before = history_.front();
  if (joined_) {
    status_.show(status_text(history_.back().summary, before.summary, now - before.taken, meter_->newest()), now);
  }
  if (history_.size() > status_history) history_.pop_front();
}

/// Since the status before, what carries now has carried.
void Call::note_transport(Time now) {
  if (history_.empty()) return;
  const RelayTransport carries = client_->report().relay_transport;
  if (carries == RelayTransport::quic) over_udp_ += now - history_.back().taken;
  if (carries == RelayTransport::websocket) over_tcp_ += now - history_.back().taken;
}

void Call::note_silence(Snapshot& newest) {
  auto& summary = newest.summary;
  const auto heard = summary.video.bytes_received + summary.audio.bytes_received;
  const bool somebody_may = std::ranges::any_of(summary.report.conference.roster, [](const RosterEntry& entry) {
    return !entry.self && (entry.rights.has(Right::publish_audio) || entry.rights.has(Right::publish_video));
  });
  if (!somebody_may || heard == 0 || heard != heard_bytes_) last_heard_ = newest.taken;  // 0: who sends nothing at all
  heard_bytes_ = heard;
  summary.silence = newest.taken - last_heard_;
}

Summary Call::summarise() {
  Summary summary;
  summary.hosting = options_.hosting;
  summary.self = terminal_text(options_.name);
  summary.met = met_;
  summary.present = present_;
  summary.in_call = together_before_ + (together_since_ ? monotonic_now() - *together_since_ : Duration::zero());
  summary.epoch = epoch_;
  summary.safety_digits = safety_code_.digits;
  summary.safety_words = safety_code_.words;
  if (broken_since_) summary.broken = monotonic_now() - *broken_since_;
  if (changing_over_ && summary.broken < change_takes) summary.broken.reset();
  summary.reconnections = reconnections_;
  summary.longest_gap = longest_gap_;
  summary.over_udp = over_udp_;
  summary.over_tcp = over_tcp_;
  summary.delay = meter_->summary();
  if (client_) summary.report = client_->report();
  summary.exit_code = static_cast<int>(failure_.code);
  summary.failure = failure_.sentence;
  add_media(summary);
  return summary;
}

void Call::tell_unwritten() const {
  if (options_.quiet || !client_) return;
  for (const auto& file : media_files_) {
    if (file.untouched()) std::cerr << "nothing was received: " << terminal_text(file.path()) << " was not written" << std::endl;
  }
}

void Call::close() {
  status_.clear();
  if (client_) {
    const auto finished = client_->finish();
    if (!finished.ok() && failure_.code == ExitCode::ok) failure_ = device_failure(finished.error());
  }
  if (failure_.code != ExitCode::ok) std::cerr << "conclave-call: " << failure_.sentence << std::endl;
  tell_unwritten();
  const auto summary = summarise();
  if (joined_ && !options_.quiet) std::cerr << closing_table(summary) << std::flush;
  write_record(summary);
  write_contacts(summary);
  const bool told = failure_.code == ExitCode::missing_source;  // which may be this file
  if (!options_.json.empty() && !write_whole(options_.json, closing_json(summary))) {
    if (!told) std::cerr << "conclave-call: the report \"" << terminal_text(options_.json) << "\" cannot be written" << std::endl;
    if (failure_.code == ExitCode::ok) failure_.code = ExitCode::missing_source;
  }
}

void Call::write_record(const Summary& summary) {
  const Bytes& record = summary.report.conference.record;
  if (options_.meeting_record.empty() || record.empty()) return;
  if (write_whole(options_.meeting_record, std::string(record.begin(), record.end()))) return;
  std::cerr << "conclave-call: the record \"" << terminal_text(options_.meeting_record) << "\" cannot be written" << std::endl;
  if (failure_.code == ExitCode::ok) failure_.code = ExitCode::missing_source;
}

void Call::write_contacts(const Summary& summary) {
  const auto& contacts = summary.report.conference.contacts;
  if (options_.contacts_file.empty() || !contacts) return;
  const auto kept = keep_contacts(options_, *contacts);
  if (kept.ok()) return;
  std::cerr << "conclave-call: " << terminal_text(kept.error().detail) << std::endl;
  if (failure_.code == ExitCode::ok) failure_.code = ExitCode::identity_unusable;
}

void Call::on(const RoomReady&) {
  joined_ = true;
  if (!(std::cout << client_->link().text() << std::endl)) {
    failure_ = {ExitCode::missing_source, "the link cannot be written to standard output"};
    return leave();
  }
  if (options_.qr) std::cerr << qr_text(client_->link().text()) << std::flush;
  status_.say("The room is open. Whoever has the link may knock.");
  if (options_.admit == Admission::invited) client_->command(ChangeEntry{Entry::invited});
  for (const auto& name : options_.invite) client_->command(InviteGuest{name, std::chrono::hours(options_.invitation_hours), {}});
}

/// The link and the name, between them a tab: what a script reads, and nobody but the invited may see.
void Call::on(const InvitationMade& invitation) {
  if (!(std::cout << invitation.link.text() << '\t' << terminal_text(invitation.name) << std::endl)) {
    failure_ = {ExitCode::missing_source, "the link cannot be written to standard output"};
    return leave();
  }
  const std::string number = std::to_string(invitation.number);
  status_.say("Invitation " + number + " is for " + quoted_name(invitation.name) + " alone, once; /revoke " + number + " takes it back");
}

void Call::on(const ContactSeen& contact) {
  status_.say(quoted_name(contact.display_name) + " is here" + acquaintance_text(contact.recognition));
}

void Call::on(const LeaderLost& leader) {
  status_.say(quoted_name(leader.display_name) + ", who leads the room, is not heard any more" +
              (leader.heir ? ": you may take over with /inherit" : "; an heir may take over"));
}

void Call::on(const HeirSpoke& spoke) {
  const std::string number = std::to_string(spoke.claimant);
  status_.say(name_of(spoke.heir) + " wants " + name_of(spoke.claimant) + " to take over; as an heir you may agree with /endorse " + number);
}

void Call::on(const SpeakerDoubted& speaker) {
  const bool proven = speaker.doubt.kind == FrameDoubt::Kind::equivocated;
  status_.say(quoted_name(speaker.display_name) + (proven ? " has signed something else for us than it stated to all: this is proven, and stands in the record"
                                                          : " does not state what it signs: others may hear something else, by its doing or the relay's"));
}

void Call::on(const SeatKept& seat) { status_.say(quoted_name(seat.display_name) + " has gone, and keeps a seat: " + terminal_text(seat.error.detail)); }

void Call::on(const MemberJoined& member) { status_.say(quoted_name(member.display_name) + " is in the room"); }

void Call::on(const MemberLeft& member) {
  status_.say(quoted_name(member.display_name) + (member.removed ? " was removed" : " has left"));
}

void Call::on(const MemberUnconfirmed& member) {
  status_.say(quoted_name(member.display_name) + (member.diverged ? " sees another history of the room than we" : " is not heard any more"));
}

void Call::on(const MeetingSuspended& meeting) {
  status_.say(meeting.suspended ? "Cut off from the room: nothing is sent or played until the others are heard again" : "The room is whole again");
}

void Call::on(const Reconnecting& lost) {
  changing_over_ = lost.changing_over;
  broken_since_ = monotonic_now();
  if (!changing_over_) status_.say("The connection broke; making it again");
}

void Call::on(const Reconnected& back) {
  broken_since_.reset();
  longest_gap_ = std::max(longest_gap_, back.gap);
  if (back.changed_over) return status_.say(client_->report().relay_transport == RelayTransport::websocket ? "Now over TCP: UDP does not get through" : "Back over UDP");
  ++reconnections_;
  status_.say("Connected again");
}

void Call::on(const SafetyCodeChanged& code) {
  safety_code_ = code;
  if (code.digits.empty()) return status_.say("No safety code for those who are here now: it needs 64 MiB of memory");
  status_.say("Safety code " + terminal_text(code.digits) +
              (code.words.empty() ? "" : " (" + terminal_text(code.words) + ")"));
}

void Call::on(const SourceEnded& source) {
  const std::string medium = source.video ? "picture" : "sound";
  status_.say(source.error ? "No more " + medium + " from here: " + terminal_text(source.error->detail)
                           : "The " + medium + " from here has come to its end");
}

void Call::on(const ConferenceEnded& end) {
  ended_ = true;
  if (together_since_) together_before_ += monotonic_now() - *std::exchange(together_since_, std::nullopt);
  if (!end.error || leaving_) return;
  failure_ = options_.hosting && !joined_ ? room_failure(*end.error, place_) : call_failure(*end.error, place_, joined_);
}

}  // namespace conclave::call
