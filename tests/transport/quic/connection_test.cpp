#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "transport/quic/world.h"

using namespace conclave;
using namespace conclave::test;

namespace {

Bytes numbered(std::size_t i, std::size_t size = 2) {
  Bytes bytes(size, static_cast<std::uint8_t>(i * 31));
  bytes[0] = static_cast<std::uint8_t>(i >> 8);
  bytes[1] = static_cast<std::uint8_t>(i);
  return bytes;
}

Impairments rough(double loss) {
  Impairments harm = path(milliseconds(75), loss);
  harm.jitter = milliseconds(5);
  harm.reorder = 0.05;
  harm.duplicate = 0.05;
  return harm;
}

}  // namespace

TEST_CASE("a connection stands after one round trip and media flows at once", "[transport][quic][sim]") {
  World world(1, path(milliseconds(75)));
  Member& member = world.join();
  world.run(milliseconds(151));
  REQUIRE(member.got<TransportConnected>().size() == 1);
  REQUIRE(member.client.send_media(media_packet(7), world.now).ok());
  world.run(milliseconds(80));
  REQUIRE(world.got<TransportConnected>().size() == 1);
  REQUIRE(world.got<MediaPacket>().size() == 1);
  CHECK(same_header(world.got<MediaPacket>()[0].header, media_packet(7).header));
}

TEST_CASE("messages cross in both directions on all channels, whole and in order", "[transport][quic][sim]") {
  World world(2, path(milliseconds(20)));
  auto [member, id] = world.joined();
  for (std::size_t i = 0; i < 30; ++i) {
    const auto channel = static_cast<Channel>(i % 3);
    REQUIRE(member.client.send_message(channel, numbered(i, 2 + i * 100), world.now).ok());
    REQUIRE(world.server->send_message(id, channel, numbered(i, 2 + i * 200), world.now).ok());
  }
  world.run(seconds(2));
  const auto up = world.got<TransportMessage>();
  const auto down = member.got<TransportMessage>();
  REQUIRE(up.size() == 30);
  REQUIRE(down.size() == 30);
  std::array<std::size_t, 3> next_up{0, 1, 2};
  for (const auto& message : up) {
    std::size_t& i = next_up[static_cast<std::size_t>(message.channel)];
    CHECK(message.message == numbered(i, 2 + i * 100));
    i += 3;
  }
  std::array<std::size_t, 3> next_down{0, 1, 2};
  for (const auto& message : down) {
    std::size_t& i = next_down[static_cast<std::size_t>(message.channel)];
    CHECK(message.message == numbered(i, 2 + i * 200));
    i += 3;
  }
}

TEST_CASE("messages queued before the handshake are sent after it", "[transport][quic][sim]") {
  World world(3, path(milliseconds(20)));
  Member& member = world.join();
  REQUIRE(member.client.send_message(Channel::control, numbered(1), world.now).ok());
  CHECK(member.client.send_media(media_packet(1), world.now).error().code == ErrorCode::invalid_state);
  world.run(seconds(1));
  REQUIRE(world.got<TransportMessage>().size() == 1);
  CHECK(std::holds_alternative<TransportConnected>(world.events.front().event));
}

TEST_CASE("through loss, reordering and duplication messages arrive once and media at most once", "[transport][quic][sim]") {
  const double loss = GENERATE(0.0, 0.05, 0.2);
  World world(4, rough(loss));
  auto [member, id] = world.joined();
  for (std::uint32_t i = 0; i < 500; ++i) {
    REQUIRE(member.client.send_message(Channel::handshake, numbered(i, 300), world.now).ok());
    REQUIRE(member.client.send_media(media_packet(i, 1000), world.now).ok());
    REQUIRE(world.server->send_media(id, media_packet(i, 1000), world.now).ok());
    world.run(milliseconds(10));
  }
  world.run(seconds(10));
  const auto messages = world.got<TransportMessage>();
  REQUIRE(messages.size() == 500);
  for (std::size_t i = 0; i < messages.size(); ++i) CHECK(messages[i].message == numbered(i, 300));
  CHECK(world.got<MediaPacket>().size() == Approx(500 * (1 - loss)).margin(30));
  CHECK(member.got<MediaPacket>().size() == Approx(500 * (1 - loss)).margin(30));
  CHECK(member.client.counters().replayed > 5);
  CHECK(member.client.counters().forged == 0);
  CHECK(world.got<TransportClosed>().empty());
}

TEST_CASE("the handshake survives heavy loss", "[transport][quic][sim]") {
  int connected = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    World world(seed, rough(0.2));
    Member& member = world.join();
    world.run(seconds(5));
    connected += member.got<TransportConnected>().size() == 1 ? 1 : 0;
  }
  CHECK(connected >= 19);
}

TEST_CASE("a message of four megabytes crosses once the relay admits its sender", "[transport][quic][sim]") {
  World world(5, path(milliseconds(10)));
  auto [member, id] = world.joined();
  world.server->admit(id);
  const Bytes large = numbered(9, max_message_size);
  REQUIRE(member.client.send_message(Channel::handshake, large, world.now).ok());
  REQUIRE(world.server->send_message(id, Channel::handshake, large, world.now).ok());
  world.run(seconds(20));
  REQUIRE(world.got<TransportMessage>().size() == 1);
  CHECK(world.got<TransportMessage>()[0].message == large);
  REQUIRE(member.got<TransportMessage>().size() == 1);
  CHECK(member.got<TransportMessage>()[0].message == large);
}

