// A relay and members speaking QUIC over a simulated network.
#pragma once

#include <catch2/catch.hpp>

#include <functional>
#include <memory>
#include <vector>

#include "crypto/random.h"
#include "transport/memory/packet_network.h"
#include "transport/packets.h"
#include "transport/quic/client.h"
#include "transport/quic/server.h"

namespace conclave::test {

using transport::Address;
using transport::ConnectionId;
using transport::ServerEvent;
using transport::memory::Impairments;
using transport::memory::PacketNetwork;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// The same relay key for all tests: making one is slow under sanitizers.
inline const transport::quic::RelayKey& relay_key() {
  static const auto key = [] {
    auto made = transport::quic::RelayKey::generate();
    REQUIRE(made.ok());
    return std::move(*made);
  }();
  return key;
}

inline transport::quic::ClientConfig pinned(const transport::quic::KeyHash& hash = relay_key().hash()) {
  transport::quic::ClientConfig config;
  config.relay_key_hash = hash;
  return config;
}

struct Member {
  Member(const Address& at, const transport::quic::ClientConfig& config, crypto::Random& random, Time now)
      : address(at), client(config, random, now) {}

  template <class Event>
  [[nodiscard]] std::vector<Event> got() const {
    std::vector<Event> out;
    for (const auto& event : events) {
      if (const auto* found = std::get_if<Event>(&event)) out.push_back(*found);
    }
    return out;
  }

  Address address;
  transport::quic::Client client;
  std::vector<TransportEvent> events;
};

/// Steps from deadline to deadline. What is sent passes `filter` first: false drops it, and it may change it.
class World {
 public:
  explicit World(std::uint64_t seed, const Impairments& everywhere = {}, const transport::quic::ServerConfig& config = {},
                 const transport::quic::RelayKey& key = relay_key())
      : network(seed, everywhere), random(seed), server(std::move(*transport::quic::QuicServer::make(key, config, random))) {}

  Member& join(const transport::quic::ClientConfig& config = pinned()) {
    const auto number = static_cast<std::uint8_t>(members.size() + 1);
    const Address at = Address::v4(10, 0, static_cast<std::uint8_t>(members.size() / 250), number, 5000);
    return *members.emplace_back(std::make_unique<Member>(at, config, random, now));
  }
  /// A member who has joined, and the server's name for the connection.
  std::pair<Member&, ConnectionId> joined(const transport::quic::ClientConfig& config = pinned()) {
    Member& member = join(config);
    const std::size_t before = got<TransportConnected>().size();
    run(seconds(4));
    REQUIRE(member.got<TransportConnected>().size() == 1);
    REQUIRE(got<TransportConnected>().size() == before + 1);
    ConnectionId id = 0;
    for (const auto& event : events) {
      if (std::holds_alternative<TransportConnected>(event.event)) id = event.connection;
    }
    return {member, id};
  }

  void run(Duration span) {
    const Time end = now + span;
    for (;;) {
      settle();
      Time next = std::min(network.next_deadline(), server->next_deadline());
      for (const auto& member : members) next = std::min(next, member->client.next_deadline());
      if (next > end) break;
      now = std::max(now + std::chrono::microseconds(1), next);
    }
    now = end;
  }

  template <class Event>
  [[nodiscard]] std::vector<Event> got() const {
    std::vector<Event> out;
    for (const auto& event : events) {
      if (const auto* found = std::get_if<Event>(&event.event)) out.push_back(*found);
    }
    return out;
  }

  PacketNetwork network;
  crypto::SeededRandom random;
  Time now{};
  Address server_address = Address::v4(10, 9, 9, 9, 443);
  std::unique_ptr<transport::quic::QuicServer> server;
  std::vector<std::unique_ptr<Member>> members;
  std::vector<ServerEvent> events;
  std::function<bool(transport::memory::Datagram&)> filter;
  std::uint64_t datagrams = 0;

  void send(transport::memory::Datagram datagram) {
    ++datagrams;
    if (!filter || filter(datagram)) network.send(datagram.from, datagram.to, datagram.bytes, now);
  }

 private:
  /// Exchanges what takes no time.
  void settle() {
    for (int round = 0; round < 50; ++round) {
      const auto arrived = network.receive(now);
      for (const auto& datagram : arrived) deliver(datagram);
      for (auto& event : server->poll(now)) events.push_back(std::move(event));
      for (auto& packet : server->transmit(now)) send({server_address, packet.to, whole(std::move(packet))});
      for (auto& member : members) {
        for (auto& event : member->client.poll(now)) member->events.push_back(std::move(event));
        for (auto& packet : member->client.transmit(now)) send({member->address, server_address, std::move(packet)});
      }
      if (arrived.empty() && network.next_deadline() > now) return;
    }
  }

  void deliver(const transport::memory::Datagram& datagram) {
    if (datagram.to == server_address) return server->receive(datagram.from, datagram.bytes, now);
    for (auto& member : members) {
      if (member->address == datagram.to) member->client.receive(datagram.bytes, now);
    }
  }
};

inline Impairments path(Duration delay, double loss = 0) {
  Impairments harm;
  harm.delay = delay;
  harm.loss = loss;
  return harm;
}

}  // namespace conclave::test
