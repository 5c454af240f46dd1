#include "transport/memory/memory_network.h"

#include <catch2/catch.hpp>

#include <optional>

#include "base/bytes.h"
#include "transport/packets.h"

using namespace conclave;
using namespace conclave::transport;
using namespace conclave::transport::memory;
using conclave::test::media_packet;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// One member and a relay that keep what they hear.
struct Pair {
  explicit Pair(std::uint64_t seed, const Impairments& up = {}, const Impairments& down = {})
      : network(seed), client(network.connect(up, down, now)) {}

  void run(Duration span) {
    for (const Time end = now + span; now < end; now += milliseconds(1)) step();
  }
  void step() {
    for (auto& event : network.server().poll(now)) at_server.push_back(std::move(event));
    for (auto& event : client->poll(now)) at_client.push_back(std::move(event));
  }
  template <class Event>
  std::vector<Event> client_got() const {
    std::vector<Event> out;
    for (const auto& event : at_client) {
      if (const auto* found = std::get_if<Event>(&event)) out.push_back(*found);
    }
    return out;
  }
  template <class Event>
  std::vector<Event> server_got() const {
    std::vector<Event> out;
    for (const auto& event : at_server) {
      if (const auto* found = std::get_if<Event>(&event.event)) out.push_back(*found);
    }
    return out;
  }

  Time now{};
  MemoryNetwork network;
  std::unique_ptr<MemoryClient> client;
  std::vector<ServerEvent> at_server;
  std::vector<TransportEvent> at_client;
};

Impairments rough() {
  Impairments harm;
  harm.delay = milliseconds(75);
  harm.jitter = milliseconds(10);
  harm.loss = 0.2;
  harm.duplicate = 0.05;
  harm.reorder = 0.05;
  return harm;
}

Bytes numbered(std::size_t i) { return {static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}; }

}  // namespace

TEST_CASE("both ends hear that the connection stands, the client after one round trip", "[transport][memory][sim]") {
  Impairments path;
  path.delay = milliseconds(75);
  Pair pair(1, path, path);
  pair.run(milliseconds(150));
  CHECK(pair.client_got<TransportConnected>().empty());
  CHECK(pair.server_got<TransportConnected>().size() == 1);
  pair.run(milliseconds(2));
  CHECK(pair.client_got<TransportConnected>().size() == 1);
}

TEST_CASE("messages arrive whole, once and in order through heavy loss", "[transport][memory][sim]") {
  Pair pair(2, rough(), rough());
  for (std::size_t i = 0; i < 50; ++i) REQUIRE(pair.client->send_message(Channel::handshake, numbered(i), pair.now).ok());
  pair.run(seconds(5));
  for (std::size_t i = 50; i < 100; ++i) {
    REQUIRE(pair.client->send_message(Channel::handshake, numbered(i), pair.now).ok());
    REQUIRE(pair.network.server().send_message(pair.client->connection(), Channel::control, numbered(i), pair.now).ok());
    pair.run(milliseconds(20));
  }
  pair.run(seconds(20));
  const auto up = pair.server_got<TransportMessage>();
  REQUIRE(up.size() == 100);
  for (std::size_t i = 0; i < 100; ++i) CHECK(up[i].message == numbered(i));
  CHECK(pair.client_got<TransportMessage>().size() == 50);
}

TEST_CASE("media is lost and late as the path says, never doubled", "[transport][memory][sim]") {
  Pair pair(3, rough(), rough());
  pair.run(seconds(2));
  for (std::uint32_t i = 0; i < 2000; ++i) {
    REQUIRE(pair.client->send_media(media_packet(i), pair.now).ok());
    pair.run(milliseconds(2));
  }
  pair.run(seconds(1));
  const auto got = pair.server_got<MediaPacket>();
  CHECK(got.size() == Approx(1600).epsilon(0.05));
  std::vector<bool> seen(2000);
  for (const auto& packet : got) {
    CHECK_FALSE(seen[packet.header.stream_sequence]);
    seen[packet.header.stream_sequence] = true;
  }
}

TEST_CASE("what a hop would refuse is counted and not delivered; a damaged payload is", "[transport][memory][sim]") {
  Impairments harm;
  harm.corrupt = 0.5;
  harm.duplicate = 0.1;
  Pair pair(4, {}, harm);
  pair.run(seconds(1));
  for (std::uint32_t i = 0; i < 1000; ++i) {
    REQUIRE(pair.network.server().send_media(pair.client->connection(), media_packet(i), pair.now).ok());
  }
  pair.run(seconds(1));
  const auto got = pair.client_got<MediaPacket>();
  const TransportCounters counters = pair.client->counters();
  CHECK(counters.forged > 100);
  CHECK(counters.replayed > 50);
  CHECK(counters.media_received == got.size());
  CHECK(got.size() + counters.forged >= 1000);
  std::size_t damaged = 0;
  for (const auto& packet : got) {
    CHECK(packet.payload.size() == 200);
    damaged += equal(packet.payload.bytes(), Bytes(200, static_cast<std::uint8_t>(packet.header.stream_sequence))) ? 0 : 1;
  }
  CHECK(damaged > 200);
}

