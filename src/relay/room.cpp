#include "relay/room.h"

#include <algorithm>
#include <utility>

#include "transport/codec.h"

namespace conclave::relay {
namespace {

constexpr std::size_t read_at_once = 64;
constexpr std::size_t epochs_remembered = 1024;

/// Encoded once for all who came by one Welcome: each of a thousand copies could have megabytes.
std::shared_ptr<const Bytes> answer_with(const Bytes& welcome, std::uint64_t read_from) {
  return std::make_shared<const Bytes>(transport::encode(transport::RelayMessage(transport::KnockAnswered{true, welcome, read_from})));
}

transport::LogEntry entry_of(const LoggedRecord& logged) {
  const LogRecord& record = *logged.record;
  return {logged.index, record.commit, record.epoch, record.connection, record.message};
}

}  // namespace

std::vector<ConnectionId> Room::everyone() const {
  std::vector<ConnectionId> out = audience_;
  for (const auto& [id, knocker] : door_.all()) out.push_back(knocker.connection);
  return out;
}

void Room::open(ConnectionId founder, std::uint64_t peer, Turn& turn) {
  turn.out.send(founder, Channel::handshake, transport::RoomOpened{});  // waits until the room is written down
  add_member(founder, Seat{peer, 0, DoorRank::host}, turn);
}

void Room::add_member(ConnectionId connection, Seat seat, Turn& turn) {
  const std::uint64_t peer = seat.peer;
  members_.emplace(connection, std::move(seat));
  audience_.push_back(connection);
  turn.out.admit(connection);
  router_.join(connection, peer, turn);
}

void Room::leave(ConnectionId connection, Departure how, Belongings belongings, Turn& turn) {
  if (const Knocker* waiting = door_.find_connection(connection)) {
    ++turn.counters.knocks_withdrawn;
    withdraw(*waiting, turn);
    door_.take(waiting->knock_id);
    return;
  }
  auto member = members_.extract(connection);
  if (member.empty()) return;
  std::erase(audience_, connection);
  Seat& seat = member.mapped();
  const bool waits = how == Departure::moved || (how == Departure::lost && limits_.resume_window > Duration::zero());
  if (waits && !seat.digest.empty()) {
    ++turn.counters.seats_kept;
    const std::uint64_t peer = seat.peer;
    away_.insert_or_assign(peer, Away{std::move(seat), turn.now + limits_.resume_window, std::move(belongings), surely_read(turn.now)});
    keep_log_for_absent();
  } else {
    // Behind its goodbye in the log: one channel does not wait for another.
    turn.out.send(audience_, Channel::handshake, transport::PeerGone{seat.peer, how == Departure::left});
    store_.drop_seat(id_, seat.peer);
  }
  router_.leave(connection, turn);
}

// ---- the door --------------------------------------------------------------------------------------------------

bool Room::knock(ConnectionId connection, std::uint64_t peer, Bytes sealed, bool in_lane, Turn& turn) {
  if (!(in_lane ? lane_pace_ : knock_pace_).take(turn.now)) return false;
  const Knocker* knocker = door_.add({0, connection, peer, std::move(sealed), {}, {}, in_lane}, turn.now);
  if (knocker == nullptr) return false;
  for (const ConnectionId member : audience_) {
    if (!may_admit(member)) continue;
    ++turn.counters.knocks_forwarded;
    turn.out.send(member, Channel::handshake, transport::KnockArrived{knocker->knock_id, knocker->sealed});
  }
  return true;
}

void Room::refuse_knock(ConnectionId from, std::uint64_t knock_id, Turn& turn) {
  const auto knocker = door_.take(knock_id);
  if (!knocker) return;  // gone in the meantime: the refusal and the withdrawal crossed
  ++turn.counters.knocks_refused;
  withdraw(*knocker, turn, from);
  turn_away(*knocker, "a member refused the knock", turn);
}

void Room::turn_away(const Knocker& knocker, std::string reason, Turn& turn) {
  turn.out.send(knocker.connection, Channel::handshake, transport::KnockAnswered{false, {}});
  turn.out.close(knocker.connection, ErrorCode::refused, std::move(reason));
}

void Room::withdraw(const Knocker& knocker, Turn& turn, std::optional<ConnectionId> answered_by) {
  for (const ConnectionId member : audience_) {
    if (may_admit(member) && member != answered_by) turn.out.send(member, Channel::handshake, transport::KnockWithdrawn{knocker.knock_id});
  }
}

// ---- the log ---------------------------------------------------------------------------------------------------

Result<void> Room::append(ConnectionId from, transport::AppendCommit commit, Turn& turn) {
  if (!may_admit(from)) {
    turn.counters.welcomes_dropped += commit.welcomes.size();
    commit.welcomes.clear();
  }
  CONCLAVE_TRY(log_.append(id_, LogRecord{true, commit.epoch, members_.find(from)->second.peer, std::move(commit.message),
                                          std::move(commit.welcomes)}));
  return read_log(turn);
}

Result<void> Room::broadcast(ConnectionId from, transport::Broadcast message, Turn& turn) {
  CONCLAVE_TRY(log_.append(id_, LogRecord{false, 0, members_.find(from)->second.peer, std::move(message.message), {}}));
  return read_log(turn);
}

Result<void> Room::read_log(Turn& turn) {
  while (true) {
    CONCLAVE_ASSIGN(entries, log_.read(id_, next_index_, read_at_once));
    if (entries.empty()) return {};
    for (const LoggedRecord& logged : entries) deliver(logged, turn);
  }
}

void Room::deliver(const LoggedRecord& logged, Turn& turn) {
  note_delivered(turn.now);
  next_index_ = logged.index + 1;
  turn.out.send(audience_, Channel::handshake, entry_of(logged));
  if (!logged.record->commit) {
    ++turn.counters.broadcasts;
    return;
  }
  ++turn.counters.commits;
  const bool contested = claimed_before(logged.record->epoch);
  if (contested) ++turn.counters.commits_contested;
  for (const auto& welcome : logged.record->welcomes) {
    const Answer answer = answer_with(welcome.welcome, next_index_);
    const Offer offered{answer, logged.index, contested, connection_of(logged.record->connection)};
    offer(welcome.knock_id, offered, turn);
    for (const std::uint64_t other : welcome.others) offer(other, offered, turn);
  }
}

bool Room::claimed_before(std::uint64_t epoch) {
  if (std::find(claimed_epochs_.begin(), claimed_epochs_.end(), epoch) != claimed_epochs_.end()) return true;
  claimed_epochs_.push_back(epoch);
  if (claimed_epochs_.size() > epochs_remembered) claimed_epochs_.pop_front();
  return false;
}

/// Into the room with the Welcome, unless another commit stands before its own: then it waits for a better one.
void Room::offer(std::uint64_t knock_id, const Offer& offered, Turn& turn) {
  Knocker* knocker = door_.find(knock_id);
  if (knocker == nullptr) {
    welcome_again(knock_id, offered.answer, offered.contested, turn);
  } else if (offered.contested) {
    knocker->held = Knocker::Held{offered.index, turn.now + limits_.contested_welcome_delay};
  } else {
    withdraw(*knocker, turn, offered.by);
    admit(*door_.take(knock_id), offered.answer, offered.index + 1, turn);
  }
}

/// Its commit lost after all, and who admitted it made another: whoever came by this knock is told once more.
void Room::welcome_again(std::uint64_t knock_id, const Answer& answer, bool contested, Turn& turn) {
  const auto member = std::find_if(members_.begin(), members_.end(), [&](const auto& entry) {
    return entry.second.knock_id != 0 && entry.second.knock_id == knock_id;
  });
  if (contested || member == members_.end()) {
    ++turn.counters.welcomes_dropped;
    return;
  }
  turn.out.send(member->first, Channel::handshake, answer);
}

void Room::release(std::uint64_t knock_id, Turn& turn) {
  auto knocker = door_.take(knock_id);
  if (!knocker || !knocker->held) return;
  const std::uint64_t index = knocker->held->index;
  const auto entries = log_.read(id_, index, 1);
  if (entries.ok() && !entries->empty()) {
    for (const auto& welcome : entries->front().record->welcomes) {
      const bool answers = welcome.knock_id == knock_id || std::ranges::find(welcome.others, knock_id) != welcome.others.end();
      if (!answers) continue;
      withdraw(*knocker, turn);
      return admit(std::move(*knocker), answer_with(welcome.welcome, index + 1), index + 1, turn);
    }
  }
  ++turn.counters.welcomes_dropped;
  withdraw(*knocker, turn);
  turn_away(*knocker, "the log no longer holds the Welcome", turn);
}

void Room::admit(Knocker knocker, const Answer& answer, std::uint64_t read_from, Turn& turn) {
  if (members_.size() + away_.size() >= limits_.members) {
    withdraw(knocker, turn);
    return turn_away(knocker, "the room is full", turn);
  }
  ++turn.counters.admissions;
  turn.out.send(knocker.connection, Channel::handshake, answer);
  catch_up(knocker.connection, read_from, turn);
  add_member(knocker.connection, Seat{knocker.peer, knocker.knock_id}, turn);
}

void Room::catch_up(ConnectionId connection, std::uint64_t from, Turn& turn) {
  while (from < next_index_) {
    const auto entries = log_.read(id_, from, read_at_once);
    if (!entries.ok() || entries->empty()) return;
    for (const LoggedRecord& logged : *entries) {
      if (logged.index >= next_index_) return;
      turn.out.send(connection, Channel::handshake, entry_of(logged));
      from = logged.index + 1;
    }
  }
}

// ---- time ------------------------------------------------------------------------------------------------------

Time Room::next_deadline() const {
  Time next = std::min(door_.next_deadline(), router_.next_deadline());
  for (const auto& [peer, away] : away_) next = std::min(next, away.until);
  if (next_heirs_) next = std::min(next, next_heirs_->counts_from);
  return next;
}

void Room::tick(Turn& turn) {
  router_.tick(turn);
  expire_seats(turn);
  if (next_heirs_ && turn.now >= next_heirs_->counts_from) give_voices(std::exchange(next_heirs_, std::nullopt)->heirs);
  for (const std::uint64_t knock_id : door_.released(turn.now)) release(knock_id, turn);
  for (const std::uint64_t knock_id : door_.expired(turn.now)) {
    const auto knocker = door_.take(knock_id);
    if (!knocker) continue;
    ++turn.counters.knocks_expired;
    withdraw(*knocker, turn);
    turn_away(*knocker, "nobody answered the knock", turn);
  }
}

}  // namespace conclave::relay
