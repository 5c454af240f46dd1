// A relay with its sockets, its thread and its clock, in one object: embedded in a host's process or run by a program.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "relay/counters.h"
#include "relay/limits.h"
#include "relay/notes.h"
#include "relay/openers.h"
#include "runtime/sqlite_store.h"
#include "runtime/udp_socket.h"
#include "transport/quic/relay_key.h"
#include "transport/quic/server.h"
#include "transport/websocket/server.h"

namespace conclave::runtime {

struct RelayServerConfig {
  std::string listen = "::";  ///< a literal address; "::" takes IPv4 too
  std::uint16_t port = 4433;  ///< UDP; 0: any free one
  std::optional<std::uint16_t> tcp_port;  ///< for who cannot use UDP; nothing: the same number; 0: no TCP
  std::string key_file;       ///< PEM, made when missing, readable by its owner alone; empty: a key for this run only
  std::string state_file;     ///< rooms are kept there over restarts; made when missing; empty: they end with the relay
  relay::Limits limits;
  transport::quic::ServerConfig quic;
  transport::websocket::ServerConfig websocket;
  relay::Openers openers;
  bool keep_notes = false;
  Duration disk_patience = std::chrono::seconds(5);  ///< how long `stop` waits for the state file
  std::function<void()> before_state_write;  ///< called on the thread that writes the state file, before each transaction: for tests of slow disks
};

/// A note of the relay, with the address that it concerns while the connection stands.
struct AddressedNote {
  relay::Note note;
  std::optional<transport::Address> address;
};

/// For the relay that a host embeds: one room, and few enough strangers that they cannot fill the host's memory.
RelayServerConfig embedded_relay();

struct RelayServerReport {
  relay::Counters relay;
  transport::quic::ServerCounters quic;
  transport::websocket::ServerCounters websocket;
  UdpCounters udp;
  std::size_t connections_tcp = 0;
  std::uint64_t accepts_failed = 0;  ///< newcomers over TCP that wait because there are no descriptors left
  std::uint64_t unsent = 0;  ///< packets dropped because the socket did not take them for too long
  std::size_t connections = 0;
  std::size_t half_open = 0;
  std::size_t rooms = 0;
  std::size_t seats_away = 0;     ///< whose members are expected back
  std::size_t messages_waiting = 0;  ///< for the state file
  bool state_kept = false;        ///< there is a state file, and it holds everything
  SqliteStoreCounters state;
  std::uint64_t turns = 0;   ///< of the thread
};

/// Listens from `start` until `stop` or its end. Its methods may be called from any thread; none of them calls back.
class RelayServer {
 public:
  /// `invalid_argument` for an address that is none, `io_error` when the port is taken or the key file cannot be read or
  /// made, or the state file likewise, `damaged_state` when that is none of ours, `malformed` when the key file holds no key, `out_of_resources` when there are no descriptors or threads left.
  static Result<std::unique_ptr<RelayServer>> start(const RelayServerConfig& config);

  RelayServer(const RelayServer&) = delete;
  RelayServer& operator=(const RelayServer&) = delete;
  /// Stops.
  ~RelayServer();

  /// Takes up the limits and the openers of `config`; the rest of it needs a new start.
  void reload(const RelayServerConfig& config);
  /// Opens no rooms any more; those that are open go on.
  void drain();

  /// Says goodbye to everybody, waits at most 300 ms until that has left, and ends the thread; then at most `disk_patience` until the state file holds
  /// everything. A disk that hangs longer has what it was told of before, which is all that members were told of, too. Again: nothing.
  void stop();

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::uint16_t tcp_port() const;  ///< 0: none
  /// What links pin.
  [[nodiscard]] const transport::quic::KeyHash& key_hash() const;
  /// As things stand; of a relay that has stopped, how they stood.
  [[nodiscard]] RelayServerReport report() const;
  /// Since the last call, if `keep_notes` was set.
  std::vector<AddressedNote> take_notes();

 private:
  class Worker;
  explicit RelayServer(std::unique_ptr<Worker> worker);
  std::unique_ptr<Worker> worker_;
};

}  // namespace conclave::runtime
