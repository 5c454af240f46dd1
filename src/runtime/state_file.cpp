#include "runtime/state_file.h"

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
constexpr std::uint64_t version = 3;       // `admits` is a rank at the door, and 256 times the quorum for which an heir's voice counts
constexpr std::uint64_t before_ranks = 1;  // there it is 1 for the one who admits, which is a rank too; in 2 there were no voices
constexpr const char* set_version = "PRAGMA user_version = 3";
constexpr std::uint64_t voice = 256;

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
  if (owner != application || written_by < before_ranks || written_by > version) return Error{ErrorCode::damaged_state, "the state file is not one of this relay's version"};
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

Result<std::unique_ptr<StateFile>> StateFile::open(const std::string& path) {
  CONCLAVE_ASSIGN(database, open_database(path));
  return std::unique_ptr<StateFile>(new StateFile(path, std::move(database)));
}

// ---- reading -----------------------------------------------------------------------------------------------------

Result<void> StateFile::load(std::map<RoomId, RoomRecord>& rooms, relay::MemoryCommitLog& log) {
  bool whole = true;
  CONCLAVE_TRY(database_->run("SELECT id, gate_key, lane_key, card FROM room", {}, [&](const SqliteRow& row) {
    const auto id = room_id_of(row.bytes(0));
    if (id) rooms[*id] = RoomRecord{*id, row.bytes(1), row.bytes(2), row.bytes(3), {}};
    return whole = whole && id;
  }));
  CONCLAVE_TRY(database_->run("SELECT room, peer, knock_id, admits, digest, spent FROM seat", {}, [&](const SqliteRow& row) {
    const auto id = room_id_of(row.bytes(0));
    const auto room = id ? rooms.find(*id) : rooms.end();
    whole = whole && room != rooms.end();
    const std::uint64_t rank = row.number(3) % voice;  // 1 stood for the one who admitted, before there were ranks
    const std::uint64_t quorum = row.number(3) / voice;
    whole = whole && rank <= static_cast<std::uint64_t>(relay::DoorRank::keeper) && quorum <= transport::max_heirs;
    if (whole) room->second.seats.push_back({row.number(1), row.number(2), static_cast<relay::DoorRank>(rank), row.bytes(4), row.bytes(5), static_cast<std::uint8_t>(quorum)});
    return whole;
  }));
  if (!whole) return Error{ErrorCode::damaged_state, "the state file holds what no relay writes"};
  return load_log(rooms, log);
}

Result<void> StateFile::load_log(const std::map<RoomId, RoomRecord>& rooms, relay::MemoryCommitLog& log) {
  bool whole = true;
  CONCLAVE_TRY(database_->run("SELECT room, place, peer, body FROM entry ORDER BY room, place", {}, [&](const SqliteRow& row) {
    const auto id = room_id_of(row.bytes(0));
    auto record = record_of(row.bytes(3), row.number(2));
    whole = whole && id && record && rooms.contains(*id);
    const auto kept = whole ? log.extent(*id) : relay::CommitLog::Extent{};
    whole = whole && (kept.end == 0 || kept.end == row.number(1));
    if (whole) log.restore(*id, row.number(1), std::move(*record));
    return whole;
  }));
  if (!whole) return Error{ErrorCode::damaged_state, "the state file's log has gaps"};
  return {};
}

// ---- writing -----------------------------------------------------------------------------------------------------

StateVerdict StateFile::write(const StateJob& job) {
  StateVerdict verdict{job.told, job.anew, false};
  if (!database_ && job.anew) {
    auto database = open_database(path_);
    if (database.ok()) database_ = std::move(*database);
  }
  if (!database_) return verdict;
  verdict.written = write_all(job).ok();
  if (!verdict.written) remove();
  return verdict;
}

Result<void> StateFile::write_all(const StateJob& job) {
  CONCLAVE_TRY(database_->run("BEGIN"));
  if (job.anew) {
    for (const char* statement : {"DELETE FROM room", "DELETE FROM seat", "DELETE FROM entry"}) CONCLAVE_TRY(database_->run(statement));
  }
  for (const StateChange& change : job.changes) {
    CONCLAVE_TRY(std::visit([this](const auto& what) { return write(what); }, change));
  }
  return database_->run("COMMIT");
}

Result<void> StateFile::write(const RoomOpened& change) {
  return database_->run("INSERT OR REPLACE INTO room VALUES (?, ?, ?, ?)",
                        {ByteView(change.room), ByteView(change.gate_key), ByteView(change.lane_key), ByteView(change.card)});
}

Result<void> StateFile::write(const SeatTaken& change) {
  const Seat& seat = change.seat;
  return database_->run("INSERT OR REPLACE INTO seat VALUES (?, ?, ?, ?, ?, ?)",
                        {ByteView(change.room), seat.peer, seat.knock_id, static_cast<std::uint64_t>(seat.door) + voice * seat.quorum, ByteView(seat.digest), ByteView(seat.spent)});
}

Result<void> StateFile::write(const SeatDropped& change) {
  return database_->run("DELETE FROM seat WHERE room = ? AND peer = ?", {ByteView(change.room), change.peer});
}

Result<void> StateFile::write(const RoomForgotten& change) {
  CONCLAVE_TRY(database_->run("DELETE FROM seat WHERE room = ?", {ByteView(change.room)}));
  return database_->run("DELETE FROM room WHERE id = ?", {ByteView(change.room)});
}

Result<void> StateFile::write(const EntryAppended& change) {
  const Bytes body = body_of(*change.record);
  return database_->run("INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?)", {ByteView(change.room), change.index, change.record->connection, ByteView(body)});
}

Result<void> StateFile::write(const LogTrimmed& change) {
  return database_->run("DELETE FROM entry WHERE room = ? AND place < ?", {ByteView(change.room), change.first});
}

Result<void> StateFile::write(const LogForgotten& change) {
  return database_->run("DELETE FROM entry WHERE room = ?", {ByteView(change.room)});
}

/// A relay that found this file later would know less of its rooms than their members.
void StateFile::remove() {
  database_.reset();
  for (const char* end : {"", "-wal", "-journal", "-shm"}) (void)::unlink((path_ + end).c_str());
}

}  // namespace conclave::runtime
