// The way back to our seat after the connection broke.
#pragma once

#include <optional>
#include <variant>

#include "conference/context.h"
#include "transport/seat_tokens.h"

namespace conclave::conference {

/// Asks for a new connection until one stands, shows the relay the token of our seat there, and gives up after
/// `ConferenceConfig::reconnect_window`. The token is known to the relay and to us, is used once, and opens nothing but the seat.
class Resumption {
 public:
  /// `connection` is the relay's name for us.
  Resumption(const Context& context, std::uint64_t connection);

  /// Asks the relay to keep our seat; once, when we have one.
  void keep_seat(ConferenceOutputs& out) const;

  /// Our seat is ours and messages may be sent.
  [[nodiscard]] bool seated() const { return std::holds_alternative<Seated>(state_); }
  /// True when a connection that ended so is to be made again.
  [[nodiscard]] bool worth_a_try(const Error& error) const;
  /// The connection, or the attempt at another, has failed.
  void lost(const Error& error, Time now, ConferenceOutputs& out);
  /// A new connection stands; `next_index` is the first entry of the log that we have not read.
  void connected(std::uint64_t next_index, Time now, ConferenceOutputs& out);
  /// An entry of the log was read.
  void note_read(const transport::LogEntry& entry) { last_read_ = {entry.index, transport::entry_digest(entry.message)}; }
  /// The relay gave us our seat back. False when nobody asked for it.
  bool resumed(Time now, ConferenceOutputs& out);

  /// What is due; the error when the time is over.
  std::optional<Error> expire(Time now, ConferenceOutputs& out);
  [[nodiscard]] Time next_deadline() const;

 private:
  static constexpr Duration first_pause = std::chrono::milliseconds(100);
  static constexpr Duration longest_pause = std::chrono::seconds(2);
  static constexpr Duration answer_timeout = std::chrono::seconds(4);

  struct Seated {};
  struct Pausing {
    Time until{};
  };
  struct Dialing {};  ///< the owner makes a connection, or says that it could not
  struct Asking {
    Time until{};
  };

  void dial(ConferenceOutputs& out);
  [[nodiscard]] Duration pause() const;

  const Context* context_;
  std::uint64_t connection_;
  transport::SeatTokens tokens_;
  struct LastRead {
    std::uint64_t index = 0;
    Bytes digest;
  };
  LastRead last_read_;
  std::variant<Seated, Pausing, Dialing, Asking> state_;
  Time since_{};
  int failures_ = 0;
  Error last_error_;
};

}  // namespace conclave::conference
