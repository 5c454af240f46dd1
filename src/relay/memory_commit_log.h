// The log of one process.
#pragma once

#include <deque>
#include <map>

#include "relay/commit_log.h"

namespace conclave::relay {

/// Keeps the newest entries of each room, bounded by number and bytes, of those that somebody away has not read `away_factor` times as many, but no more than
/// `most_unread` bytes; the newest entry is always kept. An entry can be read as soon as it is appended.
class MemoryCommitLog final : public CommitLog {
 public:
  static constexpr std::size_t away_factor = 4;
  /// What somebody who comes back is sent at once has to fit into what waits for one connection, 2 * max_message_size, with its framing.
  static constexpr std::size_t most_unread = std::size_t{7} << 20;

  MemoryCommitLog(std::size_t max_entries, std::size_t max_bytes) : max_entries_(max_entries), max_bytes_(max_bytes) {}

  Result<void> append(const RoomId& room, LogRecord record) override;
  Result<std::vector<LoggedRecord>> read(const RoomId& room, std::uint64_t index, std::size_t most) override;
  [[nodiscard]] Extent extent(const RoomId& room) const override;
  void keep_from(const RoomId& room, std::optional<std::uint64_t> index) override;
  void forget(const RoomId& room) override { rooms_.erase(room); }
  /// An entry with its place, from where it was written down. The first one of a room says where its log begins.
  void restore(const RoomId& room, std::uint64_t index, LogRecord record);

  /// Bytes of messages kept for a room.
  [[nodiscard]] std::size_t bytes_kept(const RoomId& room) const;

 private:
  struct Entries {
    [[nodiscard]] bool over(std::size_t most_entries, std::size_t most_bytes) const { return records.size() > most_entries || bytes > most_bytes; }
    std::uint64_t first = 0;
    std::size_t bytes = 0;
    std::optional<std::uint64_t> wanted_from{};
    std::deque<std::shared_ptr<const LogRecord>> records;
  };

  void trim(Entries& entries) const;

  std::size_t max_entries_;
  std::size_t max_bytes_;
  std::map<RoomId, Entries> rooms_;
};

}  // namespace conclave::relay
