// What is on the wire holds no key of the hop.
#include <catch2/catch.hpp>

#include "support/derived_keys.h"
#include "transport/quic/world.h"

using namespace conclave;
using namespace conclave::test;

TEST_CASE("no key of the hop between a member and the relay is in any datagram", "[transport][quic][attack]") {
  watch_derived_keys();
  World world(41, path(milliseconds(20)));
  Bytes seen;
  world.filter = [&](transport::memory::Datagram& datagram) {
    seen.insert(seen.end(), datagram.bytes.begin(), datagram.bytes.end());
    seen.resize(seen.size() + key_window);
    return true;
  };
  auto [member, id] = world.joined();
  for (std::uint32_t number = 0; number < 200; ++number) {
    REQUIRE(member.client.send_media(media_packet(number), world.now).ok());
    REQUIRE(world.server->send_message(id, Channel::control, Bytes(100, 3), world.now).ok());
    world.run(milliseconds(10));
  }
  world.run(milliseconds(100));
  CHECK(world.got<MediaPacket>().size() == 200);
  CHECK(seen.size() > 20'000);
  CHECK(derived_keys() >= 6);
  CHECK(find_derived_keys(seen) == 0);
}
