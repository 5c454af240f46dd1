// The order of a room's handshake messages. See docs/decisions/004-commit-log.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "conclave/bytes.h"
#include "transport/messages.h"

namespace conclave::relay {

using RoomId = std::array<std::uint8_t, transport::room_id_size>;

/// One entry before it has a place: a commit with its Welcomes, or a broadcast. Opaque but for what the sender says of it.
struct LogRecord {
  bool commit = false;
  std::uint64_t epoch = 0;       ///< of a commit, as claimed
  std::uint64_t connection = 0;  ///< opaque id of the sender in its room
  Bytes message;
  std::vector<transport::AppendCommit::Welcome> welcomes;  ///< only from connections that may admit

  [[nodiscard]] std::size_t size() const {
    std::size_t bytes = message.size();
    for (const auto& welcome : welcomes) bytes += welcome.welcome.size();
    return bytes;
  }
};

/// An entry with its place: 0, 1, 2 … per room, without gaps.
struct LoggedRecord {
  std::uint64_t index = 0;
  std::shared_ptr<const LogRecord> record;
};

/// Total order per room. The only promise that the rule of the log needs: all readers of a room see the same entries at the
/// same indices, and an entry once read never changes. No promise is made about who is first, and none is relied upon:
/// *the first commit for an epoch that validates, in log order, wins; a sender has won only when it reads its own entry
/// back first.* So there is no conditional append on purpose.
class CommitLog {
 public:
  CommitLog() = default;
  CommitLog(const CommitLog&) = delete;
  CommitLog& operator=(const CommitLog&) = delete;
  virtual ~CommitLog() = default;

  /// Hands an entry over. It is in the log when, and only when, `read` returns it, which may be later.
  virtual Result<void> append(const RoomId& room, LogRecord record) = 0;

  /// At most `most` entries from `index` on, in order; none when nothing is there yet. `expired` when `index` is older than
  /// what is kept.
  virtual Result<std::vector<LoggedRecord>> read(const RoomId& room, std::uint64_t index, std::size_t most) = 0;

  /// What is kept: `read` gives the entries from `first` up to the one before `end`.
  struct Extent {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
  };
  virtual Extent extent(const RoomId& room) const = 0;

  /// Somebody is away who has not read the entries from `index` on: they are kept beyond the usual bounds, within others. Nothing: nobody is.
  virtual void keep_from(const RoomId&, std::optional<std::uint64_t> /*index*/) {}

  /// The room is over: its entries go, and its indices begin at 0 again.
  virtual void forget(const RoomId& room) = 0;
};

}  // namespace conclave::relay
