#include "conference/membership.h"

#include <algorithm>

#include "room/knock.h"
#include "transport/codec.h"

namespace conclave::conference {
namespace {

/// Words that members say to each other, as MLS application messages: signed by their sender, sealed from the relay.
constexpr std::string_view here = "conclave here v1";
constexpr std::string_view goodbye = "conclave goodbye v1";
constexpr std::string_view ending = "conclave ending v1";

void send(ConferenceOutputs& out, const transport::ClientMessage& message) {
  out.emplace_back(SendMessage{Channel::handshake, transport::encode(message)});
}

room::IdentityHash identity_of(const session::Member& member) { return room::identity_hash(member.identity_key); }

MembershipChange ended(std::optional<Error> error) {
  MembershipChange change;
  change.ended = ConferenceEnded{std::move(error)};
  return change;
}

}  // namespace

Membership::Membership(const Context& context, Entered entered, Time now)
    : context_(&context),
      session_(std::move(entered.session)),
      joining_(std::move(entered.joining)),
      admission_key_(std::move(entered.admission_key)),
      connection_(entered.connection),
      next_rotation_(now + context.config.key_rotation) {}

void Membership::begin(ConferenceOutputs& out) {
  out.emplace_back(Joined{session_.self()});
  report_epoch(out);
  for (const session::Member& member : session_.members()) {
    if (member.id != session_.self()) out.emplace_back(MemberJoined{member.id, member.display_name});
  }
  if (alone()) return;
  report_safety_code(out);
  say(here, out);
}

MembershipChange Membership::on_message(const transport::RelayMessage& message, Time now, ConferenceOutputs& out) {
  if (const auto* entry = std::get_if<transport::LogEntry>(&message)) return on_entry(*entry, now, out);
  if (const auto* answer = std::get_if<transport::KnockAnswered>(&message)) return on_welcome(*answer, out);
  if (std::holds_alternative<transport::RoomClosed>(message)) return on_room_closed();
  if (const auto* refused = std::get_if<transport::Refused>(&message)) return ended(Error{refused->code, refused->reason});
  if (const auto* knock = std::get_if<transport::KnockArrived>(&message)) on_knock(*knock, now, out);
  if (const auto* withdrawn = std::get_if<transport::KnockWithdrawn>(&message)) on_withdrawn(*withdrawn, out);
  if (const auto* gone = std::get_if<transport::PeerGone>(&message)) on_peer_gone(*gone, now);
  return {};
}

MembershipChange Membership::on_entry(const transport::LogEntry& entry, Time now, ConferenceOutputs& out) {
  if (next_index_ && entry.index < *next_index_) {
    ++bad_messages_;
    return {};
  }
  if (next_index_ && entry.index > *next_index_) {
    return ended(Error{ErrorCode::connection_lost, "the relay left out messages of the room"});
  }
  next_index_ = entry.index + 1;
  return entry.commit ? on_commit(entry, now, out) : on_broadcast(entry, now, out);
}

MembershipChange Membership::on_commit(const transport::LogEntry& entry, Time now, ConferenceOutputs& out) {
  using Fate = session::CommitOutcome::Fate;
  session::CommitOutcome outcome = session_.handle_commit(entry.message, context_->wall_time(now), now);
  if (outcome.fate == Fate::refused) ++bad_messages_;
  if (outcome.fate == Fate::refused || outcome.fate == Fate::stale) return {};
  if (outcome.fate == Fate::own_merged && !intents_.empty()) intents_.pop_front();
  joining_.reset();
  return adopt(std::move(outcome), now, out);
}

MembershipChange Membership::adopt(session::CommitOutcome outcome, Time now, ConferenceOutputs& out) {
  MembershipChange change;
  change.new_epoch = true;
  change.joined = !outcome.joined.empty();
  for (const session::Member& member : outcome.left) {
    change.gone.push_back(member.id);
    patience_.erase(identity_of(member));
    std::erase_if(connections_, [&](const auto& known) { return known.second == identity_of(member); });
  }
  for (const session::Member& member : outcome.joined) patience_.emplace(identity_of(member), now + silent_newcomer_grace);
  report_epoch(out);
  report_roster(outcome, out);
  if (outcome.self_removed) {
    change.ended = ConferenceEnded{Error{ErrorCode::refused, "the host removed us from the room"}};
    return change;
  }
  if (!outcome.joined.empty() || !outcome.left.empty()) report_safety_code(out);
  introduce(outcome, out);
  pursue(now, out);
  return change;
}

void Membership::introduce(const session::CommitOutcome& outcome, ConferenceOutputs& out) {
  const bool to_newcomers = session_.is_founder() && !outcome.joined.empty();
  const bool as_newcomer = !session_.is_founder() && introductions_left_ > 0;
  if (as_newcomer) --introductions_left_;
  if (to_newcomers || as_newcomer) say(here, out);
}

MembershipChange Membership::on_broadcast(const transport::LogEntry& entry, Time now, ConferenceOutputs& out) {
  const auto opened = session_.open_message(entry.message);
  if (!opened.ok()) {
    if (entry.connection != connection_) ++bad_messages_;  // our own words come back too, and are not for us
    return {};
  }
  const session::Member* sender = find(opened->sender);
  if (sender == nullptr) return {};
  joining_.reset();
  connections_[entry.connection] = identity_of(*sender);
  patience_.erase(identity_of(*sender));
  const bool founder = session_.founder() == sender->id;
  if (equal(opened->content(), as_bytes(ending)) && founder) return ended(std::nullopt);
  if (equal(opened->content(), as_bytes(goodbye)) && leaving_.insert(identity_of(*sender)).second && session_.is_founder()) {
    want_removal(identity_of(*sender));
    pursue(now, out);
  }
  return {};
}

MembershipChange Membership::on_welcome(const transport::KnockAnswered& answer, ConferenceOutputs& out) {
  if (!joining_ || !answer.admitted) return {};
  Result<session::Session> session = joining_->complete(answer.welcome, context_->link.founder_hash, context_->random());
  if (!session.ok()) {
    ++bad_messages_;
    return {};
  }
  session_ = std::move(*session);  // the commit behind the first Welcome lost: this is the room that the others are in
  next_index_.reset();
  report_epoch(out);
  say(here, out);
  MembershipChange change;
  change.new_epoch = true;
  return change;
}

MembershipChange Membership::on_room_closed() {
  return ended(Error{ErrorCode::connection_lost, "the relay closed the room, the host did not say so"});
}

void Membership::on_knock(const transport::KnockArrived& knock, Time now, ConferenceOutputs& out) {
  if (!admission_key_ || knocks_.has_relay_id(knock.knock_id)) return;
  const crypto::CipherSuite* suite = crypto::find_suite(context_->session_config().suite);
  Result<Bytes> package = room::open_knock(*suite, *admission_key_, context_->link.room_id, knock.sealed);
  const Result<session::Member> member =
      package.ok() ? session_.inspect(*package, context_->wall_time(now)) : Result<session::Member>(package.error());
  if (!member.ok() || knocks_.full()) {
    if (!member.ok()) ++bad_messages_;
    return send(out, transport::RefuseKnock{knock.knock_id});
  }
  const std::uint64_t id = knocks_.add({knock.knock_id, std::move(*package)});
  out.emplace_back(KnockReceived{id, member->display_name});
}

void Membership::on_withdrawn(const transport::KnockWithdrawn& withdrawn, ConferenceOutputs& out) {
  if (const auto id = knocks_.withdraw(withdrawn.knock_id)) out.emplace_back(KnockWithdrawn{*id});
  // An admission that is under way stays: who never speaks after it loses the seat again.
  const auto first = intents_.begin() + (session_.commit_pending() && !intents_.empty() ? 1 : 0);
  const auto gone = std::remove_if(first, intents_.end(), [&](const Intent& intent) {
    const auto* admission = std::get_if<Admission>(&intent);
    return admission != nullptr && admission->knock.relay_id == withdrawn.knock_id;
  });
  intents_.erase(gone, intents_.end());
}

void Membership::on_peer_gone(const transport::PeerGone& gone, Time now) {
  const auto known = connections_.find(gone.connection);
  if (known != connections_.end()) patience_.emplace(known->second, now + lost_peer_grace);
}

void Membership::admit(const AdmitKnock& input, Time now, ConferenceOutputs& out) {
  std::optional<WaitingKnock> knock = knocks_.take(input.knock_id);
  if (!knock) return;
  intents_.emplace_back(Admission{std::move(*knock)});
  pursue(now, out);
}

void Membership::refuse(const RefuseKnocker& input, ConferenceOutputs& out) {
  if (const auto knock = knocks_.take(input.knock_id)) send(out, transport::RefuseKnock{knock->relay_id});
}

void Membership::remove(const RemoveMember& input, Time now, ConferenceOutputs& out) {
  const session::Member* member = find(input.member);
  if (member == nullptr || member->id == session_.self()) return;
  want_removal(identity_of(*member));
  pursue(now, out);
}

void Membership::rotate(Time now, ConferenceOutputs& out) {
  next_rotation_ = now + context_->config.key_rotation;
  const bool waiting = std::any_of(intents_.begin(), intents_.end(), [](const Intent& i) { return std::holds_alternative<Rotation>(i); });
  if (!waiting) intents_.emplace_back(Rotation{});
  pursue(now, out);
}

void Membership::leave(ConferenceOutputs& out) {
  if (!alone()) say(session_.is_founder() ? ending : goodbye, out);
  if (session_.is_founder()) {
    send(out, transport::CloseRoom{});
  } else {
    send(out, transport::Leave{});
  }
}

void Membership::want_removal(const room::IdentityHash& identity) {
  const bool wanted = std::any_of(intents_.begin(), intents_.end(), [&](const Intent& intent) {
    const auto* removal = std::get_if<Removal>(&intent);
    return removal != nullptr && removal->identity == identity;
  });
  if (!wanted) intents_.emplace_back(Removal{identity});
}

void Membership::pursue(Time now, ConferenceOutputs& out) {
  while (!intents_.empty() && !session_.commit_pending()) {
    Result<session::CommitToLog> commit = commit_for(intents_.front(), now);
    if (!commit.ok()) {
      give_up(intents_.front(), out);
      intents_.pop_front();
      continue;
    }
    transport::AppendCommit append{commit->epoch, std::move(commit->message), {}};
    if (const auto* admission = std::get_if<Admission>(&intents_.front()); admission != nullptr && commit->welcome) {
      append.welcomes.push_back({admission->knock.relay_id, std::move(*commit->welcome)});
    }
    send(out, append);
  }
}

/// What an intent was for is gone: the member has left, or the identity has a seat by now.
void Membership::give_up(const Intent& intent, ConferenceOutputs& out) {
  if (const auto* admission = std::get_if<Admission>(&intent)) send(out, transport::RefuseKnock{admission->knock.relay_id});
}

Result<session::CommitToLog> Membership::commit_for(const Intent& intent, Time now) {
  const UnixSeconds wall = context_->wall_time(now);
  if (const auto* admission = std::get_if<Admission>(&intent)) {
    return session_.admit(admission->knock.key_package, wall, context_->random());
  }
  const auto* removal = std::get_if<Removal>(&intent);
  if (removal == nullptr) return session_.rotate(wall, context_->random());
  const session::Member* member = find(removal->identity);
  if (member == nullptr) return Error{ErrorCode::invalid_argument, "who was to be removed has left"};
  return session_.remove(member->id, wall, context_->random());
}

MembershipChange Membership::expire(Time now, ConferenceOutputs& out) {
  session_.expire(now);
  if (now >= next_rotation_ && !alone()) rotate(now, out);
  if (now >= next_rotation_) next_rotation_ = now + context_->config.key_rotation;
  MembershipChange change;
  for (auto waiting = patience_.begin(); waiting != patience_.end();) {
    if (now < waiting->second) {
      ++waiting;
      continue;
    }
    const session::Member* member = find(waiting->first);
    const bool founder = member != nullptr && session_.founder() == member->id;
    if (founder) change = ended(Error{ErrorCode::connection_lost, "the host's connection is gone"});
    if (session_.is_founder()) want_removal(waiting->first);
    waiting = patience_.erase(waiting);
  }
  pursue(now, out);
  return change;
}

Time Membership::next_deadline() const {
  Time next = std::min(next_rotation_, session_.next_deadline());
  for (const auto& [identity, deadline] : patience_) next = std::min(next, deadline);
  return next;
}

void Membership::report_roster(const session::CommitOutcome& outcome, ConferenceOutputs& out) {
  for (const session::Member& member : outcome.left) {
    const bool removed = leaving_.erase(identity_of(member)) == 0;
    out.emplace_back(MemberLeft{member.id, member.display_name, removed});
  }
  for (const session::Member& member : outcome.joined) out.emplace_back(MemberJoined{member.id, member.display_name});
}

void Membership::report_epoch(ConferenceOutputs& out) {
  out.emplace_back(EpochChanged{session_.epoch(), session_.epoch_authenticator()});
}

void Membership::report_safety_code(ConferenceOutputs& out) {
  if (alone()) return;  // the code of the call that was stays for the closing report
  safety_code_.reset();
  auto code = session_.safety_code();
  if (!code.ok()) return;  // no memory for it now: `report` shows none, which nobody can mistake for a match
  safety_code_ = std::move(*code);
  out.emplace_back(SafetyCodeChanged{safety_code_->digits, safety_code_->words});
}

const session::Member* Membership::find(MemberId id) const {
  for (const session::Member& member : session_.members()) {
    if (member.id == id) return &member;
  }
  return nullptr;
}

const session::Member* Membership::find(const room::IdentityHash& identity) const {
  for (const session::Member& member : session_.members()) {
    if (identity_of(member) == identity) return &member;
  }
  return nullptr;
}

void Membership::say(std::string_view word, ConferenceOutputs& out) {
  Result<Bytes> message = session_.seal_message(as_bytes(word), context_->random());
  if (message.ok()) send(out, transport::Broadcast{std::move(*message)});
}

}  // namespace conclave::conference
