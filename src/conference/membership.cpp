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

void send(ConferenceOutputs& out, Channel channel, const transport::ClientMessage& message) {
  out.emplace_back(SendMessage{channel, transport::encode(message)});
}

}  // namespace

Membership::Membership(const Context& context, Entered entered, Time now)
    : context_(&context),
      session_(std::move(entered.session)),
      admission_key_(std::move(entered.admission_key)),
      next_rotation_(now + context.config.key_rotation) {
  connections_[entered.connection] = session_.self();
}

void Membership::begin(Time, ConferenceOutputs& out) {
  out.emplace_back(Joined{session_.self()});
  report_epoch(out);
  for (const session::Member& member : session_.members()) {
    if (member.id != session_.self()) out.emplace_back(MemberJoined{member.id, member.display_name});
  }
  if (!alone()) {
    report_safety_code(out);
    say(here, out);
  }
}

MembershipChange Membership::on_message(const transport::RelayMessage& message, Time now, ConferenceOutputs& out) {
  if (const auto* entry = std::get_if<transport::LogEntry>(&message)) {
    return entry->commit ? on_commit(*entry, now, out) : on_broadcast(*entry, now, out);
  }
  if (const auto* knock = std::get_if<transport::KnockArrived>(&message)) on_knock(*knock, now, out);
  if (const auto* withdrawn = std::get_if<transport::KnockWithdrawn>(&message)) knocks_.erase(withdrawn->knock_id);
  if (const auto* gone = std::get_if<transport::PeerGone>(&message)) on_peer_gone(*gone, now);
  if (std::holds_alternative<transport::RoomClosed>(message)) return on_room_closed(out);
  if (const auto* refused = std::get_if<transport::Refused>(&message)) {
    MembershipChange change;
    change.ended = ConferenceEnded{Error{refused->code, refused->reason}};
    return change;
  }
  return {};
}

MembershipChange Membership::on_commit(const transport::LogEntry& entry, Time now, ConferenceOutputs& out) {
  using Fate = session::CommitOutcome::Fate;
  session::CommitOutcome outcome = session_.handle_commit(entry.message, context_->wall_time(now), now);
  MembershipChange change;
  if (outcome.fate == Fate::refused) ++bad_messages_;
  if (outcome.fate == Fate::refused || outcome.fate == Fate::stale) return change;
  if (outcome.fate == Fate::own_merged && !intents_.empty()) {
    if (const auto* admission = std::get_if<Admission>(&intents_.front())) knocks_.erase(admission->knock_id);
    intents_.pop_front();
  }
  change.new_epoch = true;
  change.joined = !outcome.joined.empty();
  for (const session::Member& member : outcome.left) {
    change.gone.push_back(member.id);
    lost_.erase(member.id);
    std::erase_if(connections_, [&](const auto& known) { return known.second == member.id; });
  }
  report_epoch(out);
  report_roster(outcome, out);
  if (outcome.self_removed) {
    change.ended = ConferenceEnded{Error{ErrorCode::refused, "the host removed us from the room"}};
    return change;
  }
  if (!outcome.joined.empty() || !outcome.left.empty()) report_safety_code(out);
  pursue(now, out);
  return change;
}

MembershipChange Membership::on_broadcast(const transport::LogEntry& entry, Time now, ConferenceOutputs& out) {
  const auto opened = session_.open_message(entry.message);
  if (!opened.ok()) {
    ++bad_messages_;
    return {};
  }
  connections_[entry.connection] = opened->sender;
  lost_.erase(opened->sender);
  const ByteView content = opened->content();
  if (equal(content, as_bytes(goodbye)) || equal(content, as_bytes(ending))) leaving_.insert(opened->sender);
  founder_ended_ = founder_ended_ || (equal(content, as_bytes(ending)) && opened->sender == session_.founder());
  MembershipChange change;
  if (founder_ended_) change.ended = ConferenceEnded{};
  if (leaving_.contains(opened->sender) && session_.is_founder()) {
    intents_.emplace_back(Removal{opened->sender});
    pursue(now, out);
  }
  return change;
}

MembershipChange Membership::on_room_closed(ConferenceOutputs&) {
  MembershipChange change;
  change.ended = ConferenceEnded{};
  if (!founder_ended_) change.ended->error = Error{ErrorCode::connection_lost, "the relay closed the room, the host did not say so"};
  return change;
}

