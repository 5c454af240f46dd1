#include "conference/engine.h"

#include <algorithm>
#include <utility>

#include "base/result.h"
#include "room/text.h"
#include "transport/codec.h"

namespace conclave {

using conference::Door;
using conference::MembershipChange;

Result<std::unique_ptr<Conference::Engine>> Conference::Engine::create(ConferenceConfig config, Link link, bool hosting,
                                                                       UnixSeconds wall_time, Time now) {
  conference::Context context;
  context.config = std::move(config);
  context.link = std::move(link);
  context.hosting = hosting;
  context.wall_start = wall_time;
  context.start = now;
  context.config.display_name = room::inert_name(as_bytes(context.config.display_name));
  if (context.config.seed) context.seeded = std::make_unique<crypto::SeededRandom>(*context.config.seed);
  context.identity = std::move(context.config.identity);
  if (!context.identity) {
    CONCLAVE_ASSIGN(made, session::make_identity(context.random()));
    context.identity = std::make_shared<const Identity>(std::move(made));
  }
  if (hosting) {
    context.random().fill(context.link.room_id);
    context.random().fill(context.link.invitation);
    context.link.founder_hash = context.identity->hash();
  }
  CONCLAVE_ASSIGN(keys, room::InvitationKeys::derive(context.link));
  context.invitation = std::move(keys);
  return std::unique_ptr<Engine>(new Engine(std::move(context), now));
}

Conference::Engine::Engine(conference::Context context, Time now) : context_(std::move(context)), state_(Door(context_, now)) {}

ConferenceOutputs Conference::Engine::handle(ConferenceInput input, Time now) {
  if (std::holds_alternative<Ended>(state_)) return {};
  if (auto* event = std::get_if<TransportEvent>(&input)) {
    on_event(*event, now);
  } else if (std::holds_alternative<LeaveConference>(input)) {
    leave();
  } else if (auto* meeting = std::get_if<Meeting>(&state_)) {
    on_input(*meeting, input, now);
  }
  on_tick(now);
  const auto* meeting = std::get_if<Meeting>(&state_);
  if (meeting != nullptr && !meeting->resumption.seated()) {  // nowhere to send media to
    std::erase_if(out_, [](const ConferenceOutput& output) { return std::holds_alternative<SendMedia>(output) || std::holds_alternative<SendFeedback>(output); });
  }
  return std::exchange(out_, {});
}

void Conference::Engine::on_event(TransportEvent& event, Time now) {
  if (std::holds_alternative<Door>(state_)) {
    at_door(event, now);
  } else if (auto* meeting = std::get_if<Meeting>(&state_)) {
    in_meeting(*meeting, event, now);
  }
}

void Conference::Engine::at_door(const TransportEvent& event, Time now) {
  step(std::get<Door>(state_).handle(event, now, out_), now);
}

void Conference::Engine::step(Door::Step step, Time now) {
  if (auto* entered = std::get_if<conference::Entered>(&step)) enter(std::move(*entered), now);
  if (auto* error = std::get_if<Error>(&step)) end(ConferenceEnded{std::move(*error)});
}

void Conference::Engine::enter(conference::Entered entered, Time now) {
  const Duration round_trip = entered.round_trip;
  const std::uint64_t connection = entered.connection;
  const std::optional<transport::StreamsAvailable> streams = std::move(entered.streams);
  state_ = Meeting{conference::Membership(context_, std::move(entered)), conference::MediaEngine(context_, round_trip),
                   conference::Resumption(context_, connection)};
  Meeting& meeting = std::get<Meeting>(state_);
  meeting.membership.begin(out_);
  const Result<void> ready = meeting.media.begin(meeting.membership.session(), now, out_);
  if (!ready.ok()) return end(ConferenceEnded{ready.error()});
  if (streams) meeting.media.on_streams(*streams, out_);
  meeting.resumption.keep_seat(out_);
  if (context_.hosting) {
    out_.emplace_back(RoomReady{});
  } else {
    setup_time_ = now - context_.start;
  }
}

void Conference::Engine::in_meeting(Meeting& meeting, const TransportEvent& event, Time now) {
  if (const auto* packet = std::get_if<MediaPacket>(&event)) {
    meeting.media.on_media(*packet, now);
  } else if (const auto* feedback = std::get_if<TransportFeedback>(&event)) {
    meeting.media.on_feedback(feedback->feedback, now, out_);
  } else if (const auto* closed = std::get_if<TransportClosed>(&event)) {
    on_closed(meeting, closed->error, now);
  } else if (std::holds_alternative<TransportConnected>(event)) {
    meeting.resumption.connected(meeting.membership.next_index(), now, out_);
  } else if (const auto* message = std::get_if<TransportMessage>(&event)) {
    const auto decoded = transport::decode_relay_message(message->message);
    if (!decoded.ok()) {
      ++meeting.media.dropped().bad_message;
    } else {
      on_message(meeting, *decoded, now);
    }
  }
}

void Conference::Engine::on_closed(Meeting& meeting, const Error& error, Time now) {
  if (!meeting.resumption.worth_a_try(error)) return end(ConferenceEnded{error});
  meeting.membership.go_offline();
  meeting.resumption.lost(error, now, out_);
}

/// The others find our streams under their numbers again; what they send is announced to us by the relay.
void Conference::Engine::on_resumed(Meeting& meeting, const transport::Resumed& resumed, Time now) {
  if (!meeting.resumption.resumed(now, out_)) {
    ++meeting.media.dropped().bad_message;
    return;
  }
  meeting.membership.come_back(resumed.end_index, now, out_);
  meeting.media.reconnected(out_);
  if (const auto streams = std::exchange(meeting.early_streams, std::nullopt)) meeting.media.on_streams(*streams, out_);
}

void Conference::Engine::on_seat_refused(Meeting& meeting, const transport::Refused& refused, Time now) {
  if (refused.code != ErrorCode::refused) return meeting.resumption.lost({refused.code, refused.reason}, now, out_);
  end(ConferenceEnded{Error{ErrorCode::connection_lost, "the relay no longer keeps our seat"}});
}

void Conference::Engine::on_message(Meeting& meeting, const transport::RelayMessage& message, Time now) {
  if (const auto* resumed = std::get_if<transport::Resumed>(&message)) return on_resumed(meeting, *resumed, now);
  if (!meeting.resumption.seated()) {
    if (const auto* refused = std::get_if<transport::Refused>(&message)) on_seat_refused(meeting, *refused, now);
    if (const auto* streams = std::get_if<transport::StreamsAvailable>(&message)) meeting.early_streams = *streams;  // on a channel that is quicker
    return;
  }
  if (const auto* streams = std::get_if<transport::StreamsAvailable>(&message)) return meeting.media.on_streams(*streams, out_);
  if (const auto* wanted = std::get_if<transport::LayersWanted>(&message)) return meeting.media.on_wanted(*wanted);
  const MembershipChange change = meeting.membership.on_message(message, now, out_);
  const auto* entry = std::get_if<transport::LogEntry>(&message);
  if (entry != nullptr && entry->index + 1 == meeting.membership.next_index()) meeting.resumption.note_read(*entry);
  apply(meeting, change, now);
}

void Conference::Engine::apply(Meeting& meeting, const MembershipChange& change, Time now) {
  for (const FramesStated& each : change.stated) meeting.media.hear_statement(each);
  if (!change.gone.empty() || change.keys_changed || change.new_epoch || change.ended) tell_doubts(meeting, now);
  for (const MemberId member : change.gone) meeting.media.member_left(member);
  if (change.ended) return end(*change.ended);
  if (change.joined) meeting.media.member_joined();
  if (change.joined && !setup_time_) setup_time_ = now - context_.start;
  if (change.keys_changed && !change.new_epoch) meeting.media.take_keys(meeting.membership.session());
  if (change.other_room) meeting.media.start_over();
  if (!change.new_epoch) return;
  const Result<void> keyed = meeting.media.enter_epoch(meeting.membership.session(), now, out_);
  if (!keyed.ok()) end(ConferenceEnded{keyed.error()});
}

void Conference::Engine::on_input(Meeting& meeting, const ConferenceInput& input, Time now) {
  if (const auto* audio = std::get_if<AudioFrame>(&input)) on_capture(meeting, *audio, now);
  if (const auto* video = std::get_if<VideoFrame>(&input)) on_capture(meeting, *video, now);
  if (const auto* admit = std::get_if<AdmitKnock>(&input)) apply(meeting, meeting.membership.admit(*admit, now, out_), now);
  if (const auto* refuse = std::get_if<RefuseKnocker>(&input)) meeting.membership.refuse(*refuse, out_);
  if (const auto* remove = std::get_if<RemoveMember>(&input)) apply(meeting, meeting.membership.remove(*remove, now, out_), now);
  if (const auto* code = std::get_if<SafetyCodeComputed>(&input)) meeting.membership.on_safety_code(*code, out_);
  if (const auto* command = std::get_if<RoomCommand>(&input)) apply(meeting, meeting.membership.command(*command, now, out_), now);
  if (std::holds_alternative<RotateKeys>(input)) apply(meeting, meeting.membership.rotate(now, out_), now);
}

template <class Frame>
void Conference::Engine::on_capture(Meeting& meeting, const Frame& frame, Time now) {
  if (meeting.membership.alone() || !meeting.resumption.seated()) return;  // nobody to hear it: nothing is encoded
  if (meeting.membership.session().suspended()) return;  // nobody who is known to be in the same room
  const Result<void> sent = meeting.media.capture(frame, now, out_);
  if (!sent.ok() && group_of(sent.error().code) != ErrorGroup::misuse) end(ConferenceEnded{sent.error()});
}

void Conference::Engine::on_tick(Time now) {
  if (auto* door = std::get_if<Door>(&state_)) {
    step(door->expire(now), now);
  } else if (auto* meeting = std::get_if<Meeting>(&state_)) {
    if (auto failed = meeting->resumption.expire(now, out_)) return end(ConferenceEnded{std::move(*failed)});
    apply(*meeting, meeting->membership.expire(now, out_), now);
    if (std::holds_alternative<Meeting>(state_)) expire_media(*meeting, now);
  }
}

void Conference::Engine::expire_media(Meeting& meeting, Time now) {
  meeting.media.expire(now, out_);
  if (!meeting.membership.in_step()) meeting.media.postpone_statements(now);
  const std::vector<Bytes> statements = meeting.media.due_statements(now);
  if (!statements.empty()) meeting.membership.state_frames(statements, out_);
  for (const FrameDoubt& doubt : meeting.media.take_doubts()) meeting.membership.on_doubt(doubt, now, out_);
}

void Conference::Engine::tell_doubts(Meeting& meeting, Time now) {
  meeting.media.review_statements(now);
  for (const FrameDoubt& doubt : meeting.media.take_doubts()) meeting.membership.on_doubt(doubt, now, out_);
}

Time Conference::Engine::next_deadline() const {
  if (const auto* door = std::get_if<Door>(&state_)) return door->next_deadline();
  if (const auto* meeting = std::get_if<Meeting>(&state_)) {
    return std::min({meeting->membership.next_deadline(), meeting->media.next_deadline(), meeting->resumption.next_deadline()});
  }
  return never;
}

void Conference::Engine::leave() {
  if (auto* meeting = std::get_if<Meeting>(&state_)) {
    const std::vector<Bytes> statements = meeting->media.take_statements();
    if (!statements.empty()) meeting->membership.state_frames(statements, out_);
    meeting->membership.leave(out_);
  }
  end(ConferenceEnded{});
}

void Conference::Engine::end(ConferenceEnded ended) {
  if (std::holds_alternative<Ended>(state_)) return;
  ConferenceReport closing = report();
  if (auto* meeting = std::get_if<Meeting>(&state_)) {
    auto record = Room(meeting->membership.session()).export_record(*context_.identity);
    if (record.ok()) closing.record = std::move(*record);
    closing.contacts = meeting->membership.contacts();
  }
  state_ = Ended{std::move(closing)};  // keys and plaintext are gone from here on
  context_.identity.reset();
  context_.invitation.reset();
  out_.emplace_back(CloseTransport{});
  out_.emplace_back(std::move(ended));
}

ConferenceReport Conference::Engine::report() const {
  if (const auto* ended = std::get_if<Ended>(&state_)) return ended->report;
  ConferenceReport report;
  report.setup_time = setup_time_.value_or(Duration::zero());
  const auto* meeting = std::get_if<Meeting>(&state_);
  if (meeting == nullptr) return report;
  const Session& session = meeting->membership.session();
  report.epoch = session.epoch();
  report.epoch_authenticator = session.epoch_authenticator();
  if (const auto& code = meeting->membership.safety_code()) {
    report.safety_digits = code->digits;
    report.safety_words = code->words;
  }
  for (const SessionMember& member : session.roster()) {
    report.roster.push_back({member.id, member.display_name, member.id == session.self(), member.role, member.rights, member.hand_raised,
                             member.identity_key, member.verified, member.verified_by, member.certified_as, member.invited_as});
  }
  report.room = meeting->membership.settings();
  meeting->media.report(report);
  report.dropped.bad_message += meeting->membership.bad_messages();
  return report;
}

}  // namespace conclave
