#include "runtime/sqlite_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "transport/codec.h"

namespace conclave::runtime {
namespace {

using relay::LogRecord;
using relay::RoomId;
using relay::RoomRecord;
using relay::Seat;

constexpr std::uint64_t application = 0x434e4c56;  // "CNLV": the file is ours
constexpr const char* set_application = "PRAGMA application_id = 1129204822";
constexpr std::uint64_t version = 2;       // `admits` is a rank at the door
constexpr std::uint64_t before_ranks = 1;  // there it is 1 for the one who admits, which is a rank too
constexpr const char* set_version = "PRAGMA user_version = 2";

/// Exclusive: no shared memory, and no second relay. Old entries are overwritten, not only given up.
constexpr const char* settings[] = {"PRAGMA locking_mode = EXCLUSIVE", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL",
                                    "PRAGMA secure_delete = ON", "PRAGMA temp_store = MEMORY", "PRAGMA cache_size = -1024",
                                    "PRAGMA journal_size_limit = 4194304"};

constexpr const char* schema[] = {
    "CREATE TABLE IF NOT EXISTS room (id BLOB PRIMARY KEY, gate_key BLOB NOT NULL, lane_key BLOB NOT NULL, card BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS seat (room BLOB, peer INTEGER, knock_id INTEGER, admits INTEGER, digest BLOB, spent BLOB, PRIMARY KEY (room, peer))",
    // `body` is spelled as the member said it: docs/wire.md.
    "CREATE TABLE IF NOT EXISTS entry (room BLOB, place INTEGER, peer INTEGER, body BLOB, PRIMARY KEY (room, place))"};

Bytes body_of(const LogRecord& record) {
  if (record.commit) return transport::encode(transport::ClientMessage{transport::AppendCommit{record.epoch, record.message, record.welcomes}});
  return transport::encode(transport::ClientMessage{transport::Broadcast{record.message}});
}

std::optional<LogRecord> record_of(ByteView body, std::uint64_t peer) {
  auto message = transport::decode_client_message(body);
  if (!message.ok()) return std::nullopt;
  if (auto* commit = std::get_if<transport::AppendCommit>(&*message)) {
    return LogRecord{true, commit->epoch, peer, std::move(commit->message), std::move(commit->welcomes)};
  }
  if (auto* broadcast = std::get_if<transport::Broadcast>(&*message)) return LogRecord{false, 0, peer, std::move(broadcast->message), {}};
  return std::nullopt;
}

std::optional<RoomId> room_id_of(const Bytes& bytes) {
  RoomId id{};
  if (bytes.size() != id.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), id.begin());
  return id;
}

Result<std::uint64_t> number(Sqlite& database, const char* question) {
  std::uint64_t value = 0;
  CONCLAVE_TRY(database.run(question, {}, [&](const SqliteRow& row) {
    value = row.number(0);
    return true;
  }));
  return value;
}

Result<void> make_private(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return Error{ErrorCode::io_error, "the state file cannot be opened: " + std::generic_category().message(errno)};
  ::close(descriptor);
  return {};
}

/// Only what is empty or ours is written to.
Result<void> check_owner(Sqlite& database) {
  CONCLAVE_ASSIGN(tables, number(database, "SELECT count(*) FROM sqlite_master"));
  CONCLAVE_ASSIGN(owner, number(database, "PRAGMA application_id"));
  CONCLAVE_ASSIGN(written_by, number(database, "PRAGMA user_version"));
  if (tables == 0 && owner == 0) return {};
  if (owner != application || (written_by != version && written_by != before_ranks)) return Error{ErrorCode::damaged_state, "the state file is not one of this relay's version"};
  return {};
}

Result<std::unique_ptr<Sqlite>> open_database(const std::string& path) {
  CONCLAVE_TRY(make_private(path));
  CONCLAVE_ASSIGN(database, Sqlite::open(path));
  CONCLAVE_TRY(check_owner(*database));
  for (const char* statement : settings) CONCLAVE_TRY(database->run(statement));
  CONCLAVE_TRY(database->run("BEGIN EXCLUSIVE"));
  CONCLAVE_TRY(database->run(set_application));
  CONCLAVE_TRY(database->run(set_version));
  for (const char* statement : schema) CONCLAVE_TRY(database->run(statement));
  CONCLAVE_TRY(database->run("COMMIT"));
  return database;
}

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::string& path, std::size_t max_entries, std::size_t max_bytes) {
  CONCLAVE_ASSIGN(database, open_database(path));
  std::unique_ptr<SqliteStore> store(new SqliteStore(path, std::move(database), max_entries, max_bytes));
  CONCLAVE_TRY(store->load());
  return store;
}

