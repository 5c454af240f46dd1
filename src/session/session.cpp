#include "conclave/session.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/result.h"
#include "mls/framing/message.h"
#include "session/identity.h"
#include "session/session_state.h"

namespace conclave {

namespace {

using session::ContentKind;
using session::RoomGroup;

constexpr std::size_t max_spoken = 64;  // of our messages, remembered until they come back

std::unique_ptr<crypto::SeededRandom> seeded_by(const SessionConfig& config) {
  return config.seed ? std::make_unique<crypto::SeededRandom>(*config.seed) : nullptr;
}

crypto::Random& random_of(const std::unique_ptr<crypto::SeededRandom>& seeded) { return seeded ? *seeded : crypto::system_random(); }

session::TraceHash digest_of(ByteView message) {
  const crypto::Digest digest = crypto::hash(crypto::HashAlgorithm::sha256, {message});
  session::TraceHash out{};
  std::copy_n(digest.view().begin(), out.size(), out.begin());
  return out;
}

constexpr Duration longest_duration = std::chrono::hours(24 * 366);

Result<void> check(const SessionConfig& config) {
  if (config.heartbeat < std::chrono::milliseconds(100)) return Error{ErrorCode::invalid_argument, "heartbeats are at least 100 ms apart"};
  if (config.key_rotation < std::chrono::seconds(1)) return Error{ErrorCode::invalid_argument, "keys rotate every second at most"};
  for (const Duration each : {config.heartbeat, config.key_rotation, config.epoch_overlap, config.commit_interval}) {
    if (each > longest_duration) return Error{ErrorCode::invalid_argument, "no duration of a session is longer than a year"};
  }
  if (config.commit_interval < Duration::zero()) return Error{ErrorCode::invalid_argument, "commits are not a negative time apart"};
  if (config.epoch_overlap < Duration::zero()) return Error{ErrorCode::invalid_argument, "an overlap is not negative"};
  return {};
}

}  // namespace

Session::State::State(SessionConfig configuration, std::unique_ptr<crypto::SeededRandom> source, RoomGroup room_group, Moment at)
    : config(std::move(configuration)),
      seeded(std::move(source)),
      group(std::move(room_group)),
      queue(config),
      vigil(config.heartbeat, group.self(), group.epoch(), group.epoch_authenticator(), group.confirmed_transcript_hash()),
      next_rotation(at.now + config.key_rotation),
      latest(at.wall),
      record(config.room_id, group.founder_hash()) {
  read_roster(at.wall);
  vigil.enter(group.epoch(), group.epoch_authenticator(), group.confirmed_transcript_hash(), roster, at.now);
}

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::found(SessionConfig config, const Identity& identity, std::string_view display_name, Moment at) {
  CONCLAVE_TRY(check(config));
  auto seeded = seeded_by(config);
  CONCLAVE_ASSIGN(group, RoomGroup::found(config, session::inside(identity), display_name, at.wall, random_of(seeded)));
  return Session(std::make_unique<State>(std::move(config), std::move(seeded), std::move(group), at));
}

SessionStep Session::handle(ByteView message, Moment at) {
  SessionStep step;
  State& state = *state_;
  if (state.ended) return step;
  const auto summary = mls::summarize(message);
  if (summary.ok() && summary->content_type == mls::ContentType::commit) {
    state.on_commit(message, at, step);
    return state.finish(std::move(step), at);
  }
  state.vigil.add(message);  // whatever epoch it claims: late messages are acted upon, too
  if (!summary.ok()) step.events.emplace_back(MessageRefused{summary.error()});
  if (summary.ok() && !state.is_echo(message, at)) state.on_application(message, at, step);
  return state.finish(std::move(step), at);
}

SessionStep Session::tick(Moment at) { return state_->finish({}, at); }

void Session::State::on_commit(ByteView message, Moment at, SessionStep& step) {
  using Fate = session::CommitOutcome::Fate;
  const session::CommitOutcome outcome = group.handle_commit(message, at.wall, at.now);
  if (outcome.fate == Fate::refused && outcome.refused_because->code == ErrorCode::diverged) {
    return end({ErrorCode::diverged, "a commit of ours that this state does not know stands in the log: it was restored from too old a save"}, step);
  }
  if (outcome.fate == Fate::refused) refuse_commit(*outcome.refused_because, at, step);
  if (outcome.fate == Fate::refused || outcome.fate == Fate::stale) return vigil.add(message);
  if (outcome.fate == Fate::own_merged) queue.done();
  adopt(outcome, at, step);
}

void Session::State::adopt(const session::CommitOutcome& outcome, Moment at, SessionStep& step) {
  for (const SessionMember& member : outcome.left) {
    verified.erase(room::identity_hash(member.identity_key));
    hands.erase(room::identity_hash(member.identity_key));
  }
  read_roster(at.wall);
  step.events.emplace_back(EpochEntered{group.epoch(), group.epoch_authenticator(), outcome.fate == session::CommitOutcome::Fate::own_merged});
  for (const SessionMember& member : outcome.left) step.events.emplace_back(MemberGone{member});
  for (const SessionMember& member : outcome.joined) step.events.emplace_back(MemberEntered{*std::ranges::find(roster, member.id, &SessionMember::id)});
  if (!outcome.self_removed) record_commit(outcome, at);
  if (outcome.policy_before) step.events.emplace_back(RoomChanged{});
  if (outcome.policy_before) next_vouching = at.now;
  if (outcome.self_removed) return end({ErrorCode::refused, "we were removed from the room"}, step);
  if (outcome.refused_because) return end(*outcome.refused_because, step);
  if (group.policy().ended != 0) return end({ErrorCode::refused, "the meeting was ended for all"}, step);
  vigil.enter(group.epoch(), group.epoch_authenticator(), group.confirmed_transcript_hash(), roster, at.now);
  group.keys().suspend(suspended);
  for (const SessionMember& member : roster) group.keys().doubt(member.id, vigil.doubted(member.id));
}

/// Messages of ours come back from the log: MLS cannot open them, and need not.
bool Session::State::is_echo(ByteView message, Moment at) {
  const auto found = std::ranges::find(spoken, digest_of(message));
  if (found == spoken.end()) return false;
  const auto place = spoken_heartbeat.begin() + (found - spoken.begin());
  if (*place) vigil.hear_self(**place, at.now);
  spoken_heartbeat.erase(place);
  spoken.erase(found);
  return true;
}

void Session::State::on_application(ByteView message, Moment at, SessionStep& step) {
  const Result<session::OpenedMessage> opened = group.open_message(message);
  if (!opened.ok()) {
    step.events.emplace_back(MessageRefused{opened.error()});
    return;
  }
  on_content(*opened, at, step);
}

void Session::State::on_content(const session::OpenedMessage& opened, Moment at, SessionStep& step) {
  const ByteView content = opened.content();
  if (!content.empty() && content[0] == static_cast<std::uint8_t>(ContentKind::app)) {
    step.events.emplace_back(MessageOpened{opened.sender, to_bytes(content.subspan(1))});
    return;
  }
  if (!content.empty() && content[0] == static_cast<std::uint8_t>(ContentKind::room)) return on_room_message(opened.sender, content.subspan(1), step);
  if (!content.empty() && content[0] == static_cast<std::uint8_t>(ContentKind::frames)) return on_statement(opened, content.subspan(1), step);
  const auto heartbeat = wire::decode<session::Heartbeat>(content);
  if (heartbeat.ok() && heartbeat->sound(opened.epoch)) {
    note_speaker(opened, {}, step);
    return vigil.hear(opened.sender, opened.epoch, *heartbeat, at.now);
  }
  step.events.emplace_back(MessageRefused{{ErrorCode::malformed, "a member's message is of no known kind", opened.sender}});
}

Result<ToLog> Session::State::say(ByteView content, ContentKind kind) {
  CONCLAVE_ASSIGN(message, group.seal_message(content, random()));
  spoken.push_back(digest_of(message));
  spoken_heartbeat.push_back(kind == ContentKind::heartbeat ? std::optional(group.epoch()) : std::nullopt);
  if (spoken.size() > max_spoken) spoken.pop_front(), spoken_heartbeat.pop_front();
  return ToLog{std::move(message), false, group.epoch(), {}};
}

SessionStep Session::State::finish(SessionStep step, Moment at) {
  latest = at.wall;
  if (!ended) expire(at, step);
  step.next_deadline = next_deadline();
  return step;
}

void Session::State::expire(Moment at, SessionStep& step) {
  if (group.keys().expire(at.now)) step.events.emplace_back(FrameKeysChanged{});
  if (at.now >= next_rotation) {
    next_rotation = at.now + config.key_rotation;
    if (!alone()) queue.rotate();
  }
  vigil.expire(at.now);
  report_doubts(step);
  if (!alone() && vigil.due(at.now)) {
    auto heartbeat = say(wire::encode(vigil.speak(at.now)), ContentKind::heartbeat);
    if (heartbeat.ok()) step.send.push_back(std::move(*heartbeat));
  }
  if (at.now >= next_vouching) {
    next_vouching = at.now + std::chrono::minutes(1);
    if (group.vouching_due(at.wall)) queue.vouch();
  }
  succeed(at, step);
  queue.pursue(group, at, random(), step);
}

void Session::State::report_doubts(SessionStep& step) {
  bool changed = false;
  for (const auto& change : vigil.take_changes()) {
    const auto member = std::ranges::find(roster, change.member, &SessionMember::id);
    if (member == roster.end()) continue;
    member->confirmed = !change.doubt;
    changed = group.keys().doubt(member->id, change.doubt.has_value(), change.doubt == Doubt::silent) || changed;
    if (change.doubt) step.events.emplace_back(MemberDoubted{member->id, member->display_name, *change.doubt});
    if (!change.doubt) step.events.emplace_back(MemberConfirmed{member->id});
  }
  if (changed) step.events.emplace_back(FrameKeysChanged{});
  if (vigil.cut_off() == suspended) return;
  suspended = !suspended;
  group.keys().suspend(suspended);
  if (suspended) step.events.emplace_back(SessionSuspended{{ErrorCode::diverged, "the members' messages do not reach us, or are not those that others see"}});
  if (!suspended) step.events.emplace_back(SessionResumed{});
}

void Session::State::end(Error error, SessionStep& step) {
  ended = true;
  group.keys().close();
  step.events.emplace_back(FrameKeysChanged{});
  step.events.emplace_back(SessionEnded{std::move(error)});
}

void Session::State::read_roster(UnixSeconds now) {
  roster = group.members();
  for (SessionMember& member : roster) {
    organisations.look_up(member, now);
    member.verified = !verified.empty() && verified.contains(room::identity_hash(member.identity_key));
    member.hand_raised = !hands.empty() && hands.contains(room::identity_hash(member.identity_key));
    member.confirmed = !vigil.doubted(member.id);
  }
}

Time Session::State::next_deadline() const {
  if (ended) return never;
  return std::min({next_rotation, vigil.next_deadline(), group.keys().next_deadline(), queue.next_deadline(group)});
}

Result<SessionMember> Session::inspect(ByteView key_package, Moment at) const {
  CONCLAVE_ASSIGN(member, state_->group.inspect(key_package, at.wall));
  state_->organisations.look_up(member, at.wall);
  return member;
}

Result<SessionStep> Session::admit(std::uint64_t request, ByteView key_package, Moment at) {
  if (state_->ended) return Error{ErrorCode::invalid_state, "the session has ended"};
  if (!state_->group.own_rights().has(Right::admit)) return Error{ErrorCode::not_permitted, "we have no right to admit"};
  if (state_->group.policy().locked != 0) return Error{ErrorCode::not_permitted, "the room is locked"};
  CONCLAVE_TRY(state_->group.inspect(key_package, at.wall));
  state_->queue.admit(request, to_bytes(key_package));
  return state_->finish({}, at);
}

void Session::withdraw(std::uint64_t request) { state_->queue.withdraw(request, state_->group.commit_pending()); }

Result<SessionStep> Session::remove(MemberId member, Moment at) {
  if (state_->ended) return Error{ErrorCode::invalid_state, "the session has ended"};
  if (!state_->group.own_rights().has(Right::remove)) return Error{ErrorCode::not_permitted, "we have no right to remove"};
  const auto found = std::ranges::find(state_->roster, member, &SessionMember::id);
  if (found == state_->roster.end() || member == self()) return Error{ErrorCode::invalid_argument, "there is nobody to remove", member};
  state_->queue.remove(found->identity_key);
  return state_->finish({}, at);
}

SessionStep Session::rotate(Moment at) {
  if (state_->ended) return {};
  state_->next_rotation = at.now + state_->config.key_rotation;
  state_->queue.rotate();
  return state_->finish({}, at);
}

Result<ToLog> Session::say(ByteView content) {
  if (state_->ended) return Error{ErrorCode::invalid_state, "the session has ended"};
  return state_->say(wire::encode(ContentKind::app, wire::Raw{content}), ContentKind::app);
}

const std::vector<SessionMember>& Session::roster() const { return state_->roster; }
MemberId Session::self() const { return state_->group.self(); }
std::optional<MemberId> Session::owner() const {
  const auto founder = state_->group.founder();
  std::optional<MemberId> first;
  for (const SessionMember& member : state_->roster) {
    if (member.role != Role::owner) continue;
    if (member.id == founder) return founder;
    if (!first || member.id < *first) first = member.id;
  }
  return first;
}

std::uint64_t Session::epoch() const { return state_->group.epoch(); }
Bytes Session::epoch_authenticator() const { return state_->group.epoch_authenticator(); }
FrameSuite Session::frame_suite() const { return state_->group.frame_suite(); }
bool Session::suspended() const { return state_->suspended; }
bool Session::met() const { return state_->vigil.met(); }
Time Session::next_deadline() const { return state_->next_deadline(); }

Result<SafetyCodes> Session::safety_code() const {
  CONCLAVE_ASSIGN(code, state_->group.safety_code());
  return SafetyCodes{std::move(code.digits), std::move(code.words)};
}

void Session::set_verified(MemberId member, bool verified) {
  for (SessionMember& each : state_->roster) {
    if (each.id != member) continue;
    each.verified = verified;
    if (verified) state_->verified.insert(room::identity_hash(each.identity_key));
    if (!verified) state_->verified.erase(room::identity_hash(each.identity_key));
  }
}

Result<FrameSealer> Session::make_sealer(std::uint8_t stream, FrameMode mode) {
  if (state_->ended) return Error{ErrorCode::invalid_state, "the session has ended"};
  return state_->group.make_sealer(stream, mode);
}

FrameKeys Session::frame_keys() const { return state_->group.keys().snapshot(); }
void Session::allow_streams(MemberId member, std::uint16_t streams) { static_cast<void>(state_->group.keys().limit(member, streams)); }

}  // namespace conclave
