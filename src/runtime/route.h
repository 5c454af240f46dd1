// The way to a relay: QUIC where UDP gets through, a WebSocket over TCP where it does not, and the change from one to the other.
#pragma once

#include <poll.h>

#include <list>
#include <optional>
#include <utility>
#include <vector>

#include "conclave/client.h"
#include "runtime/dial_race.h"

namespace conclave::runtime {

/// How connections are begun; without one of the two there is no race and no change.
struct RouteDials {
  DialRace::Dial quic;
  DialRace::Dial websocket;
  Duration timeout = std::chrono::seconds(4);
};

/// Looks like one transport that may break and come back at once: when another way is better it says `TransportClosed`, and has the other
/// connection standing; whoever then asks for one (`change_over`) gets it, and shows it the token of its seat. The former one ends when the seat
/// is ours over the other (`set_seated`). Single-threaded, without a clock.
class Route {
 public:
  /// TCP is tried so long after UDP, and at this port too, which few networks block.
  static constexpr Duration head_start = DialRace::stagger;
  static constexpr std::uint16_t open_port = 443;
  /// What we sent over UDP waits so long for an answer: then TCP is tried.
  static constexpr Duration patience = std::chrono::seconds(1);
  static constexpr Duration first_probe = std::chrono::seconds(5);    ///< of UDP, while TCP carries
  static constexpr Duration longest_probe = std::chrono::seconds(30);
  static constexpr Duration steady_after = std::chrono::seconds(20);  ///< UDP that carried so long is worth a quick probe again

  Route(std::vector<transport::Address> addresses, RouteDials dials, Time now, Time deadline);

  /// A datagram; connections over TCP read their own sockets.
  void receive(const transport::Address& from, ByteView datagram, Time now);
  std::vector<transport::OutgoingPacket> transmit(Time now);
  std::vector<TransportEvent> poll(Time now);
  [[nodiscard]] Time next_deadline() const;
  void add_descriptors(std::vector<pollfd>& out) const;

  /// Only a member with a seat can change over; one that is just coming back to it cannot.
  void set_seated(bool seated) { seated_ = seated; }
  /// What was said to be closed is to be changed for a connection that stands.
  [[nodiscard]] bool changing() const { return changing_; }
  /// After `TransportClosed`: puts the connection that stands into its place, and says `TransportConnected` next. False when there is none.
  bool change_over(Time now);

  /// The connection that carries; null before.
  [[nodiscard]] DatagramTransport* current() const { return current_ ? current_->winner() : nullptr; }
  [[nodiscard]] RelayTransport kind() const { return current_ ? kind_ : RelayTransport::none; }
  [[nodiscard]] std::optional<transport::Address> address() const { return current_ ? current_->address() : std::nullopt; }
  void close(Time now);
  /// After `close`: every goodbye has left.
  [[nodiscard]] bool finished() const;

 private:
  struct Retired {
    DialRace race;
    Time until{};
  };

  void race(DialRace& runner, RelayTransport kind, Time now, std::vector<TransportEvent>& events);
  void settle(RelayTransport kind, Time now);
  void look_around(Time now, std::vector<TransportEvent>& events);
  void begin_spare(Time now);
  void poll_spare(Time now);
  void poll_former(Time now);
  void drop_spare(Time now);
  void retire(std::optional<DialRace>& race, Time now);
  void carry(RelayTransport kind, Time now);
  [[nodiscard]] bool unheard(Time now) const;
  [[nodiscard]] std::vector<transport::Address> tcp_addresses() const;
  [[nodiscard]] std::size_t certain_addresses() const;
  [[nodiscard]] RelayTransport other() const { return kind_ == RelayTransport::quic ? RelayTransport::websocket : RelayTransport::quic; }
  template <class Do>
  void each_race(Do action);

  std::vector<transport::Address> addresses_;
  RouteDials dials_;
  std::optional<DialRace> quic_;  ///< until one has won
  std::optional<DialRace> tcp_;
  std::optional<Error> worst_;    ///< of those that failed
  std::optional<DialRace> current_;
  RelayTransport kind_ = RelayTransport::none;
  std::optional<DialRace> former_;  ///< that we changed from, while our seat is still at it
  std::optional<DialRace> spare_;   ///< of the other kind
  std::list<Retired> retired_;     ///< say goodbye
  bool seated_ = false;
  bool changing_ = false;   ///< we said that the connection is closed
  bool connected_ = false;  ///< to be said
  bool over_ = false;
  Time carries_since_{};
  Time next_probe_ = never;
  Duration probe_interval_ = first_probe;
};

}  // namespace conclave::runtime