// ---- reading -----------------------------------------------------------------------------------------------------

Result<void> SqliteStore::load() {
  bool whole = true;
  CONCLAVE_TRY(database_->run("SELECT id, gate_key, lane_key, card FROM room", {}, [&](const SqliteRow& row) {
    const auto id = room_id_of(row.bytes(0));
    if (id) rooms_[*id] = RoomRecord{*id, row.bytes(1), row.bytes(2), row.bytes(3), {}};
    return whole = whole && id;
  }));
  CONCLAVE_TRY(database_->run("SELECT room, peer, knock_id, admits, digest, spent FROM seat", {}, [&](const SqliteRow& row) {
    const auto id = room_id_of(row.bytes(0));
    const auto room = id ? rooms_.find(*id) : rooms_.end();
    whole = whole && room != rooms_.end();
    const std::uint64_t rank = row.number(3);  // 1 stood for the one who admitted, before there were ranks
    whole = whole && rank <= static_cast<std::uint64_t>(relay::DoorRank::keeper);
    if (whole) room->second.seats.push_back({row.number(1), row.number(2), static_cast<relay::DoorRank>(rank), row.bytes(4), row.bytes(5)});
    return whole;
  }));
  if (!whole) return Error{ErrorCode::damaged_state, "the state file holds what no relay writes"};
  return load_log();
}

Result<void> SqliteStore::load_log() {
  bool whole = true;
  CONCLAVE_TRY(database_->run("SELECT room, place, peer, body FROM entry ORDER BY room, place", {}, [&](const SqliteRow& row) {
    const auto id = room_id_of(row.bytes(0));
    auto record = record_of(row.bytes(3), row.number(2));
    whole = whole && id && record && rooms_.contains(*id);
    const Extent kept = whole ? log_.extent(*id) : Extent{};
    whole = whole && (kept.end == 0 || kept.end == row.number(1));
    if (whole) log_.restore(*id, row.number(1), std::move(*record));
    return whole;
  }));
  if (!whole) return Error{ErrorCode::damaged_state, "the state file's log has gaps"};
  return {};
}

Result<std::vector<relay::LoggedRecord>> SqliteStore::read(const RoomId& room, std::uint64_t index, std::size_t most) {
  return log_.read(room, index, most);
}

std::vector<RoomRecord> SqliteStore::rooms() const {
  std::vector<RoomRecord> out;
  for (const auto& [id, record] : rooms_) out.push_back(record);
  return out;
}

// ---- writing -----------------------------------------------------------------------------------------------------

void SqliteStore::write(const char* statement, std::initializer_list<SqliteValue> values) {
  if (!database_ || failed_) return;
  if (!in_transaction_) failed_ = !database_->run("BEGIN").ok();
  in_transaction_ = true;
  failed_ = failed_ || !database_->run(statement, values).ok();
}

void SqliteStore::write_entry(const RoomId& room, std::uint64_t index, const LogRecord& record) {
  if (!database_ || failed_) return;
  const Bytes body = body_of(record);
  write("INSERT INTO entry VALUES (?, ?, ?, ?)", {ByteView(room), index, record.connection, ByteView(body)});
}

