// Who begins messages over TCP and does not end them.
#include "stream_world.h"

using namespace conclave;
using namespace conclave::test;

namespace {

constexpr std::size_t large = 60'000;

}  // namespace

TEST_CASE("a message that trickles over TCP, frame by frame, ends its connection in time", "[transport][websocket][attack]") {
  websocket::ServerConfig config;
  config.message_timeout = seconds(20);
  StreamWorld world(31, config);
  StreamMember& member = world.joined();
  member.up.rate = 1500;
  REQUIRE(member.client.send_message(Channel::application, Bytes(large, 1), world.now).ok());
  world.run(seconds(18));
  CHECK(world.got<TransportClosed>().empty());
  CHECK(world.server->counters().unfinished_bytes > 2'000);
  world.run(seconds(6));
  REQUIRE(world.got<TransportClosed>().size() == 1);
  CHECK(world.got<TransportClosed>()[0].error.code == ErrorCode::limit_exceeded);
  CHECK(world.server->counters().unfinished_bytes == 0);
  CHECK(world.server->counters().transport.unfinished == 1);
}

TEST_CASE("what all connections over TCP have begun to say is bounded, and who holds the most of it gives way", "[transport][websocket][attack]") {
  websocket::ServerConfig config;
  config.max_unfinished = large;
  StreamWorld world(32, config);
  StreamMember& honest = world.joined();
  for (int i = 0; i < 6; ++i) {
    StreamMember& member = world.joined();
    REQUIRE(member.client.send_message(Channel::application, Bytes(large, 1), world.now).ok());
    member.up.rate = 1'000'000;
    world.run(milliseconds(50));  // a good part of it
    member.up.rate = 1000;
    CHECK(world.server->counters().unfinished_bytes <= large);
  }
  REQUIRE(honest.client.send_message(Channel::application, Bytes(1'000, 2), world.now).ok());
  world.run(seconds(1));
  CHECK(world.got<TransportMessage>().size() == 1);
  CHECK(world.server->counters().transport.unfinished >= 2);
  CHECK(honest.got<TransportClosed>().empty());
}
