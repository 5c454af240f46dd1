// Several addresses of one host, and the one that answers first ("happy eyeballs", after RFC 8305).
#pragma once

#include <poll.h>

#include <functional>
#include <optional>
#include <vector>

#include "runtime/datagram_transport.h"
#include "transport/address.h"
#include "transport/outgoing.h"

namespace conclave::runtime {

/// Looks like one transport. Tries the addresses in their order, each `stagger` after the one before or as soon as that
/// has failed; the first that connects is kept, the others say goodbye. Single-threaded, without a clock.
class DialRace {
 public:
  /// Begins a connection to one address.
  using Dial = std::function<std::unique_ptr<DatagramTransport>(const transport::Address& address, Time now)>;

  /// RFC 8305 section 5, "Connection Attempt Delay".
  static constexpr Duration stagger = std::chrono::milliseconds(250);
  /// More addresses than these are not tried.
  static constexpr std::size_t most_addresses = 8;

  /// Addresses from `guesses_from` on are guesses: whatever fails there, somebody else's server too, counts as `unreachable`.
  DialRace(std::vector<transport::Address> addresses, Dial dial, Time now, Time deadline, std::size_t guesses_from = most_addresses);

  /// True when `one` is worth more to know than `other`: who was reached and turned out to be wrong, rather than who was not reached.
  static bool says_more(const Error& one, const Error& other);

  /// Drops what comes from an address that is not being tried.
  void receive(const transport::Address& from, ByteView datagram, Time now);
  std::vector<transport::OutgoingPacket> transmit(Time now);
  std::vector<TransportEvent> poll(Time now);
  [[nodiscard]] Time next_deadline() const;

  /// Descriptors of attempts that are polled and have one of their own, with what they wait for.
  void add_descriptors(std::vector<pollfd>& out) const;

  /// The connection that won; null before. Lives as long as the race.
  [[nodiscard]] DatagramTransport* winner() const { return winner_ ? attempts_[*winner_].transport.get() : nullptr; }
  [[nodiscard]] std::optional<transport::Address> address() const;
  /// Says goodbye on every connection; no other is begun.
  void close(Time now);
  /// After `close`: every goodbye has left.
  [[nodiscard]] bool finished() const;

 private:
  struct Attempt {
    transport::Address address;
    std::unique_ptr<DatagramTransport> transport;  ///< null once it has failed, with a socket of its own, and said its last
    bool failed = false;
  };

  void start_due_attempts(Time now);
  void poll_attempt(std::size_t index, Time now, std::vector<TransportEvent>& events);
  void fail(std::size_t index, const Error& error, Time now);
  void drop_failed_sockets();
  void settle(std::size_t index, Time now);
  [[nodiscard]] bool exhausted() const;

  std::vector<transport::Address> addresses_;
  Dial dial_;
  Time deadline_;
  Time next_attempt_;
  std::size_t guesses_from_;
  std::vector<Attempt> attempts_;  ///< of the first addresses
  std::optional<std::size_t> winner_;
  std::optional<Error> worst_;  ///< the failure that says most
  bool over_ = false;
};

}  // namespace conclave::runtime
