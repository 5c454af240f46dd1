// What lies between the ends of a memory network.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "transport/memory/memory_network.h"

namespace conclave::transport::memory {

enum class End : std::uint8_t { client, server };

/// Events on their way to one end, in the order of arrival.
using Mailbox = std::map<std::pair<Time, std::uint64_t>, ServerEvent>;

/// One end of one connection.
struct Endpoint {
  bool connected = false;
  bool closed = false;
  std::size_t backlog = 0;  ///< bytes of messages sent by this end that have not arrived
  std::size_t message_limit = max_message_size;
  std::array<Time, 3> last_arrival{Time::min(), Time::min(), Time::min()};  ///< of what this end sent, per channel
  TransportCounters counters;
  std::uint32_t media_lost = 0;  ///< of what this end sent
};

struct Connection {
  Connection(Path up_path, Path down_path) : up(std::move(up_path)), down(std::move(down_path)) {}
  Path up;
  Path down;
  std::array<Endpoint, 2> ends;
  std::vector<TransportMessage> waiting;  ///< sent by the client before it was connected
  Mailbox to_client;

  Endpoint& end(End which) { return ends[static_cast<std::size_t>(which)]; }
  Path& path_from(End which) { return which == End::client ? up : down; }
};

class Core {
 public:
  explicit Core(std::uint64_t seed) : dice_(seed) {}

  ConnectionId connect(const Impairments& up, const Impairments& down, Time now);
  Connection& connection(ConnectionId id) { return connections_.at(id); }
  Connection* find(ConnectionId id);

  Result<void> send_message(ConnectionId id, End from, Channel channel, ByteView message, Time now);
  Result<void> send_media(ConnectionId id, End from, const MediaPacket& packet, Time now);
  Result<void> send_feedback(ConnectionId id, End from, ByteView feedback, Time now);
  /// Closes `from`'s end; the other end learns `error` after all that was sent to it.
  void close(ConnectionId id, End from, Error error, Time now);
  /// Both ends learn at `at` that the connection is lost.
  void lose(ConnectionId id, Time at);
  /// The client is gone without a word.
  void abandon(ConnectionId id);

  std::vector<ServerEvent> poll(Mailbox& box, End end, Time now);
  Mailbox to_server;

 private:
  void deliver(ConnectionId id, End to, Time at, TransportEvent event);
  void launch(ConnectionId id, End from, TransportMessage message, Time now);
  void accept(ConnectionId id, Time at);
  void flush_waiting(ConnectionId id, Time at);
  bool arrive(const ServerEvent& event, End end, Time at);
  bool arrive_message(Connection& connection, ConnectionId id, End end, const TransportMessage& message, Time at);
  bool survives(Connection& connection, End to, MediaPacket& packet, Path& path);

  Dice dice_;
  std::map<ConnectionId, Connection> connections_;
  std::uint64_t events_ = 0;
  Time last_now_ = Time::min();
  std::optional<Error> refused_;  ///< why the last message to arrive ended its connection
};

}  // namespace conclave::transport::memory
