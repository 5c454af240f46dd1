#include "conference/door_keeping.h"

#include <algorithm>

#include "base/bytes.h"
#include "room/door_key.h"

namespace conclave::conference {
namespace {

using transport::DoorRank;

const crypto::CipherSuite& suite_of(const Context& context) { return *crypto::find_suite(context.session_config().suite); }

DoorRank rank_of(const SessionMember& member, const RoomSettings& settings) {
  if (member.role == Role::owner) return DoorRank::host;
  const room::IdentityHash identity = room::identity_hash(member.identity_key);
  if (std::ranges::find(settings.heirs, identity) != settings.heirs.end()) return DoorRank::heir;
  return member.rights.has(Right::admit) ? DoorRank::keeper : DoorRank::none;
}

const SessionMember* find_identity(const Session& session, const room::IdentityHash& identity) {
  const auto& roster = session.roster();
  const auto found = std::ranges::find_if(roster, [&](const SessionMember& each) { return room::identity_hash(each.identity_key) == identity; });
  return found == roster.end() ? nullptr : &*found;
}

const SessionMember* find_self(const Session& session) {
  const auto found = std::ranges::find(session.roster(), session.self(), &SessionMember::id);
  return found == session.roster().end() ? nullptr : &*found;
}

}  // namespace

DoorKeeping::DoorKeeping(const Context& context, std::optional<crypto::KemPrivateKey> key, Bytes admission_key)
    : context_(&context), key_(std::move(key)), admission_key_(std::move(admission_key)) {}

bool DoorKeeping::hear(const SessionMember& sender, ByteView content, std::optional<std::uint64_t> connection, const Session& session, Outcome& outcome) {
  if (room::DoorRequest::parse(content)) {
    const room::IdentityHash identity = room::identity_hash(sender.identity_key);
    if (connection) connections_[identity] = *connection;
    answer(sender, identity, content, session, outcome);
    return true;
  }
  const auto handed = room::DoorKey::parse(content);
  if (!handed) return false;
  if (!wanting_ || handed->recipient != context_->identity->hash()) return true;
  auto key = handed->open(suite_of(*context_), context_->link.room_id, *wanting_, admission_key_);
  if (!key.ok()) return true;  // somebody's bad joke: another one will answer
  key_ = std::move(*key);
  wanting_.reset();
  outcome.opened = true;
  return true;
}

void DoorKeeping::answer(const SessionMember& sender, const room::IdentityHash& identity, ByteView content, const Session& session, Outcome& outcome) {
  const auto request = room::DoorRequest::parse(content);
  const SessionMember* self = find_self(session);
  const RoomSettings settings = Room::settings_of(session);
  if (!key_ || self == nullptr || sender.id == self->id || rank_of(sender, settings) == DoorRank::none) return;
  const bool ours = session.owner() == self->id || (request->attempt >= owner_alone && rank_of(*self, settings) != DoorRank::none);
  if (!ours) return;
  const auto word = room::DoorKey::seal(suite_of(*context_), context_->link.room_id, *key_, identity, *request, context_->random());
  if (!word.ok()) return;
  outcome.words.push_back(word->encode());
  told_.erase(identity);  // its connection may be another than before
}

void DoorKeeping::review(const Session& session, Time now, Outcome& outcome) {
  const SessionMember* self = find_self(session);
  if (self == nullptr) return;
  const RoomSettings settings = Room::settings_of(session);
  const bool entitled = rank_of(*self, settings) != DoorRank::none;
  if (!entitled) wanting_.reset(), requests_ = 0;
  if (entitled && !key_ && now >= next_request_ && requests_ < most_requests) ask(now, outcome);
  if (session.owner() != self->id) return;
  for (auto known = connections_.begin(); known != connections_.end();) {
    const SessionMember* member = find_identity(session, known->first);
    const DoorRank rank = member == nullptr ? DoorRank::none : rank_of(*member, settings);
    const auto told = told_.find(known->first);
    const DoorRank before = told == told_.end() ? DoorRank::none : told->second;
    if (before != rank) outcome.shares.push_back({known->second, rank});
    told_[known->first] = rank;
    if (member == nullptr) told_.erase(known->first), known = connections_.erase(known);
    else ++known;
  }
}

void DoorKeeping::ask(Time now, Outcome& outcome) {
  next_request_ = now + request_interval;
  if (!wanting_) {
    auto key = crypto::KemPrivateKey::generate(suite_of(*context_).kem, context_->random());
    if (!key.ok()) return;
    wanting_ = std::move(*key);
  }
  room::DoorRequest request;
  request.attempt = requests_++;
  request.public_key = to_bytes(wanting_->public_key().bytes());
  outcome.words.push_back(request.encode());
}

}  // namespace conclave::conference