void SqliteStore::write_seat(const RoomId& room, const Seat& seat) {
  write("INSERT OR REPLACE INTO seat VALUES (?, ?, ?, ?, ?, ?)",
        {ByteView(room), seat.peer, seat.knock_id, static_cast<std::uint64_t>(seat.door), ByteView(seat.digest), ByteView(seat.spent)});
}

Result<void> SqliteStore::append(const RoomId& room, LogRecord record) {
  const Extent before = log_.extent(room);
  write_entry(room, before.end, record);
  CONCLAVE_TRY(log_.append(room, std::move(record)));
  const std::uint64_t first = log_.extent(room).first;
  if (first != before.first) write("DELETE FROM entry WHERE room = ? AND place < ?", {ByteView(room), first});
  return {};
}

void SqliteStore::forget(const RoomId& room) {
  log_.forget(room);
  write("DELETE FROM entry WHERE room = ?", {ByteView(room)});
}

void SqliteStore::put_room(const RoomId& room, ByteView gate_key, ByteView lane_key, ByteView card) {
  rooms_[room] = RoomRecord{room, to_bytes(gate_key), to_bytes(lane_key), to_bytes(card), {}};
  write("INSERT OR REPLACE INTO room VALUES (?, ?, ?, ?)", {ByteView(room), gate_key, lane_key, card});
}

void SqliteStore::put_seat(const RoomId& room, const Seat& seat) {
  auto& seats = rooms_[room].seats;
  std::erase_if(seats, [&](const Seat& each) { return each.peer == seat.peer; });
  seats.push_back(seat);
  write_seat(room, seat);
}

void SqliteStore::drop_seat(const RoomId& room, std::uint64_t peer) {
  const auto found = rooms_.find(room);
  if (found == rooms_.end() || std::erase_if(found->second.seats, [&](const Seat& each) { return each.peer == peer; }) == 0) return;
  write("DELETE FROM seat WHERE room = ? AND peer = ?", {ByteView(room), peer});
}

void SqliteStore::forget_room(const RoomId& room) {
  rooms_.erase(room);
  write("DELETE FROM seat WHERE room = ?", {ByteView(room)});
  write("DELETE FROM room WHERE id = ?", {ByteView(room)});
}

void SqliteStore::flush(Time now) {
  const bool anew = !database_;
  if (anew) {
    if (now < retry_at_) return;
    retry_at_ = now + retry_interval;
    auto database = open_database(path_);
    if (!database.ok()) return;
    database_ = std::move(*database);
    write_everything();
  }
  if (!in_transaction_) {
    counters_.snapshots += anew ? 1 : 0;
    return;
  }
  failed_ = failed_ || !database_->run("COMMIT").ok();
  in_transaction_ = false;
  if (!std::exchange(failed_, false)) {
    counters_.snapshots += anew ? 1 : 0;
    return;
  }
  ++counters_.failures;
  retry_at_ = now + retry_interval;
  abandon_file();
}

void SqliteStore::write_everything() {
  for (const auto& [id, record] : rooms_) {
    write("INSERT OR REPLACE INTO room VALUES (?, ?, ?, ?)", {ByteView(id), ByteView(record.gate_key), ByteView(record.lane_key), ByteView(record.card)});
    for (const Seat& seat : record.seats) write_seat(id, seat);
    const Extent kept = log_.extent(id);
    const auto entries = log_.read(id, kept.first, static_cast<std::size_t>(kept.end - kept.first));
    if (!entries.ok()) continue;
    for (const relay::LoggedRecord& logged : *entries) write_entry(id, logged.index, *logged.record);
  }
}

/// A relay that found this file later would know less of its rooms than their members.
void SqliteStore::abandon_file() {
  database_.reset();
  for (const char* end : {"", "-wal", "-journal", "-shm"}) (void)::unlink((path_ + end).c_str());
}

}  // namespace conclave::runtime