void Membership::on_knock(const transport::KnockArrived& knock, Time now, ConferenceOutputs& out) {
  if (!admission_key_ || knocks_.size() >= max_knocks) return;
  const crypto::CipherSuite* suite = crypto::find_suite(context_->session_config().suite);
  Result<Bytes> package = room::open_knock(*suite, *admission_key_, context_->link.room_id, knock.sealed);
  const Result<session::Member> member =
      package.ok() ? session_.inspect(*package, context_->wall_time(now)) : Result<session::Member>(package.error());
  if (!member.ok()) {
    ++bad_messages_;
    return send(out, Channel::handshake, transport::RefuseKnock{knock.knock_id});
  }
  knocks_.emplace(knock.knock_id, std::move(*package));
  out.emplace_back(KnockReceived{knock.knock_id, member->display_name});
}

void Membership::on_peer_gone(const transport::PeerGone& gone, Time now) {
  const auto known = connections_.find(gone.connection);
  if (known == connections_.end() || known->second == session_.self()) return;
  lost_.emplace(known->second, now + lost_peer_grace);
}

void Membership::admit(const AdmitKnock& input, Time now, ConferenceOutputs& out) {
  if (!knocks_.contains(input.knock_id)) return;
  intents_.emplace_back(Admission{input.knock_id});
  pursue(now, out);
}

void Membership::refuse(const RefuseKnocker& input, ConferenceOutputs& out) {
  if (knocks_.erase(input.knock_id) > 0) send(out, Channel::handshake, transport::RefuseKnock{input.knock_id});
}

void Membership::remove(const RemoveMember& input, Time now, ConferenceOutputs& out) {
  intents_.emplace_back(Removal{input.member});
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
    send(out, Channel::handshake, transport::CloseRoom{});
  } else {
    send(out, Channel::handshake, transport::Leave{});
  }
}

void Membership::pursue(Time now, ConferenceOutputs& out) {
  while (!intents_.empty() && !session_.commit_pending()) {
    Result<session::CommitToLog> commit = commit_for(intents_.front(), now);
    if (!commit.ok()) {
      intents_.pop_front();  // what it was for is gone: the knock was withdrawn, the member has left
      continue;
    }
    transport::AppendCommit append{commit->epoch, std::move(commit->message), {}};
    if (const auto* admission = std::get_if<Admission>(&intents_.front()); admission != nullptr && commit->welcome) {
      append.welcomes.push_back({admission->knock_id, std::move(*commit->welcome)});
    }
    send(out, Channel::handshake, append);
  }
}

Result<session::CommitToLog> Membership::commit_for(const Intent& intent, Time now) {
  const UnixSeconds wall = context_->wall_time(now);
  if (const auto* admission = std::get_if<Admission>(&intent)) {
    const auto knock = knocks_.find(admission->knock_id);
    if (knock == knocks_.end()) return Error{ErrorCode::invalid_argument, "nobody knocks by that id"};
    return session_.admit(knock->second, wall, context_->random());
  }
  if (const auto* removal = std::get_if<Removal>(&intent)) return session_.remove(removal->member, wall, context_->random());
  return session_.rotate(wall, context_->random());
}

MembershipChange Membership::expire(Time now, ConferenceOutputs& out) {
  session_.expire(now);
  if (now >= next_rotation_ && !alone()) rotate(now, out);
  if (now >= next_rotation_) next_rotation_ = now + context_->config.key_rotation;
  MembershipChange change;
  for (auto lost = lost_.begin(); lost != lost_.end();) {
    if (now < lost->second) {
      ++lost;
      continue;
    }
    if (lost->first == session_.founder()) change.ended = ConferenceEnded{Error{ErrorCode::connection_lost, "the host's connection is gone"}};
    if (session_.is_founder()) intents_.emplace_back(Removal{lost->first});
    lost = lost_.erase(lost);
  }
  pursue(now, out);
  return change;
}

Time Membership::next_deadline() const {
  Time next = std::min(next_rotation_, session_.next_deadline());
  for (const auto& [member, deadline] : lost_) next = std::min(next, deadline);
  return next;
}

void Membership::report_roster(const session::CommitOutcome& outcome, ConferenceOutputs& out) {
  for (const session::Member& member : outcome.left) {
    const bool removed = leaving_.erase(member.id) == 0;
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

void Membership::say(std::string_view word, ConferenceOutputs& out) {
  Result<Bytes> message = session_.seal_message(as_bytes(word), context_->random());
  if (message.ok()) send(out, Channel::handshake, transport::Broadcast{std::move(*message)});
}

}  // namespace conclave::conference
