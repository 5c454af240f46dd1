// Messages on their way in, over all channels of one connection.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "conclave/time.h"
#include "conclave/transport.h"
#include "transport/quic/message_stream.h"
#include "transport/server.h"

namespace conclave::transport::quic {

/// Who sends a message and never its end has memory of ours; this says how much, and since when.
class Inbox {
 public:
  enum class Verdict : std::uint8_t { good, empty_message, oversized, crowded };

  /// Appends the messages of `channel` that are whole now. Each has at most `limit` bytes, and what is not whole, over all channels, half as many again:
  /// else `crowded`. Anything but `good` is the end of the connection.
  Verdict push(Channel channel, ByteView bytes, std::size_t limit, Time now, std::vector<Bytes>& complete);
  /// Bytes of messages that are not whole.
  [[nodiscard]] std::size_t held() const;
  /// When the oldest of them began; `never`: there is none.
  [[nodiscard]] Time since() const;
  void clear() { channels_ = {}; }

 private:
  struct Incoming {
    MessageReader reader;
    Time since = never;
  };
  std::array<Incoming, 3> channels_;
};

/// The same for all connections of a server.
class InboxLedger {
 public:
  /// The connection, which comes from `origin`, holds so much now.
  void note(ConnectionId id, const AddressBlock& origin, std::size_t held);
  [[nodiscard]] std::size_t total() const { return total_; }
  /// Of the address that holds the most, the connection that holds the most: honest ones are not pushed out by many that hold little each.
  [[nodiscard]] std::optional<ConnectionId> greatest() const;

 private:
  std::map<std::pair<AddressBlock, ConnectionId>, std::size_t> held_;
  std::size_t total_ = 0;
};

}  // namespace conclave::transport::quic
