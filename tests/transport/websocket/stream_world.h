// A relay and members over simulated TCP: bytes in order, after a delay, at a rate, with a small send buffer.
#pragma once

#include <catch2/catch.hpp>

#include <deque>
#include <memory>
#include <vector>

#include "crypto/random.h"
#include "transport/packets.h"
#include "transport/quic/world.h"
#include "transport/websocket/client.h"
#include "transport/websocket/server.h"

namespace conclave::test {

namespace websocket = transport::websocket;

/// One direction of a stream.
struct Pipe {
  Duration delay = milliseconds(20);
  std::size_t rate = std::size_t{1} << 30;  ///< bytes a second
  bool cut = false;                         ///< nothing gets through any more
  std::deque<std::pair<Time, Bytes>> waiting;
  Time free_at{};  ///< when the last byte has left

  /// How much the sender's kernel takes now.
  [[nodiscard]] std::size_t room(Time now) const { return free_at > now + milliseconds(5) ? 0 : 4096; }
  void push(ByteView bytes, Time now) {
    free_at = std::max(free_at, now) + std::chrono::microseconds(1'000'000 * bytes.size() / rate);
    if (!cut) waiting.emplace_back(free_at + delay, Bytes(bytes.begin(), bytes.end()));
  }
  [[nodiscard]] Bytes arrived(Time now) {
    Bytes all;
    for (; !waiting.empty() && waiting.front().first <= now; waiting.pop_front()) {
      all.insert(all.end(), waiting.front().second.begin(), waiting.front().second.end());
    }
    return all;
  }
};

inline websocket::ClientConfig pinned_stream(const transport::quic::KeyHash& hash = relay_key().hash()) {
  websocket::ClientConfig config;
  config.relay_key_hash = hash;
  return config;
}

struct StreamMember {
  StreamMember(ConnectionId at, const websocket::ClientConfig& config, crypto::Random& random, Time now) : id(at), client(config, random, now) {}

  template <class Event>
  [[nodiscard]] std::vector<Event> got() const {
    std::vector<Event> out;
    for (const auto& event : events) {
      if (const auto* found = std::get_if<Event>(&event)) out.push_back(*found);
    }
    return out;
  }

  ConnectionId id;
  websocket::Client client;
  Pipe up, down;
  std::vector<TransportEvent> events;
  std::vector<Time> event_times;
  bool forgotten = false;  ///< by the relay
};

/// Steps by the millisecond.
class StreamWorld {
 public:
  explicit StreamWorld(std::uint64_t seed, const websocket::ServerConfig& config = {}, const transport::quic::RelayKey& key = relay_key())
      : random(seed), server(std::move(*websocket::WebSocketServer::make(key, config, random))) {}

  StreamMember& join(const websocket::ClientConfig& config = pinned_stream()) {
    const auto id = server->accept(Address::v4(10, 0, 0, static_cast<std::uint8_t>(members.size() + 1), 5000), now);
    REQUIRE(id);
    return *members.emplace_back(std::make_unique<StreamMember>(*id, config, random, now));
  }
  StreamMember& joined(const websocket::ClientConfig& config = pinned_stream()) {
    StreamMember& member = join(config);
    run(milliseconds(300));
    REQUIRE(member.got<TransportConnected>().size() == 1);
    return member;
  }

  void run(Duration span) {
    for (const Time end = now + span; now < end; now += milliseconds(1)) step();
  }

  template <class Event>
  [[nodiscard]] std::vector<Event> got() const {
    std::vector<Event> out;
    for (const auto& event : events) {
      if (const auto* found = std::get_if<Event>(&event.event)) out.push_back(*found);
    }
    return out;
  }

  crypto::SeededRandom random;
  Time now{};
  std::unique_ptr<websocket::WebSocketServer> server;
  std::vector<std::unique_ptr<StreamMember>> members;
  std::vector<ServerEvent> events;

 private:
  void step() {
    for (auto& member : members) {
      const Bytes up = member->up.arrived(now);
      if (!up.empty() && !member->forgotten) server->receive(member->id, up, now);
      const Bytes down = member->down.arrived(now);
      if (!down.empty()) member->client.receive(down, now);
      for (auto& event : member->client.poll(now)) {
        member->events.push_back(std::move(event));
        member->event_times.push_back(now);
      }
      write(*member);
    }
    for (auto& event : server->poll(now)) events.push_back(std::move(event));
    (void)server->take_talkative();
  }

  void write(StreamMember& member) {
    while (member.up.room(now) > 0) {
      const ByteView bytes = member.client.output(now);
      if (bytes.empty()) break;
      const ByteView part = bytes.first(std::min(bytes.size(), member.up.room(now)));
      member.up.push(part, now);
      member.client.consume(part.size());
    }
    while (!member.forgotten && member.down.room(now) > 0) {
      const ByteView bytes = server->output(member.id, now);
      if (bytes.empty()) break;
      const ByteView part = bytes.first(std::min(bytes.size(), member.down.room(now)));
      member.down.push(part, now);
      server->consume(member.id, part.size());
    }
    if (member.client.finished() && !member.forgotten && !member.up.cut) server->receive_end(member.id);
    if (!member.forgotten && server->forget_if_finished(member.id)) {
      member.forgotten = true;
      if (!member.down.cut && member.down.waiting.empty()) member.client.receive_end({ErrorCode::connection_lost, "the stream ended"});
    }
  }
};

}  // namespace conclave::test
