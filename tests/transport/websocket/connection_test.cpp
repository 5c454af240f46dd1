#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "transport/joint_server.h"
#include "transport/websocket/stream_world.h"

using namespace conclave;
using namespace conclave::test;

namespace {

const Bytes hello{1, 2, 3};

MediaPacket picture(std::uint32_t number, std::uint8_t temporal, Time now) {
  MediaPacket packet = media_packet(number, 1100);
  packet.header.frame = {.stream_id = 5, .frame_number = static_cast<std::uint16_t>(number), .keyframe = number % 30 == 0, .discardable = temporal > 0, .temporal_layer = number % 30 == 0 ? std::uint8_t{0} : temporal, .priority = 3};
  packet.header.start = packet.header.end = true;
  packet.header.retransmission = packet.header.fec = false;
  packet.header.stream_sequence = number;
  (void)now;
  return packet;
}

MediaPacket sound(std::uint32_t number) {
  MediaPacket packet = media_packet(number, 80);
  packet.header.frame = {.stream_id = 9, .frame_number = static_cast<std::uint16_t>(number), .keyframe = true, .priority = 7};
  packet.header.fec = false;
  return packet;
}

}  // namespace

TEST_CASE("messages, media and feedback cross a WebSocket in both directions", "[transport][websocket]") {
  StreamWorld world(1);
  StreamMember& member = world.join();
  REQUIRE(member.client.send_message(Channel::control, hello, world.now).ok());  // before it stands
  CHECK_FALSE(member.client.send_media(media_packet(1), world.now).ok());
  world.run(milliseconds(300));
  REQUIRE(member.got<TransportConnected>().size() == 1);
  REQUIRE(world.got<TransportConnected>().size() == 1);
  REQUIRE(world.got<TransportMessage>().size() == 1);
  CHECK(world.got<TransportMessage>()[0].message == hello);
  CHECK(world.server->half_open() == 0);
  for (std::uint32_t i = 0; i < 40; ++i) {
    REQUIRE(member.client.send_media(media_packet(i, 1162), world.now).ok());
    REQUIRE(world.server->send_media(member.id, media_packet(i), world.now).ok());
    world.run(milliseconds(5));
  }
  REQUIRE(member.client.send_feedback(hello, world.now).ok());
  REQUIRE(world.server->send_feedback(member.id, hello, world.now).ok());
  REQUIRE(world.server->send_message(member.id, Channel::application, Bytes(30'000, 4), world.now).ok());
  world.run(seconds(1));
  const auto up = world.got<MediaPacket>(), down = member.got<MediaPacket>();
  REQUIRE(up.size() == 40);
  REQUIRE(down.size() == 40);
  for (std::uint32_t i = 0; i < 40; ++i) {
    CHECK(same_header(up[i].header, media_packet(i).header));
    CHECK(to_bytes(down[i].payload.bytes()) == to_bytes(media_packet(i).payload.bytes()));
  }
  CHECK(world.got<TransportFeedback>().at(0).feedback == hello);
  CHECK(member.got<TransportFeedback>().at(0).feedback == hello);
  REQUIRE(member.got<TransportMessage>().size() == 1);
  CHECK(member.got<TransportMessage>()[0].channel == Channel::application);
  CHECK(member.got<TransportMessage>()[0].message == Bytes(30'000, 4));
  CHECK(world.server->counters().transport.media_received == 40);
  CHECK_FALSE(member.client.send_media(media_packet(1, 1163), world.now).ok());
}

TEST_CASE("only a member may send four megabytes, and a longer message than it may ends the stranger's connection alone", "[transport][websocket][attack]") {
  StreamWorld world(2);
  StreamMember& stranger = world.joined();
  StreamMember& member = world.joined();
  world.server->admit(member.id);
  REQUIRE(member.client.send_message(Channel::handshake, Bytes(max_message_size, 7), world.now).ok());
  REQUIRE(stranger.client.send_message(Channel::handshake, Bytes(transport::max_stranger_message_size + 1, 7), world.now).ok());
  world.run(seconds(8));
  REQUIRE(world.got<TransportMessage>().size() == 1);
  CHECK(world.got<TransportMessage>()[0].message.size() == max_message_size);
  REQUIRE(stranger.got<TransportClosed>().size() == 1);
  CHECK(stranger.got<TransportClosed>()[0].error.code == ErrorCode::limit_exceeded);
  CHECK(stranger.got<TransportClosed>()[0].error.detail == "message too large");
  CHECK(member.got<TransportClosed>().empty());
  CHECK(world.server->counters().transport.oversized == 1);
  CHECK(world.server->connections() == 1);
}

TEST_CASE("a goodbye arrives with its reason, behind what was queued before it", "[transport][websocket]") {
  StreamWorld world(3);
  StreamMember& member = world.joined();
  REQUIRE(world.server->send_message(member.id, Channel::control, Bytes(20'000, 1), world.now).ok());
  world.server->close(member.id, ErrorCode::refused, "the meeting is full", world.now);
  world.run(seconds(2));
  REQUIRE(member.got<TransportMessage>().size() == 1);
  REQUIRE(member.got<TransportClosed>().size() == 1);
  CHECK(member.got<TransportClosed>()[0].error.code == ErrorCode::refused);
  CHECK(member.got<TransportClosed>()[0].error.detail == "the meeting is full");
  CHECK(member.client.finished());
  CHECK(world.server->connections() == 0);
  CHECK(world.got<TransportClosed>().empty());

  StreamMember& leaving = world.joined();
  leaving.client.close(world.now);
  world.run(seconds(2));
  REQUIRE(world.got<TransportClosed>().size() == 1);
  CHECK(world.got<TransportClosed>()[0].error.detail == "the peer said goodbye");
  CHECK(leaving.client.finished());
  CHECK(world.server->connections() == 0);
}

TEST_CASE("a quiet connection lives by its pings, and one that is cut ends in time", "[transport][websocket]") {
  StreamWorld world(4);
  StreamMember& member = world.joined();
  world.run(seconds(40));
  CHECK(member.got<TransportClosed>().empty());
  CHECK(world.got<TransportClosed>().empty());
  member.up.cut = member.down.cut = true;
  world.run(seconds(5));
  CHECK(member.got<TransportClosed>().empty());
  world.run(seconds(6));
  REQUIRE(member.got<TransportClosed>().size() == 1);
  CHECK(member.got<TransportClosed>()[0].error.code == ErrorCode::connection_lost);
  CHECK(world.got<TransportClosed>().size() == 1);
  CHECK(world.server->connections() == 0);
}

TEST_CASE("on a path too narrow for the picture sound stays in time and old pictures are never written", "[transport][websocket][sim]") {
  StreamWorld world(5);
  StreamMember& member = world.joined();
  member.down.rate = 37'500;  // 300 kbit/s
  std::vector<Time> sent;
  std::uint32_t frame = 0;
  for (std::uint32_t tick = 0; tick < 500; ++tick) {  // ten seconds of sound, and 660 kbit/s of pictures
    sent.push_back(world.now);
    REQUIRE(world.server->send_media(member.id, sound(tick), world.now).ok());
    for (int i = 0; i < 3 && tick % 2 == 0; ++i, ++frame) {
      REQUIRE(world.server->send_media(member.id, picture(frame, static_cast<std::uint8_t>(frame % 3), world.now), world.now).ok());
    }
    if (tick == 100) REQUIRE(world.server->send_message(member.id, Channel::handshake, Bytes(100'000, 1), world.now).ok());
    world.run(milliseconds(20));
  }
  world.run(seconds(4));
  std::size_t sounds = 0, pictures = 0;
  Duration slowest{};
  for (std::size_t i = 0; i < member.events.size(); ++i) {
    const auto* packet = std::get_if<MediaPacket>(&member.events[i]);
    if (packet == nullptr) continue;
    if (packet->header.frame.priority == 7) {
      ++sounds;
      slowest = std::max(slowest, Duration(member.event_times[i] - sent.at(packet->header.frame.frame_number)));
    } else {
      ++pictures;
    }
  }
  CHECK(sounds == 500);
  CHECK(slowest < milliseconds(350));
  CHECK(pictures > 100);
  CHECK(world.server->counters().transport.stale > 200);
  CHECK(member.got<TransportMessage>().size() == 1);
}

TEST_CASE("who does not read its messages is told apart, and costs eight megabytes at most", "[transport][websocket][attack]") {
  StreamWorld world(6);
  StreamMember& member = world.joined();
  member.down.rate = 1;
  std::size_t taken = 0;
  while (world.server->send_message(member.id, Channel::handshake, Bytes(100'000, 1), world.now).ok()) ++taken;
  CHECK(taken == 83);
  for (std::uint32_t i = 0; i < 5000; ++i) REQUIRE(world.server->send_media(member.id, picture(i, 0, world.now), world.now).ok());
  CHECK(world.server->counters().transport.stale > 3000);
  world.server->close(member.id, ErrorCode::limit_exceeded, "the connection does not keep up", world.now);
  world.run(seconds(4));
  CHECK(world.server->connections() == 0);
}

TEST_CASE("one server holds connections over UDP and over TCP, and nobody above it knows which is which", "[transport][websocket]") {
  StreamWorld streams(7);
  World datagrams(7, path(milliseconds(20)));
  const auto [quic_member, quic_id] = datagrams.joined();
  StreamMember& stream_member = streams.joined();
  transport::JointServer joint(*datagrams.server, streams.server.get(), websocket::first_id);
  for (const ConnectionId id : {quic_id, stream_member.id}) {
    REQUIRE(joint.send_message(id, Channel::control, hello, datagrams.now).ok());
    REQUIRE(joint.send_media(id, media_packet(3), datagrams.now).ok());
  }
  CHECK_FALSE(joint.send_message(77, Channel::control, hello, datagrams.now).ok());
  CHECK_FALSE(joint.send_message(websocket::first_id + 77, Channel::control, hello, datagrams.now).ok());
  datagrams.run(seconds(1));
  streams.run(seconds(1));
  CHECK(quic_member.got<TransportMessage>().size() == 1);
  CHECK(quic_member.got<MediaPacket>().size() == 1);
  CHECK(stream_member.got<TransportMessage>().size() == 1);
  CHECK(stream_member.got<MediaPacket>().size() == 1);
  transport::JointServer alone(*datagrams.server, nullptr, websocket::first_id);
  CHECK_FALSE(alone.send_message(stream_member.id, Channel::control, hello, datagrams.now).ok());
}
