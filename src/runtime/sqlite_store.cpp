#include "runtime/sqlite_store.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/bytes.h"

namespace conclave::runtime {

using relay::LogRecord;
using relay::RoomId;
using relay::RoomRecord;
using relay::Seat;

namespace {

constexpr std::size_t bytes_of_change = 256;  ///< that a change takes besides what it carries, roughly
constexpr std::size_t most_collected = 1000;   ///< things in a step, and the seats of one room

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::string& path, std::size_t max_entries, std::size_t max_bytes) {
  CONCLAVE_ASSIGN(file, StateFile::open(path));
  std::unique_ptr<SqliteStore> store(new SqliteStore(std::move(file), max_entries, max_bytes));
  CONCLAVE_TRY(store->file_->load(store->rooms_, store->log_));
  return store;
}

Result<std::vector<relay::LoggedRecord>> SqliteStore::read(const RoomId& room, std::uint64_t index, std::size_t most) {
  return log_.read(room, index, most);
}

std::vector<RoomRecord> SqliteStore::rooms() const {
  std::vector<RoomRecord> out;
  for (const auto& [id, record] : rooms_) out.push_back(record);
  return out;
}

// ---- what is told ------------------------------------------------------------------------------------------------

void SqliteStore::tell(StateChange change, std::size_t bytes) {
  ++told_;
  if (state_ == State::lost || fell_behind_) return;
  changes_.push_back(std::move(change));
  waiting_bytes_ += bytes + bytes_of_change;
  if (waiting_bytes_ <= most_waiting) return;
  fell_behind_ = true;
  changes_ = {};
}

Result<void> SqliteStore::append(const RoomId& room, LogRecord record) {
  const Extent before = log_.extent(room);
  const std::size_t size = record.size();
  CONCLAVE_TRY(log_.append(room, std::move(record)));
  CONCLAVE_ASSIGN(logged, log_.read(room, before.end, 1));
  tell(EntryAppended{room, before.end, logged.front().record}, size);
  const std::uint64_t first = log_.extent(room).first;
  if (first != before.first) tell(LogTrimmed{room, first}, 0);
  return {};
}

void SqliteStore::forget(const RoomId& room) {
  log_.forget(room);
  tell(LogForgotten{room}, 0);
}

void SqliteStore::put_room(const RoomId& room, ByteView gate_key, ByteView lane_key, ByteView card) {
  rooms_[room] = RoomRecord{room, to_bytes(gate_key), to_bytes(lane_key), to_bytes(card), {}};
  tell(RoomOpened{room, to_bytes(gate_key), to_bytes(lane_key), to_bytes(card)}, card.size());
}

void SqliteStore::put_seat(const RoomId& room, const Seat& seat) {
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return;
  std::erase_if(found->second.seats, [&](const Seat& kept) { return kept.peer == seat.peer; });
  found->second.seats.push_back(seat);
  tell(SeatTaken{room, seat}, 0);
}

void SqliteStore::drop_seat(const RoomId& room, std::uint64_t peer) {
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return;
  if (std::erase_if(found->second.seats, [&](const Seat& kept) { return kept.peer == peer; }) == 0) return;
  tell(SeatDropped{room, peer}, 0);
}

void SqliteStore::forget_room(const RoomId& room) {
  rooms_.erase(room);
  tell(RoomForgotten{room}, 0);
}

// ---- what is written ---------------------------------------------------------------------------------------------

void SqliteStore::begin_anew() {
  collected_.emplace(Collection{});
  changes_ = {};
  waiting_bytes_ = 0;
  fell_behind_ = false;
}

/// The next room, or false: there is none any more.
bool SqliteStore::begin_room() {
  Collection& all = *collected_;
  const auto next = all.room ? rooms_.upper_bound(*all.room) : rooms_.begin();
  if (next == rooms_.end()) return false;
  const auto& [id, record] = *next;
  all.room = id;
  all.entry = log_.extent(id).first;
  all.changes.emplace_back(RoomOpened{id, record.gate_key, record.lane_key, record.card});
  for (const Seat& seat : record.seats) all.changes.emplace_back(SeatTaken{id, seat});
  return true;
}

/// A step. True when everything is there.
bool SqliteStore::collect() {
  Collection& all = *collected_;
  for (const std::size_t before = all.changes.size(); all.changes.size() < before + most_collected;) {
    const std::size_t left = before + most_collected - all.changes.size();
    auto entries = all.room ? log_.read(*all.room, all.entry, left) : std::vector<relay::LoggedRecord>();
    if (!entries.ok()) {  // trimmed meanwhile, and that will be told again
      all.entry = log_.extent(*all.room).first;
      continue;
    }
    for (relay::LoggedRecord& logged : *entries) all.changes.emplace_back(EntryAppended{*all.room, logged.index, std::move(logged.record)});
    all.entry += entries->size();
    if (entries->empty() && !begin_room()) return true;
  }
  return false;
}

std::optional<StateJob> SqliteStore::take_job(Time now) {
  if (busy_) return std::nullopt;
  if (state_ == State::lost) {
    if (now < retry_at_) return std::nullopt;
    state_ = State::renewing;
    settled_ = told_;
    begin_anew();
  } else if (fell_behind_) {
    begin_anew();
  }
  if (collected_ && !collect()) return std::nullopt;
  const bool anew = collected_.has_value();
  StateJob job{anew ? std::move(collected_->changes) : std::deque<StateChange>(), anew, told_};
  collected_.reset();
  if (job.changes.empty()) job.changes = std::exchange(changes_, {});
  else std::move(changes_.begin(), changes_.end(), std::back_inserter(job.changes));
  if (!anew && job.changes.empty()) return std::nullopt;
  changes_ = {};
  waiting_bytes_ = 0;
  busy_ = true;
  return job;
}

void SqliteStore::settle(const StateVerdict& verdict, Time now) {
  busy_ = false;
  settled_ = verdict.told;
  if (verdict.written) {
    state_ = State::kept;
    counters_.snapshots += verdict.anew ? 1 : 0;
    return;
  }
  ++counters_.failures;
  state_ = State::lost;
  retry_at_ = now + retry_interval;
  changes_ = {};
  waiting_bytes_ = 0;
  fell_behind_ = false;
}

void SqliteStore::flush(Time now) {
  for (;;) {
    if (const auto job = take_job(now)) settle(file_->write(*job), now);
    else if (!collecting()) return;
  }
}

}  // namespace conclave::runtime