TEST_CASE("a sender learns that its peer does not keep up, and what it queued still arrives", "[transport][quic][sim]") {
  World world(6, path(milliseconds(10)));
  auto [member, id] = world.joined();
  world.server->admit(id);
  const Bytes large = numbered(1, max_message_size / 2);
  std::size_t sent = 0;
  while (member.client.send_message(Channel::application, large, world.now).ok()) ++sent;
  CHECK(sent == 3);
  CHECK(member.client.send_message(Channel::application, large, world.now).error().code == ErrorCode::limit_exceeded);
  world.run(seconds(30));
  CHECK(world.got<TransportMessage>().size() == sent);
  CHECK(member.client.send_message(Channel::application, large, world.now).ok());
  CHECK(member.client.send_message(Channel::application, {}, world.now).error().code == ErrorCode::invalid_argument);
  CHECK(member.client.send_message(Channel::application, Bytes(max_message_size + 1), world.now).error().code ==
        ErrorCode::invalid_argument);
}

TEST_CASE("feedback and the largest media packet fit one datagram", "[transport][quic][sim]") {
  World world(7, path(milliseconds(10)));
  std::size_t largest = 0;
  world.filter = [&](auto& datagram) {
    largest = std::max(largest, datagram.bytes.size());
    return true;
  };
  auto [member, id] = world.joined();
  const Bytes feedback(1100, 5);
  REQUIRE(member.client.send_feedback(feedback, world.now).ok());
  REQUIRE(world.server->send_feedback(id, feedback, world.now).ok());
  REQUIRE(member.client.send_media(media_packet(1, member.client.max_payload_size()), world.now).ok());
  CHECK(member.client.send_media(media_packet(1, member.client.max_payload_size() + 1), world.now).error().code ==
        ErrorCode::invalid_argument);
  CHECK(member.client.send_feedback(Bytes(1101), world.now).error().code == ErrorCode::invalid_argument);
  world.run(milliseconds(50));
  REQUIRE(world.got<TransportFeedback>().size() == 1);
  CHECK(world.got<TransportFeedback>()[0].feedback == feedback);
  CHECK(member.got<TransportFeedback>().size() == 1);
  CHECK(world.got<MediaPacket>().size() == 1);
  CHECK(largest == max_datagram_size);
}

TEST_CASE("a silent connection is kept alive, a dead one is lost after its idle time", "[transport][quic][sim]") {
  World world(8, path(milliseconds(20)));
  auto [member, id] = world.joined();
  world.run(seconds(60));
  CHECK(member.got<TransportClosed>().empty());
  CHECK(world.got<TransportClosed>().empty());
  world.filter = [](auto&) { return false; };
  world.run(seconds(14));
  REQUIRE(member.got<TransportClosed>().size() == 1);
  CHECK(member.got<TransportClosed>()[0].error.code == ErrorCode::connection_lost);
  REQUIRE(world.got<TransportClosed>().size() == 1);
  CHECK(world.got<TransportClosed>()[0].error.code == ErrorCode::connection_lost);
  CHECK(world.server->connections() == 0);
  CHECK(member.client.finished());
}

TEST_CASE("a relay that is not there is unreachable within five seconds", "[transport][quic][sim]") {
  World world(9, path(milliseconds(20)));
  world.filter = [](auto&) { return false; };
  Member& member = world.join();
  world.run(seconds(5));
  REQUIRE(member.got<TransportClosed>().size() == 1);
  CHECK(member.got<TransportClosed>()[0].error.code == ErrorCode::unreachable);
  CHECK(member.client.finished());
}

TEST_CASE("a goodbye follows what was queued and brings its reason", "[transport][quic][sim]") {
  World world(10, rough(0.1));
  auto [member, id] = world.joined();
  for (std::size_t i = 0; i < 100; ++i) {
    REQUIRE(world.server->send_message(id, Channel::control, numbered(i, 500), world.now).ok());
  }
  world.server->close(id, ErrorCode::refused, "not today", world.now);
  CHECK(world.server->send_message(id, Channel::control, numbered(1), world.now).error().code == ErrorCode::invalid_state);
  world.run(seconds(5));
  CHECK(member.got<TransportMessage>().size() == 100);
  const auto* closed = std::get_if<TransportClosed>(&member.events.back());
  REQUIRE(closed != nullptr);
  CHECK(closed->error.code == ErrorCode::refused);
  CHECK(closed->error.detail == "not today");
  CHECK(world.got<TransportClosed>().empty());
  CHECK(world.server->connections() == 0);
}

TEST_CASE("a client's goodbye reaches the relay and the client is finished", "[transport][quic][sim]") {
  World world(11, rough(0.1));
  auto [member, id] = world.joined();
  REQUIRE(member.client.send_message(Channel::control, numbered(1), world.now).ok());
  member.client.close(world.now);
  world.run(seconds(6));
  CHECK(world.got<TransportMessage>().size() == 1);
  REQUIRE(world.got<TransportClosed>().size() == 1);
  CHECK(world.got<TransportClosed>()[0].error.detail == "the peer said goodbye");
  CHECK(member.got<TransportClosed>().empty());
  CHECK(member.client.finished());
}

TEST_CASE("many members share a relay", "[transport][quic][sim]") {
  World world(12, path(milliseconds(20)));
  for (int i = 0; i < 30; ++i) world.join();
  world.run(seconds(2));
  CHECK(world.got<TransportConnected>().size() == 30);
  for (const auto& event : std::vector<ServerEvent>(world.events)) {
    if (!std::holds_alternative<TransportConnected>(event.event)) continue;
    REQUIRE(world.server->send_media(event.connection, media_packet(static_cast<std::uint32_t>(event.connection)), world.now).ok());
  }
  world.run(seconds(1));
  for (const auto& member : world.members) CHECK(member->got<MediaPacket>().size() == 1);
}
