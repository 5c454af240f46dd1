// A relay's rooms in one SQLite file: what is written there, and how.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "relay/memory_commit_log.h"
#include "relay/room_store.h"
#include "runtime/sqlite.h"

namespace conclave::runtime {

struct RoomOpened {
  relay::RoomId room{};
  Bytes gate_key;
  Bytes lane_key;
  Bytes card;
};
struct SeatTaken {
  relay::RoomId room{};
  relay::Seat seat;
};
struct SeatDropped {
  relay::RoomId room{};
  std::uint64_t peer = 0;
};
struct RoomForgotten {
  relay::RoomId room{};
};
struct EntryAppended {
  relay::RoomId room{};
  std::uint64_t index = 0;
  std::shared_ptr<const relay::LogRecord> record;
};
/// Entries before `first` are not kept any more.
struct LogTrimmed {
  relay::RoomId room{};
  std::uint64_t first = 0;
};
struct LogForgotten {
  relay::RoomId room{};
};

/// One thing that the file is told.
using StateChange = std::variant<RoomOpened, SeatTaken, SeatDropped, RoomForgotten, EntryAppended, LogTrimmed, LogForgotten>;

/// What is written down in one transaction. A change says how something is now: two in a row may say the same.
struct StateJob {
  std::deque<StateChange> changes;
  bool anew = false;       ///< `changes` are everything: what was in the file goes, and where there is none it is made
  std::uint64_t told = 0;  ///< things told by then
};

/// What became of it.
struct StateVerdict {
  std::uint64_t told = 0;
  bool anew = false;
  bool written = false;
};

/// One thread at a time, whichever.
class StateFile {
 public:
  /// As `SqliteStore::open`.
  static Result<std::unique_ptr<StateFile>> open(const std::string& path);

  /// What stands in it. `damaged_state` when that is not what a relay writes.
  Result<void> load(std::map<relay::RoomId, relay::RoomRecord>& rooms, relay::MemoryCommitLog& log);

  /// When writing fails the file is removed, since what it holds is the past; from then on nothing is written but a job that is `anew`.
  StateVerdict write(const StateJob& job);

 private:
  StateFile(std::string path, std::unique_ptr<Sqlite> database) : path_(std::move(path)), database_(std::move(database)) {}

  Result<void> load_log(const std::map<relay::RoomId, relay::RoomRecord>& rooms, relay::MemoryCommitLog& log);
  Result<void> write_all(const StateJob& job);
  Result<void> write(const RoomOpened& change);
  Result<void> write(const SeatTaken& change);
  Result<void> write(const SeatDropped& change);
  Result<void> write(const RoomForgotten& change);
  Result<void> write(const EntryAppended& change);
  Result<void> write(const LogTrimmed& change);
  Result<void> write(const LogForgotten& change);
  void remove();

  std::string path_;
  std::unique_ptr<Sqlite> database_;  ///< null while the file is given up
};

}  // namespace conclave::runtime
