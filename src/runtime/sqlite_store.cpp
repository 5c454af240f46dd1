#include "runtime/sqlite_store.h"

#include <utility>

#include "base/bytes.h"

namespace conclave::runtime {

using relay::LogRecord;
using relay::RoomId;
using relay::RoomRecord;
using relay::Seat;

namespace {

constexpr std::size_t bytes_of_change = 256;  ///< that a change takes besides what it carries, roughly

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

std::vector<StateChange> SqliteStore::everything() {
  std::vector<StateChange> out;
  for (const auto& [id, record] : rooms_) {
    out.emplace_back(RoomOpened{id, record.gate_key, record.lane_key, record.card});
    for (const Seat& seat : record.seats) out.emplace_back(SeatTaken{id, seat});
    const Extent kept = log_.extent(id);
    const auto entries = log_.read(id, kept.first, static_cast<std::size_t>(kept.end - kept.first));
    if (!entries.ok()) continue;
    for (const relay::LoggedRecord& logged : *entries) out.emplace_back(EntryAppended{id, logged.index, logged.record});
  }
  return out;
}

std::optional<StateJob> SqliteStore::take_job(Time now) {
  if (busy_) return std::nullopt;
  const bool anew = state_ == State::lost || fell_behind_;
  if (state_ == State::lost) {
    if (now < retry_at_) return std::nullopt;
    state_ = State::renewing;
    settled_ = told_;
  }
  StateJob job{anew ? everything() : std::exchange(changes_, {}), anew, told_};
  if (!anew && job.changes.empty()) return std::nullopt;
  changes_ = {};
  waiting_bytes_ = 0;
  fell_behind_ = false;
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
  while (const auto job = take_job(now)) settle(file_->write(*job), now);
}

}  // namespace conclave::runtime
