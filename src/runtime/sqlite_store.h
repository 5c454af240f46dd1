// A relay's rooms in memory, and in a file behind it, so that they outlive the relay.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "conclave/time.h"
#include "relay/memory_commit_log.h"
#include "relay/room_store.h"
#include "runtime/state_file.h"

namespace conclave::runtime {

struct SqliteStoreCounters {
  std::uint64_t failures = 0;   ///< writing failed: a full disk, a limit, a broken device
  std::uint64_t snapshots = 0;  ///< everything written anew: after that, or because the disk had not kept up
};

/// The log and the seats of all rooms, in memory and behind it in SQLite (WAL). What was told is collected; a job at a time goes to the file,
/// on whatever thread, and is settled here. What was told by then is in the file, whatever kills the process; after a power failure the last of it
/// may be missing, and members who read further are refused. When a write fails, the file is removed, rooms go on in memory, and
/// everything is written anew as soon as that works. Single-threaded, but for `file`.
class SqliteStore final : public relay::CommitLog, public relay::RoomStore {
 public:
  static constexpr Duration retry_interval = std::chrono::seconds(5);
  /// Of changes that wait for a disk, in bytes; beyond it they are dropped, and everything is written anew.
  static constexpr std::size_t most_waiting = std::size_t{16} << 20;

  /// Makes the file where there is none, readable by its owner alone, and keeps others from using it. `io_error` with the reason;
  /// `damaged_state` when it is another's, of another version, or damaged: it is never touched then.
  static Result<std::unique_ptr<SqliteStore>> open(const std::string& path, std::size_t max_entries, std::size_t max_bytes);

  Result<void> append(const relay::RoomId& room, relay::LogRecord record) override;
  Result<std::vector<relay::LoggedRecord>> read(const relay::RoomId& room, std::uint64_t index, std::size_t most) override;
  [[nodiscard]] Extent extent(const relay::RoomId& room) const override { return log_.extent(room); }
  void keep_from(const relay::RoomId& room, std::optional<std::uint64_t> index) override { log_.keep_from(room, index); }
  void forget(const relay::RoomId& room) override;

  void put_room(const relay::RoomId& room, ByteView gate_key, ByteView lane_key, ByteView card) override;
  void put_seat(const relay::RoomId& room, const relay::Seat& seat) override;
  void drop_seat(const relay::RoomId& room, std::uint64_t peer) override;
  void forget_room(const relay::RoomId& room) override;
  [[nodiscard]] std::uint64_t told() const override { return told_; }
  /// All of it while the file is given up.
  [[nodiscard]] std::uint64_t written() const override { return state_ == State::lost ? told_ : settled_; }

  /// All rooms as they stand.
  [[nodiscard]] std::vector<relay::RoomRecord> rooms() const;

  /// What the file is to be told now; nothing when there is nothing, or a job has not been settled. Everything is collected over several calls, of which
  /// none takes long.
  std::optional<StateJob> take_job(Time now);
  /// Everything is being collected: call `take_job` again soon.
  [[nodiscard]] bool collecting() const { return collected_.has_value(); }
  /// What became of the job.
  void settle(const StateVerdict& verdict, Time now);
  /// For who carries jobs out.
  [[nodiscard]] const std::shared_ptr<StateFile>& file() { return file_; }
  [[nodiscard]] bool busy() const { return busy_; }
  /// Carries out here what there is to do.
  void flush(Time now);

  /// The file holds everything, or will as soon as the disk has taken it.
  [[nodiscard]] bool intact() const { return state_ == State::kept; }
  [[nodiscard]] const SqliteStoreCounters& counters() const { return counters_; }

 private:
  enum class State : std::uint8_t {
    kept,
    lost,      ///< the file is given up
    renewing,  ///< everything is being written anew
  };

  SqliteStore(std::shared_ptr<StateFile> file, std::size_t max_entries, std::size_t max_bytes) : file_(std::move(file)), log_(max_entries, max_bytes) {}

  /// Everything, as far as it is collected. What is told meanwhile is kept as ever, and comes after it.
  struct Collection {
    std::deque<StateChange> changes;
    std::optional<relay::RoomId> room;  ///< the one at hand; none: the first comes next
    std::uint64_t entry = 0;            ///< of its log, the next
  };

  void tell(StateChange change, std::size_t bytes);
  void begin_anew();
  bool collect();
  bool begin_room();

  std::shared_ptr<StateFile> file_;
  State state_ = State::kept;
  bool busy_ = false;         ///< a job is not settled
  bool fell_behind_ = false;  ///< changes were dropped: the next job is everything
  std::optional<Collection> collected_;
  std::deque<StateChange> changes_;
  std::size_t waiting_bytes_ = 0;
  std::uint64_t told_ = 0;
  std::uint64_t settled_ = 0;
  Time retry_at_{};
  relay::MemoryCommitLog log_;
  std::map<relay::RoomId, relay::RoomRecord> rooms_;
  SqliteStoreCounters counters_;
};

}  // namespace conclave::runtime