TEST_CASE("a relay that does not answer is unreachable within five seconds", "[transport][memory][sim]") {
  Impairments dead;
  dead.loss = 1;
  Pair pair(5, dead, {});
  pair.run(milliseconds(5001));
  const auto closed = pair.client_got<TransportClosed>();
  REQUIRE(closed.size() == 1);
  CHECK(closed[0].error.code == ErrorCode::unreachable);
  CHECK(pair.at_server.empty());
}

TEST_CASE("a cut path is noticed by both ends, and a short one heals", "[transport][memory][sim]") {
  Pair pair(6);
  pair.run(seconds(1));
  Impairments dead;
  dead.loss = 1;
  pair.client->change_up(pair.now, dead);
  pair.client->change_up(pair.now + seconds(3), {});
  REQUIRE(pair.client->send_message(Channel::control, numbered(1), pair.now).ok());
  pair.run(seconds(2));
  CHECK(pair.server_got<TransportMessage>().empty());
  pair.run(seconds(3));
  CHECK(pair.server_got<TransportMessage>().size() == 1);
  pair.client->cut(pair.now);
  pair.run(seconds(11));
  REQUIRE(pair.client_got<TransportClosed>().size() == 1);
  REQUIRE(pair.server_got<TransportClosed>().size() == 1);
  CHECK(pair.client_got<TransportClosed>()[0].error.code == ErrorCode::connection_lost);
  CHECK(pair.client->send_media(media_packet(1), pair.now).error().code == ErrorCode::invalid_state);
}

TEST_CASE("a goodbye arrives after what was sent before it, with its reason", "[transport][memory][sim]") {
  Pair pair(7, rough(), rough());
  pair.run(seconds(2));
  const ConnectionId id = pair.client->connection();
  for (std::size_t i = 0; i < 20; ++i) REQUIRE(pair.network.server().send_message(id, Channel::control, numbered(i), pair.now).ok());
  pair.network.server().close(id, ErrorCode::refused, "not today", pair.now);
  pair.run(seconds(10));
  CHECK(pair.client_got<TransportMessage>().size() == 20);
  const auto* closed = std::get_if<TransportClosed>(&pair.at_client.back());
  REQUIRE(closed != nullptr);
  CHECK(closed->error.code == ErrorCode::refused);
  CHECK(closed->error.detail == "not today");
  CHECK(pair.server_got<TransportClosed>().empty());  // who closes hears nothing more

  Pair second(8);
  second.run(seconds(1));
  second.client->close(second.now);
  second.run(seconds(1));
  CHECK(second.server_got<TransportClosed>().size() == 1);
  CHECK(second.client_got<TransportClosed>().empty());
}

TEST_CASE("a client that vanishes is noticed", "[transport][memory][sim]") {
  Pair pair(9);
  pair.run(seconds(1));
  pair.client.reset();
  for (const Time end = pair.now + seconds(11); pair.now < end; pair.now += milliseconds(10)) {
    for (auto& event : pair.network.server().poll(pair.now)) pair.at_server.push_back(std::move(event));
  }
  CHECK(pair.server_got<TransportClosed>().size() == 1);
}

TEST_CASE("a stranger's large message ends the connection, a member's passes", "[transport][memory][attack]") {
  Pair pair(10);
  pair.run(seconds(1));
  const Bytes large(max_stranger_message_size + 1);
  pair.network.server().admit(pair.client->connection());
  REQUIRE(pair.client->send_message(Channel::handshake, large, pair.now).ok());
  pair.run(seconds(1));
  CHECK(pair.server_got<TransportMessage>().size() == 1);

  Pair stranger(11);
  stranger.run(seconds(1));
  REQUIRE(stranger.client->send_message(Channel::handshake, large, stranger.now).ok());
  stranger.run(seconds(1));
  CHECK(stranger.server_got<TransportMessage>().empty());
  CHECK(stranger.server_got<TransportClosed>().size() == 1);
  REQUIRE(stranger.client_got<TransportClosed>().size() == 1);
  CHECK(stranger.client_got<TransportClosed>()[0].error.code == ErrorCode::limit_exceeded);
}

TEST_CASE("a sender is told when the peer does not keep up", "[transport][memory][sim]") {
  Impairments narrow;
  narrow.bandwidth = 100'000;
  Pair pair(12, narrow, {});
  pair.run(seconds(1));
  const Bytes large(max_message_size);
  CHECK(pair.client->send_message(Channel::handshake, large, pair.now).ok());
  CHECK(pair.client->send_message(Channel::handshake, large, pair.now).ok());
  CHECK(pair.client->send_message(Channel::handshake, large, pair.now).error().code == ErrorCode::limit_exceeded);
  CHECK(pair.client->send_message(Channel::handshake, Bytes(max_message_size + 1), pair.now).error().code ==
        ErrorCode::invalid_argument);
}

TEST_CASE("the same seed gives the same run", "[transport][memory][sim]") {
  const auto record = [](std::uint64_t seed) {
    Pair pair(seed, rough(), rough());
    std::vector<std::pair<Time, std::size_t>> log;
    for (std::uint32_t i = 0; i < 1000; ++i) {
      (void)pair.client->send_media(media_packet(i), pair.now);
      (void)pair.client->send_message(Channel::control, numbered(i), pair.now);
      pair.run(milliseconds(3));
      log.emplace_back(pair.now, pair.at_server.size());
    }
    return log;
  };
  CHECK(record(1) == record(1));
  CHECK(record(1) != record(2));
}
