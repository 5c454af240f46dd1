// What tells of something that is not written down yet waits; everything else goes on.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include "relay/outbox.h"

namespace conclave::relay {

/// Holds messages of the handshake channel back while the store has not written down what it was told before them, and whatever follows them on the
/// same way. Media, feedback and the other channels never wait for a disk. A connection for which too much waits is named as overrun.
class Holdback {
 public:
  /// Of messages of one connection, in bytes: as much as a transport holds for one that does not take them.
  static constexpr std::size_t most_held = 2 * max_message_size;

  /// What of `outputs` may go now, in order. The store was told `told` things, of which the first `written` are written down.
  Outputs pass(Outputs outputs, std::uint64_t told, std::uint64_t written);
  /// What waited for one of the first `written`.
  Outputs release(std::uint64_t written);
  /// The connection is gone: nothing of it waits any more.
  void forget(ConnectionId connection);
  /// A connection for which more than `most_held` waits, each once.
  std::optional<ConnectionId> take_overrun();

  [[nodiscard]] std::size_t waiting() const { return queue_.size(); }
  [[nodiscard]] std::uint64_t held() const { return held_; }  ///< so far

 private:
  struct Held {
    std::uint64_t told = 0;
    Output output;
  };
  struct Account {
    std::array<std::size_t, 3> messages{};  ///< by channel
    std::size_t bytes = 0;
    bool closes = false;
  };
  [[nodiscard]] bool must_wait(const Output& output, bool unwritten) const;
  void hold(std::uint64_t told, Output output);
  void settle(const Output& output);

  std::deque<Held> queue_;  ///< `told` ascends
  std::map<ConnectionId, Account> accounts_;  ///< of who has something in the queue
  std::set<ConnectionId> overrun_;
  std::uint64_t held_ = 0;
};

}  // namespace conclave::relay
