// A relay's rooms in one file, so that they outlive it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "conclave/time.h"
#include "relay/memory_commit_log.h"
#include "relay/room_store.h"
#include "runtime/sqlite.h"

namespace conclave::runtime {

struct SqliteStoreCounters {
  std::uint64_t failures = 0;   ///< writing failed: a full disk, a limit, a broken device
  std::uint64_t snapshots = 0;  ///< everything written anew after that
};

/// The log and the seats of all rooms, in memory and behind it in SQLite (WAL). What was told is in the file when `flush` returns, and so
/// before anybody hears of it, whatever kills the process then; after a power failure the last of it may be missing, and members who read
/// further are refused. When a write fails, the file is removed, since what it holds is the past, rooms go on in memory, and everything
/// is written anew as soon as that works. Single-threaded.
class SqliteStore final : public relay::CommitLog, public relay::RoomStore {
 public:
  static constexpr Duration retry_interval = std::chrono::seconds(5);

  /// Makes the file where there is none, readable by its owner alone, and keeps others from using it. `io_error` with the reason;
  /// `damaged_state` when it is another's, of another version, or damaged: it is never touched then.
  static Result<std::unique_ptr<SqliteStore>> open(const std::string& path, std::size_t max_entries, std::size_t max_bytes);

  Result<void> append(const relay::RoomId& room, relay::LogRecord record) override;
  Result<std::vector<relay::LoggedRecord>> read(const relay::RoomId& room, std::uint64_t index, std::size_t most) override;
  [[nodiscard]] Extent extent(const relay::RoomId& room) const override { return log_.extent(room); }
  void forget(const relay::RoomId& room) override;

  void put_room(const relay::RoomId& room, ByteView gate_key, ByteView lane_key, ByteView card) override;
  void put_seat(const relay::RoomId& room, const relay::Seat& seat) override;
  void drop_seat(const relay::RoomId& room, std::uint64_t peer) override;
  void forget_room(const relay::RoomId& room) override;

  /// All rooms as they stand.
  [[nodiscard]] std::vector<relay::RoomRecord> rooms() const;
  /// Puts what was told since the last call into the file, or tries again to write everything.
  void flush(Time now);
  /// The file holds everything.
  [[nodiscard]] bool intact() const { return database_ != nullptr; }
  [[nodiscard]] const SqliteStoreCounters& counters() const { return counters_; }

 private:
  SqliteStore(std::string path, std::unique_ptr<Sqlite> database, std::size_t max_entries, std::size_t max_bytes)
      : path_(std::move(path)), database_(std::move(database)), log_(max_entries, max_bytes) {}

  Result<void> load();
  Result<void> load_log();
  /// Runs `statement` in the transaction at hand; a failure is the end of the file.
  void write(const char* statement, std::initializer_list<SqliteValue> values);
  void write_entry(const relay::RoomId& room, std::uint64_t index, const relay::LogRecord& record);
  void write_seat(const relay::RoomId& room, const relay::Seat& seat);
  void write_everything();
  void abandon_file();

  std::string path_;
  std::unique_ptr<Sqlite> database_;  ///< null while the file is given up
  bool in_transaction_ = false;
  bool failed_ = false;  ///< in this transaction
  Time retry_at_{};
  relay::MemoryCommitLog log_;
  std::map<relay::RoomId, relay::RoomRecord> rooms_;
  SqliteStoreCounters counters_;
};

}  // namespace conclave::runtime
