#include "conference/membership.h"

#include <algorithm>

#include "conclave/text.h"
#include "conference/to_relay.h"
#include "room/knock.h"
#include "transport/codec.h"

namespace conclave::conference {
namespace {

/// Words that members say to each other, as MLS application messages: signed by their sender, sealed from the relay.
constexpr std::string_view here = "conclave here v1";
constexpr std::string_view goodbye = "conclave goodbye v1";
constexpr std::string_view ending = "conclave ending v1";

room::IdentityHash identity_of(const SessionMember& member) { return room::identity_hash(member.identity_key); }

MembershipChange ended(std::optional<Error> error) {
  MembershipChange change;
  change.ended = ConferenceEnded{std::move(error)};
  return change;
}

}  // namespace

Membership::Membership(const Context& context, Entered entered)
    : context_(&context),
      session_(std::move(entered.session)),
      joining_(std::move(entered.joining)),
      door_(context, std::move(entered.admission_key), std::move(entered.card_key), entered.connection),
      contacts_(context.config.contacts),
      connection_(entered.connection),
      next_index_(entered.next_index) {}

void Membership::begin(ConferenceOutputs& out) {
  out.emplace_back(Joined{session_.self()});
  report_epoch(out);
  for (const SessionMember& member : session_.roster()) {
    if (member.id == session_.self()) continue;
    out.emplace_back(MemberJoined{member.id, member.display_name});
    meet(member, out);
  }
  if (alone()) return;
  ask_for_safety_code(out);
  say(here, out);
}

MembershipChange Membership::on_message(const transport::RelayMessage& message, Time now, ConferenceOutputs& out) {
  if (const auto* entry = std::get_if<transport::LogEntry>(&message)) return on_entry(*entry, now, out);
  if (const auto* answer = std::get_if<transport::KnockAnswered>(&message)) return on_welcome(*answer, now, out);
  if (std::holds_alternative<transport::RoomClosed>(message)) return on_room_closed();
  if (const auto* refused = std::get_if<transport::Refused>(&message)) return ended(Error{refused->code, refused->reason});
  if (const auto* knock = std::get_if<transport::KnockArrived>(&message)) on_knock(*knock, now, out);
  if (const auto* withdrawn = std::get_if<transport::KnockWithdrawn>(&message)) on_withdrawn(*withdrawn, out);
  if (const auto* gone = std::get_if<transport::PeerGone>(&message)) on_peer_gone(*gone, now);
  if (const auto* seated = std::get_if<transport::HeirsSeated>(&message)) door_.heirs_seated(seated->heirs);
  return {};
}

MembershipChange Membership::on_entry(const transport::LogEntry& entry, Time now, ConferenceOutputs& out) {
  if (entry.index < next_index_) {
    ++bad_messages_;
    return {};
  }
  if (entry.index > next_index_) {
    return ended(Error{ErrorCode::connection_lost, "the relay left out messages of the room"});
  }
  next_index_ = entry.index + 1;
  if (entry.connection == connection_) unconfirmed_.confirm(entry.message);
  Turn turn{now, out, entry.connection, {}};
  take(session_.handle(entry.message, context_->moment(now)), turn);
  if (session_.met()) joining_.reset();
  if (link_ == Link::catching_up && !turn.change.ended) finish_catching_up(out);
  return std::move(turn.change);
}

void Membership::take(SessionStep step, Turn& turn) {
  take(step.events, turn);
  for (ToLog& entry : step.send) {
    if (!entry.commit) {
      log(transport::Broadcast{std::move(entry.message)}, turn.out);
      continue;
    }
    transport::AppendCommit append{entry.epoch, std::move(entry.message), {}};
    if (entry.admission) append.welcomes.push_back({entry.admission->request, std::move(entry.admission->welcome), std::move(entry.admission->others)});
    log(std::move(append), turn.out);
  }
}

void Membership::take(const std::vector<SessionEvent>& events, Turn& turn) {
  const bool joined_before = turn.change.joined;
  const std::size_t gone_before = turn.change.gone.size();
  bool epoch = false;
  for (const SessionEvent& event : events) {
    epoch = epoch || std::holds_alternative<EpochEntered>(event);
    std::visit([&](const auto& each) { on(each, turn); }, event);
  }
  if (!epoch || turn.change.ended) return;
  review_door(turn);
  read_waiting_knocks(turn.now, turn.out);  // perhaps it is we who admit now
  const bool came = turn.change.joined && !joined_before;
  if (came || turn.change.gone.size() > gone_before) ask_for_safety_code(turn.out);
  introduce(session_.owner() == session_.self() && came, turn.out);
}

void Membership::on(const EpochEntered&, Turn& turn) {
  joining_.reset();
  turn.change.new_epoch = true;
  report_epoch(turn.out);
}

void Membership::on(const MemberEntered& entered, Turn& turn) {
  turn.change.joined = true;
  patience_.emplace(identity_of(entered.member), turn.now + silent_newcomer_grace);
  turn.out.emplace_back(MemberJoined{entered.member.id, entered.member.display_name});
  meet(entered.member, turn.out);
}

void Membership::on(const MemberGone& gone, Turn& turn) {
  const room::IdentityHash identity = identity_of(gone.member);
  turn.change.gone.push_back(gone.member.id);
  const bool was_lost = patience_.erase(identity) + lost_.erase(identity) > 0;
  std::erase_if(connections_, [&](const auto& known) { return known.second == identity; });
  const bool removed = leaving_.erase(identity) == 0;
  if (removed && !was_lost) forget_stranger(gone.member);
  turn.out.emplace_back(MemberLeft{gone.member.id, gone.member.display_name, removed});
}

void Membership::on(const MessageOpened& word, Turn& turn) {
  const SessionMember* sender = find(word.sender);
  if (sender == nullptr) return;
  const room::IdentityHash identity = identity_of(*sender);
  joining_.reset();
  if (session_.owner() == word.sender) leaderless_ = false;
  if (turn.connection) connections_[*turn.connection] = identity;
  patience_.erase(identity);
  lost_.erase(identity);
  if (equal(word.content, as_bytes(ending)) && session_.owner() == word.sender) turn.change.ended = ConferenceEnded{};
  const bool moved = turn.connection && door_.met(*sender, *turn.connection);
  DoorKeeping::Outcome outcome;
  const bool of_door = door_.hear(*sender, word.content, session_, turn.now, outcome);
  if (moved || of_door) door_.review(session_, turn.now, outcome);
  keep_door(std::move(outcome), turn);
  if (of_door) return;
  const bool leaving = equal(word.content, as_bytes(goodbye)) && leaving_.insert(identity).second;
  if (leaving) want_removal(identity, turn);
}

void Membership::on(const MessageRefused&, Turn& turn) {
  // After a second Welcome, words that we sealed in the room that lost come back too.
  if (turn.connection != connection_) ++bad_messages_;
}

void Membership::on(const RoomChanged& changed, Turn& turn) {
  turn.change.keys_changed = true;
  turn.out.emplace_back(changed);
}

void Membership::on(const AdmissionFailed& failed, Turn& turn) { tell(transport::RefuseKnock{failed.request}, turn.out); }

void Membership::on(const MemberDoubted& doubted, Turn& turn) {
  turn.out.emplace_back(MemberUnconfirmed{doubted.member, doubted.display_name, doubted.doubt != Doubt::silent});
  if (session_.owner() != doubted.member || !heirs_suffice()) return;
  const std::vector<room::IdentityHash> heirs = settings().heirs;
  turn.out.emplace_back(LeaderLost{doubted.member, doubted.display_name, std::ranges::find(heirs, context_->identity->hash()) != heirs.end()});
}

void Membership::on(const SessionEnded& ended, Turn& turn) {
  const bool removed = ended.error.code == ErrorCode::refused;
  if (settings().ended) {
    turn.change.ended = ConferenceEnded{};
    return;
  }
  turn.change.ended = ConferenceEnded{removed ? Error{ErrorCode::refused, "the host removed us from the room"} : ended.error};
}

void Membership::introduce(bool to_newcomers, ConferenceOutputs& out) {
  const bool as_newcomer = session_.owner() != session_.self() && introductions_left_ > 0;
  if (as_newcomer) --introductions_left_;
  if (to_newcomers || as_newcomer) say(here, out);
}

MembershipChange Membership::on_welcome(const transport::KnockAnswered& answer, Time now, ConferenceOutputs& out) {
  if (!joining_ || !answer.admitted) return {};
  Result<Session> session = joining_->complete(answer.welcome, context_->link.founder_hash, context_->moment(now));
  if (!session.ok()) {
    ++bad_messages_;
    return {};
  }
  session_ = std::move(*session);  // the commit behind the first Welcome lost: this is the room that the others are in
  next_index_ = answer.next_index;
  report_epoch(out);
  say(here, out);
  MembershipChange change;
  change.new_epoch = change.other_room = true;
  return change;
}

MembershipChange Membership::on_room_closed() {
  return ended(Error{ErrorCode::connection_lost, "the relay closed the room, the host did not say so"});
}

void Membership::on_knock(const transport::KnockArrived& knock, Time now, ConferenceOutputs& out) {
  if (knocks_.has_relay_id(knock.knock_id)) return;
  if (door_.key() == nullptr || !Room(session_).own_rights().has(Right::admit)) {
    const bool known = std::ranges::find(unread_knocks_, knock.knock_id, &transport::KnockArrived::knock_id) != unread_knocks_.end();
    if (!known && unread_knocks_.size() < WaitingKnocks::max_knocks) unread_knocks_.push_back(knock);
    return;
  }
  if (knocks_.full(true) && knocks_.full(false)) return refuse_unread(knock, ErrorCode::limit_exceeded, out);
  const crypto::CipherSuite* suite = crypto::find_suite(context_->session_config().suite);
  Result<Bytes> package = room::open_knock(*suite, *door_.key(), context_->link.room_id, knock.sealed);
  const Result<SessionMember> member =
      package.ok() ? session_.inspect(*package, context_->moment(now)) : Result<SessionMember>(package.error());
  if (!member.ok()) {
    ++bad_messages_;
    return refuse_unread(knock, member.error().code, out);
  }
  const Recognition recognition = recognise(member->identity_key, member->display_name);
  const bool invited = recognition.remembered || !member->invited_as.empty();
  if (knocks_.full(invited)) return refuse_unread(knock, ErrorCode::limit_exceeded, out);
  const std::uint64_t id = knocks_.add({knock.knock_id, std::move(*package), invited});
  const bool borrowed = is_reserved_name(member->display_name) || std::ranges::any_of(session_.roster(), [&](const SessionMember& seated) {
    return confusable_names(seated.display_name, member->display_name);
  });
  out.emplace_back(KnockReceived{id, member->display_name, borrowed, member->invited_as, recognition, member->verified_by, member->certified_as});
}

/// A keeper who cannot read a knock, or has no place for it, leaves it to the others: what it lacks may be a right clock.
void Membership::refuse_unread(const transport::KnockArrived& knock, ErrorCode reason, ConferenceOutputs& out) {
  if (session_.owner() == session_.self() && reason != ErrorCode::expired) tell(transport::RefuseKnock{knock.knock_id}, out);
}

void Membership::read_waiting_knocks(Time now, ConferenceOutputs& out) {
  if (unread_knocks_.empty() || door_.key() == nullptr || !Room(session_).own_rights().has(Right::admit)) return;
  for (const transport::KnockArrived& knock : std::exchange(unread_knocks_, {})) on_knock(knock, now, out);
}

void Membership::on_withdrawn(const transport::KnockWithdrawn& withdrawn, ConferenceOutputs& out) {
  std::erase_if(unread_knocks_, [&](const transport::KnockArrived& each) { return each.knock_id == withdrawn.knock_id; });
  if (const auto id = knocks_.withdraw(withdrawn.knock_id)) out.emplace_back(KnockWithdrawn{*id});
  session_.withdraw(withdrawn.knock_id);  // an admission that is under way stays: who never speaks after it loses the seat again
}

void Membership::on_peer_gone(const transport::PeerGone& gone, Time now) {
  const auto known = connections_.find(gone.connection);
  if (known != connections_.end()) patience_.emplace(known->second, now + lost_peer_grace);
}

MembershipChange Membership::admit(const AdmitKnock& input, Time now, ConferenceOutputs& out) {
  Turn turn{now, out, {}, {}};
  const std::optional<WaitingKnock> knock = knocks_.take(input.knock_id);
  if (!knock) return {};
  Result<SessionStep> step = session_.admit(knock->relay_id, knock->key_package, context_->moment(now));
  if (step.ok()) {
    take(std::move(*step), turn);
  } else {
    tell(transport::RefuseKnock{knock->relay_id}, out);
  }
  return std::move(turn.change);
}

void Membership::refuse(const RefuseKnocker& input, ConferenceOutputs& out) {
  if (const auto knock = knocks_.take(input.knock_id)) tell(transport::RefuseKnock{knock->relay_id}, out);
}

MembershipChange Membership::remove(const RemoveMember& input, Time now, ConferenceOutputs& out) {
  Turn turn{now, out, {}, {}};
  const SessionMember* member = find(input.member);
  if (member != nullptr && member->id != session_.self()) want_removal(identity_of(*member), turn);
  return std::move(turn.change);
}

MembershipChange Membership::rotate(Time now, ConferenceOutputs& out) {
  Turn turn{now, out, {}, {}};
  take(session_.rotate(context_->moment(now)), turn);
  return std::move(turn.change);
}

void Membership::leave(ConferenceOutputs& out) {
  const bool host = session_.owner() == session_.self();
  if (!alone()) say(host ? ending : goodbye, out);
  if (host) {
    tell(transport::CloseRoom{}, out);
  } else {
    tell(transport::Leave{}, out);
  }
}

void Membership::log(transport::ClientMessage message, ConferenceOutputs& out) {
  if (link_ == Link::whole) tell(message, out);
  unconfirmed_.add(std::move(message));
}

void Membership::tell(const transport::ClientMessage& message, ConferenceOutputs& out) const {
  if (link_ != Link::none) send(out, Channel::handshake, message);
}

void Membership::come_back(std::uint64_t end_index, Time now, ConferenceOutputs& out) {
  link_ = Link::catching_up;
  catching_up_to_ = end_index;
  for (auto& [identity, deadline] : patience_) deadline = std::max(deadline, now + lost_peer_grace);
  for (const std::uint64_t id : knocks_.clear()) out.emplace_back(KnockWithdrawn{id});  // who still waits is announced again
  unread_knocks_.clear();
  door_.come_back();
  door_reviewed_ = false;
  finish_catching_up(out);
}

void Membership::finish_catching_up(ConferenceOutputs& out) {
  if (next_index_ < catching_up_to_) return;
  link_ = Link::whole;
  unconfirmed_.forget_commits_before(session_.epoch());
  for (const transport::ClientMessage& message : unconfirmed_.messages()) tell(message, out);
  if (!alone()) say(here, out);
}

void Membership::want_removal(const room::IdentityHash& identity, Turn& turn) {
  const SessionMember* member = find(identity);
  if (member == nullptr || session_.owner() != session_.self()) return;
  Result<SessionStep> step = session_.remove(member->id, context_->moment(turn.now));
  if (step.ok()) take(std::move(*step), turn);
}

MembershipChange Membership::expire(Time now, ConferenceOutputs& out) {
  Turn turn{now, out, {}, {}};
  if (now >= session_.next_deadline()) take(session_.tick(context_->moment(now)), turn);
  for (auto waiting = patience_.begin(); link_ == Link::whole && waiting != patience_.end();) {
    if (now < waiting->second) {
      ++waiting;
      continue;
    }
    const room::IdentityHash identity = waiting->first;
    waiting = patience_.erase(waiting);
    const SessionMember* member = find(identity);
    const bool founder = member != nullptr && session_.owner() == member->id;
    if (founder && heirs_suffice() && !std::exchange(leaderless_, true)) {
      patience_.emplace(identity, now + leaderless_grace);
      break;
    }
    if (founder) turn.change.ended = ConferenceEnded{Error{ErrorCode::connection_lost, "the host's connection is gone"}};
    lost_.insert(identity);
    want_removal(identity, turn);
  }
  if (now >= door_.next_deadline() || !std::exchange(door_reviewed_, true)) review_door(turn);
  return std::move(turn.change);
}

Time Membership::next_deadline() const {
  Time next = std::min(session_.next_deadline(), door_.next_deadline());
  if (link_ != Link::whole) return next;
  for (const auto& [identity, deadline] : patience_) next = std::min(next, deadline);
  return next;
}

void Membership::report_epoch(ConferenceOutputs& out) {
  out.emplace_back(EpochChanged{session_.epoch(), session_.epoch_authenticator()});
}

void Membership::ask_for_safety_code(ConferenceOutputs& out) {
  if (alone()) return;  // the code of the call that was stays for the closing report
  safety_code_.reset();
  awaited_code_.clear();
  for (const SessionMember& member : session_.roster()) awaited_code_.push_back(member.identity_key);
  out.emplace_back(ComputeSafetyCode{awaited_code_});
}

void Membership::on_safety_code(const SafetyCodeComputed& computed, ConferenceOutputs& out) {
  if (awaited_code_.empty() || computed.identity_keys != awaited_code_) return;
  awaited_code_.clear();
  if (!computed.codes.digits.empty()) safety_code_ = computed.codes;
  out.emplace_back(SafetyCodeChanged{computed.codes.digits, computed.codes.words});
}

const SessionMember* Membership::find(MemberId id) const {
  for (const SessionMember& member : session_.roster()) {
    if (member.id == id) return &member;
  }
  return nullptr;
}

const SessionMember* Membership::find(const room::IdentityHash& identity) const {
  for (const SessionMember& member : session_.roster()) {
    if (identity_of(member) == identity) return &member;
  }
  return nullptr;
}

void Membership::say(std::string_view word, ConferenceOutputs& out) {
  Result<ToLog> entry = session_.say(as_bytes(word));
  if (entry.ok()) log(transport::Broadcast{std::move(entry->message)}, out);
}

}  // namespace conclave::conference
