#include "conference/door_keeping.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "conference/door_view.h"

namespace conclave::conference {
namespace {

using transport::DoorRank;
using room::IdentityHash;

constexpr std::size_t most_former = 64;

const crypto::CipherSuite& suite_of(const Context& context) { return *crypto::find_suite(context.session_config().suite); }

}  // namespace

DoorKeeping::DoorKeeping(const Context& context, std::optional<crypto::KemPrivateKey> key, Bytes admission_key, std::uint64_t connection)
    : context_(&context), key_(std::move(key)), admission_key_(std::move(admission_key)), connection_(connection) {
  if (context.hosting) told_heirs_.emplace();  // there are none yet
}

bool DoorKeeping::met(const SessionMember& member, std::uint64_t connection) {
  const IdentityHash identity = room::identity_hash(member.identity_key);
  const auto [place, added] = seats_.try_emplace(identity, Seat{connection, identity == context_->link.founder_hash, std::nullopt});
  Seat& seat = place->second;
  if (added || seat.connection == connection) return added;
  if (seat.told.value_or(DoorRank::none) != DoorRank::none && former_.size() < most_former) former_.push_back(seat.connection);
  seat.connection = connection;
  seat.told.reset();
  return seat.ranked;
}

bool DoorKeeping::hear(const SessionMember& sender, ByteView content, const Session& session, Time now, Outcome& outcome) {
  if (auto request = room::DoorRequest::parse(content)) {
    asked(sender, std::move(*request), View(session), now, outcome);
    return true;
  }
  const auto handed = room::DoorKey::parse(content);
  if (handed) take_key(sender, *handed, session, outcome);
  return handed.has_value();
}

void DoorKeeping::take_key(const SessionMember& sender, const room::DoorKey& handed, const Session& session, Outcome& outcome) {
  // Whoever has no part in the door cannot keep others from answering with a word that opens nothing.
  const auto waits = asked_.find(handed.recipient);
  if (waits != asked_.end() && waits->second.request.attempt < each_for_itself &&
      View(session).rank(room::identity_hash(sender.identity_key)) != DoorRank::none) {
    asked_.erase(waits);
  }
  if (!wanting_ || handed.recipient != context_->identity->hash()) return;
  auto key = handed.open(suite_of(*context_), context_->link.room_id, *wanting_, admission_key_);
  if (!key.ok()) return;  // somebody's bad joke: another one will answer
  key_ = std::move(*key);
  wanting_.reset();
  outcome.opened = true;
}

// ---- answering -------------------------------------------------------------------------------------------------

/// The owner answers at once. Others leave it that to begin with, and then wait a moment: one of them is enough.
void DoorKeeping::asked(const SessionMember& sender, room::DoorRequest request, const View& view, Time now, Outcome& outcome) {
  const IdentityHash identity = room::identity_hash(sender.identity_key);
  if (!key_ || !view.seated() || sender.id == view.self || view.rank(identity) == DoorRank::none) return;
  if (view.leads()) return answer(identity, request, view, now, outcome);
  if (request.attempt < owner_alone && identity != view.owner_identity) return;
  if (const auto waits = asked_.find(identity); waits != asked_.end()) {
    waits->second.request = std::move(request);
    return;
  }
  std::array<std::uint8_t, 1> wait{};
  context_->random().fill(wait);
  asked_.emplace(identity, Asked{std::move(request), now + wait[0] * std::chrono::milliseconds(8)});
}

void DoorKeeping::answer_due(const View& view, Time now, Outcome& outcome) {
  for (auto waits = asked_.begin(); waits != asked_.end();) {
    if (now < waits->second.due) {
      ++waits;
      continue;
    }
    answer(waits->first, waits->second.request, view, now, outcome);
    waits = asked_.erase(waits);
  }
}

/// Not more often than anybody needs it: whoever is entitled could make us speak until the relay turns us away.
void DoorKeeping::answer(const IdentityHash& identity, const room::DoorRequest& request, const View& view, Time now, Outcome& outcome) {
  if (!key_ || view.rank(identity) == DoorRank::none) return;
  const auto before = answered_.find(identity);
  if (before != answered_.end() && (now < before->second.at + answer_interval || equal(before->second.public_key, request.public_key))) return;
  answered_.insert_or_assign(identity, Answered{now, request.public_key});
  const auto word = room::DoorKey::seal(suite_of(*context_), context_->link.room_id, *key_, identity, request, context_->random());
  if (word.ok()) outcome.words.push_back(word->encode());
}

// ---- reviewing -------------------------------------------------------------------------------------------------

void DoorKeeping::review(const Session& session, Time now, Outcome& outcome) {
  const View view(session);
  if (!view.seated()) return rest();
  for (auto& [identity, seat] : seats_) seat.ranked = seat.ranked || view.rank(identity) != DoorRank::none;
  std::erase_if(answered_, [&](const auto& each) { return !view.ranks.contains(each.first); });
  const bool entitled = view.own->second != DoorRank::none;
  keep_key(entitled, now);
  if (!entitled) wanting_.reset(), requests_ = 0;
  if (entitled && !key_ && now >= next_request_ && requests_ < most_requests) ask(now, outcome);
  answer_due(view, now, outcome);
  acclaim(view, now, outcome);
  watch_heirs(view, now, outcome);
  if (view.leads()) return tell_ranks(view, now, outcome);
  handing_over_ = handing_over_ || std::exchange(led_, false);
  if (handing_over_) hand_over(view, outcome);
  told_heirs_.reset();
  more_to_tell_ = false;
  rounds_left_ = 0;
  std::erase_if(seats_, [&](const auto& each) { return !view.ranks.contains(each.first); });
}

void DoorKeeping::rest() {
  wanting_.reset();
  asked_.clear();
  key_ends_.reset();
  rounds_left_ = acclaims_left_ = 0;
  left_out_from_.reset();
  more_to_tell_ = false;
}

/// A new key for each request: an answer that went by unheard is not given again for the same.
void DoorKeeping::ask(Time now, Outcome& outcome) {
  next_request_ = now + request_interval;
  auto key = crypto::KemPrivateKey::generate(suite_of(*context_).kem, context_->random());
  if (!key.ok()) return;
  wanting_ = std::move(*key);
  room::DoorRequest request;
  request.attempt = requests_++;
  request.public_key = to_bytes(wanting_->public_key().bytes());
  outcome.words.push_back(request.encode());
}

/// Who lost the right keeps the key for as long as a new owner asks for it; the founder, who made it, always.
void DoorKeeping::keep_key(bool entitled, Time now) {
  if (entitled || context_->hosting || !key_) return key_ends_.reset();
  if (!key_ends_) key_ends_ = now + key_grace;
  if (now < *key_ends_) return;
  key_.reset();
  key_ends_.reset();
}

// ---- telling the relay -----------------------------------------------------------------------------------------

/// What a new owner says may come before the words that make it the host there: it says all again, twice.
void DoorKeeping::begin_telling(Time now) {
  const bool first = !std::exchange(led_, true);
  if (first) rounds_left_ = rounds;
  if (!first && (rounds_left_ == 0 || now < next_round_)) return;
  if (!first) --rounds_left_;
  next_round_ = now + request_interval;
  for (auto& [identity, seat] : seats_) seat.told.reset();
  if (!context_->hosting) told_heirs_.reset();
  else come_back();
}

bool DoorKeeping::tell(std::uint64_t connection, DoorRank rank, Outcome& outcome) {
  more_to_tell_ = shares_left_ == 0;
  if (more_to_tell_) return false;
  --shares_left_;
  outcome.shares.push_back({connection, rank});
  return true;
}

/// Also to those who have gone, the founder among them: what their seats were at the relay, they are until it is told.
void DoorKeeping::tell_ranks(const View& view, Time now, Outcome& outcome) {
  handing_over_ = false;
  begin_telling(now);
  seat_heirs(view, outcome);
  if (now >= shares_from_ + std::chrono::seconds(1)) shares_left_ = shares_per_second, shares_from_ = now;
  more_to_tell_ = false;
  while (!former_.empty() && tell(former_.back(), DoorRank::none, outcome)) former_.pop_back();
  for (auto& [identity, seat] : seats_) {
    const DoorRank rank = view.rank(identity);
    if (!seat.ranked || seat.connection == connection_ || seat.told == rank) continue;
    if (!tell(seat.connection, rank, outcome)) return;
    seat.told = rank;
  }
  if (rounds_left_ == 0) std::erase_if(seats_, [&](const auto& each) { return !view.ranks.contains(each.first); });
}

/// We led until now: the relay hears from us who does, and that we do not. The rest is for the new owner to say.
void DoorKeeping::hand_over(const View& view, Outcome& outcome) {
  if (!view.owner_identity) return;
  const auto next = seats_.find(*view.owner_identity);
  if (next == seats_.end()) return;  // it has not spoken yet
  handing_over_ = false;
  outcome.shares.push_back({next->second.connection, DoorRank::host});
  if (view.own->second != DoorRank::host) outcome.shares.push_back({connection_, view.own->second});
}

Time DoorKeeping::next_deadline() const {
  Time next = wanting_ && requests_ < most_requests ? next_request_ : never;
  for (const auto& [identity, waits] : asked_) next = std::min(next, waits.due);
  if (key_ends_) next = std::min(next, *key_ends_);
  if (rounds_left_ > 0) next = std::min(next, next_round_);
  if (acclaims_left_ > 0) next = std::min(next, next_acclaim_);
  if (left_out_from_ && !told_left_out_) next = std::min(next, *left_out_from_ + left_out_after);
  return more_to_tell_ ? std::min(next, shares_from_ + std::chrono::seconds(1)) : next;
}

}  // namespace conclave::conference
