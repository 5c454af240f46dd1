// A relay and its members in one process and in virtual time: no sockets, no cryptography, the same behaviour.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "conclave/transport.h"
#include "transport/memory/path.h"
#include "transport/server.h"

namespace conclave::transport::memory {

/// How long nothing may get through before a connection counts as lost, and before one that never stood as unreachable.
inline constexpr Duration idle_timeout = std::chrono::seconds(10);
inline constexpr Duration connect_timeout = std::chrono::seconds(5);
/// Bytes of messages under way in one direction of one connection before the sender is told to wait.
inline constexpr std::size_t max_backlog = 2 * max_message_size;

class Core;

/// A member's end. Behaves as the QUIC one: datagrams are lost, doubled and damaged as the paths say, but what a hop would
/// refuse (a damaged header, a replay) is dropped and counted; messages arrive whole and in order, late where packets
/// would have been lost. Who closes hears nothing more.
class MemoryClient final : public Transport {
 public:
  ~MemoryClient() override;

  Result<void> send_message(Channel channel, ByteView message, Time now) override;
  Result<void> send_media(const MediaPacket& packet, Time now) override;
  Result<void> send_feedback(ByteView feedback, Time now) override;
  std::vector<TransportEvent> poll(Time now) override;
  [[nodiscard]] Time next_deadline() const override;
  void close(Time now) override;
  [[nodiscard]] std::size_t max_payload_size() const override;
  [[nodiscard]] TransportCounters counters() const override;

  /// The name that the server's events give this connection.
  [[nodiscard]] ConnectionId connection() const { return id_; }
  /// From `at` on, the path towards the server (up) or from it (down) behaves like this.
  void change_up(Time at, const Impairments& impairments);
  void change_down(Time at, const Impairments& impairments);
  /// From `at` on nothing passes any more; both ends notice after `idle_timeout`.
  void cut(Time at);
  /// The other end has gone at `at`, and both notice at once.
  void reset(Time at);
  [[nodiscard]] const PathCounters& up() const;
  [[nodiscard]] const PathCounters& down() const;

 private:
  friend class MemoryNetwork;
  MemoryClient(std::shared_ptr<Core> core, ConnectionId id) : core_(std::move(core)), id_(id) {}

  std::shared_ptr<Core> core_;
  ConnectionId id_;
};

/// Pure: the same seed and the same calls give the same run. Outlives its server's users; clients may outlive it.
class MemoryNetwork {
 public:
  explicit MemoryNetwork(std::uint64_t seed);
  ~MemoryNetwork();

  /// The relay's end of all connections. Lives as long as the network.
  Server& server();
  /// A new member who begins to connect at `now`.
  std::unique_ptr<MemoryClient> connect(const Impairments& up, const Impairments& down, Time now);

 private:
  class MemoryServer;
  std::shared_ptr<Core> core_;
  std::unique_ptr<MemoryServer> server_;
};

}  // namespace conclave::transport::memory
