// How a member's engine talks to a relay. Apps plug in their own path by implementing `Transport`.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "conclave/bytes.h"
#include "conclave/error.h"
#include "conclave/frame.h"
#include "conclave/time.h"

namespace conclave {

/// Reliable, ordered streams of messages; each is ordered in itself, none waits for another.
enum class Channel : std::uint8_t {
  control = 0,      ///< joining, subscribing, statistics
  handshake = 1,    ///< MLS messages, knocks, Welcomes
  application = 2,  ///< chat and data of the app
};

/// The largest message on a channel, in bytes. Longer ones are refused by both ends before they are buffered.
inline constexpr std::size_t max_message_size = std::size_t{4} << 20;

/// The connection stands: the relay proved the key that the link pins. `exporter` keys nothing above the transport.
struct TransportConnected {};

/// The connection is over and will not come back. `error` says why: `unreachable` (within 5 s), `identity_mismatch`,
/// `version_mismatch`, `connection_lost` (silence, or the peer said goodbye), or the code with which the peer closed it.
struct TransportClosed {
  Error error;
};

/// A whole message of a channel.
struct TransportMessage {
  Channel channel = Channel::control;
  Bytes message;
};

/// Feedback about media: NACKs, keyframe requests, reports. Unreliable. At most 1,100 bytes.
struct TransportFeedback {
  Bytes feedback;
};

using TransportEvent = std::variant<TransportConnected, TransportClosed, TransportMessage, TransportFeedback, MediaPacket>;

/// Packets that a transport dropped, by reason. Nothing dropped changed any state.
struct TransportCounters {
  std::uint64_t media_sent = 0;
  std::uint64_t media_received = 0;
  std::uint64_t malformed = 0;      ///< does not parse
  std::uint64_t forged = 0;         ///< hop tag does not verify
  std::uint64_t replayed = 0;       ///< seen before, or older than the window of 1,024
  std::uint64_t unknown_connection = 0;
  std::uint64_t oversized = 0;      ///< a message above the limit; it ended its connection
  std::uint64_t overflowed = 0;     ///< the owner did not fetch what waited for it
  std::uint64_t stale = 0;          ///< media that waited too long for a stream, and were given up before they were written
  std::uint64_t unfinished = 0;     ///< messages that did not come to their end in time, or were too large before it together; each ended its connection
};

/// One connection from a member to a relay. Single-threaded, without a clock: its owner hands the time in.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  /// Queues one message of 1 to `max_message_size` bytes, before `TransportConnected` too. `limit_exceeded` when the
  /// peer does not keep up, `invalid_argument` when it is empty or too large, `invalid_state` after the end.
  virtual Result<void> send_message(Channel channel, ByteView message, Time now) = 0;
  /// Sends one media packet whose payload fits `max_payload_size()`; fills in `send_time`. Never blocks; may be lost.
  /// `invalid_state` before `TransportConnected`, `invalid_argument` when it does not fit. Feedback likewise.
  virtual Result<void> send_media(const MediaPacket& packet, Time now) = 0;
  virtual Result<void> send_feedback(ByteView feedback, Time now) = 0;  ///< unreliable, at most 1,100 bytes

  /// What happened since the last call, in order.
  virtual std::vector<TransportEvent> poll(Time now) = 0;
  /// When `poll` has to be called again even if nothing arrives.
  [[nodiscard]] virtual Time next_deadline() const = 0;

  /// Says goodbye and stops: no event follows. What was queued on the channels is still delivered where the path allows.
  virtual void close(Time now) = 0;

  /// The largest payload of a media packet, in bytes.
  [[nodiscard]] virtual std::size_t max_payload_size() const = 0;
  [[nodiscard]] virtual TransportCounters counters() const = 0;  ///< since it was made
};

}  // namespace conclave
