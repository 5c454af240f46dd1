// A relay for whoever hosts one: it forwards sealed media and orders sealed messages, and holds no key of any meeting.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conclave/error.h"
#include "conclave/relay_place.h"
#include "conclave/time.h"

namespace conclave {

/// Who may open rooms: everybody, until a token or a key is listed; then who shows one of them (`RoomPermit`).
struct RoomOpeners {
  std::vector<std::string> tokens;                     ///< each 1–128 bytes
  std::vector<std::array<std::uint8_t, 32>> keys;      ///< Ed25519 public keys
};

/// What one relay grants. Whatever is over a limit is refused or dropped, and counted.
struct RelayLimits {
  // The relay as a whole.
  std::size_t connections = 4096;
  std::size_t half_open = 256;              ///< handshakes at once
  std::size_t newcomers_per_second = 100;   ///< beyond it a newcomer shows first that it receives at its address
  std::size_t rooms = 1024;
  // One address: an IPv4 address, or the first 64 bits of an IPv6 one.
  std::size_t connections_per_address = 512;
  // One room.
  std::size_t members_per_room = 1024;
  std::size_t knocks_per_room = 100;        ///< waiting at once by the link
  std::size_t invited_knocks_per_room = 100;///< and by personal invitations, in a lane of their own
  std::size_t knock_seconds = 900;          ///< how long a knock waits for its answer
  std::size_t log_entries_per_room = 4096;  ///< kept for catching up
  std::size_t log_bytes_per_room = std::size_t{8} << 20;
  // One link, which is one room's.
  double knocks_per_second = 20;            ///< with bursts of five seconds' worth
  double invited_knocks_per_second = 20;    ///< likewise, through its lane
  // The door of the whole relay.
  std::size_t free_visits = 128;            ///< within some seconds, before knocks have to show work
  std::size_t work_bits = 18;               ///< at most: each doubles what a knock costs; 24 are the most, and clients of ours pay up to 20
  // One member.
  std::size_t streams_per_member = 16;
  std::size_t subscriptions_per_member = 256;
  double media_packets_per_second = 5000;
  std::size_t resume_seconds = 60;  ///< how long the seat of a broken connection is kept; 0: not at all
};

/// How a relay listens and what it allows.
struct RelayConfig {
  std::string listen = "::";  ///< a literal address; "::" takes IPv4 too
  std::uint16_t port = 4433;  ///< UDP; 0: any free one
  std::optional<std::uint16_t> tcp_port;  ///< for members whose network blocks UDP; nothing: the same number as UDP; 0: no TCP
  std::string key_file;       ///< PEM, made when missing, readable by its owner alone; empty: a key for this run only
  std::string state_file;     ///< keeps rooms over restarts, sealed or as digests; made when missing; empty: they end with the relay
  RoomOpeners openers;
  RelayLimits limits;
  bool full_hop = false;      ///< media packets are sealed whole for every member, not only where one asks (`ClientConfig::full_hop`): dearer by a pass over each
  bool keep_notes = false;    ///< for `take_notes`
};

/// One number about the relay: no address, room or person stands in it.
struct RelayMetric {
  std::string name;    ///< as Prometheus wants it, without a prefix: "knocks_total"
  std::string reason;  ///< for one of several of a name; empty: there is but one
  bool counter = true; ///< only grows; else a level
  double value = 0;
};

/// Something that happened to a connection or a room. For logs of operators who asked for names.
struct RelayNote {
  std::string event;    ///< "connected", "disconnected", "refused", "room opened", "room closed"
  std::string address;  ///< of the connection, with its port; empty when it is gone or none is concerned
  std::string room;     ///< hexadecimal; empty when none is concerned
};

/// Listens from `start` until `stop` or its end, on a thread of its own. Its methods may be called from any thread; none
/// calls back.
class RelayService {
 public:
  /// `invalid_argument` for an address that is none or a token of another size, `io_error` when the port is taken or the key
  /// or state file cannot be read or made, `malformed` when it holds no key, `damaged_state` when the state is none of ours, `out_of_resources` without descriptors or threads.
  static Result<RelayService> start(const RelayConfig& config);

  RelayService(RelayService&&) noexcept;
  RelayService& operator=(RelayService&&) noexcept;
  ~RelayService();  ///< stops

  /// Takes up the openers and the limits of `config`; nobody is disconnected. `invalid_argument` for another address, port or
  /// key file, which need a new start, and for a token of another size.
  Result<void> reload(const RelayConfig& config);
  /// Opens no rooms any more. Meetings go on until they end by themselves, or until `stop`.
  void drain();
  /// Says goodbye to everybody, waits at most 300 ms until that has left, and ends the thread. Again: nothing.
  void stop();

  [[nodiscard]] std::uint16_t port() const;  ///< UDP, that it listens on
  [[nodiscard]] std::uint16_t tcp_port() const;  ///< TCP; 0: none
  [[nodiscard]] const std::array<std::uint8_t, 32>& key_hash() const;  ///< that links pin
  [[nodiscard]] std::size_t rooms() const;  ///< that are open
  /// All of them, in a constant order.
  [[nodiscard]] std::vector<RelayMetric> metrics() const;
  /// What happened since the last call, at most a few thousand, if `RelayConfig::keep_notes` was set at the start.
  std::vector<RelayNote> take_notes();

 private:
  class State;
  explicit RelayService(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace conclave
