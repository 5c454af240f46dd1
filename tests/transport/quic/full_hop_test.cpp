// Packets that are sealed whole on their hop, where one of its ends asked for that.
#include "base/bytes.h"
#include "transport/hop/record.h"
#include "world.h"

using namespace conclave;
using namespace conclave::test;
namespace hop = conclave::transport::hop;

namespace {

/// Media packets on their way, by where they go.
struct Wiretap {
  explicit Wiretap(World& world) {
    world.filter = [this](transport::memory::Datagram& datagram) {
      const auto clear = hop::read_clear_header(datagram.bytes);
      if (clear && (clear->type == hop::PacketType::media || clear->type == hop::PacketType::sealed_media)) {
        seen.push_back({datagram.to, clear->type, datagram.bytes});
        if (damage) datagram.bytes.back() ^= 1;
      }
      return true;
    };
  }
  struct Seen {
    Address to;
    hop::PacketType type;
    Bytes bytes;
  };
  std::vector<Seen> seen;
  bool damage = false;
};

transport::quic::ClientConfig full_hop() {
  auto config = pinned();
  config.seal_payloads = true;
  return config;
}

bool contains(ByteView where, ByteView what) { return std::search(where.begin(), where.end(), what.begin(), what.end()) != where.end(); }

/// One packet to each member and one back; what was seen of them.
std::vector<Wiretap::Seen> exchange(World& world, Wiretap& tap, std::initializer_list<std::pair<Member*, ConnectionId>> members) {
  const MediaPacket packet = media_packet(3, 400);
  for (const auto& [member, id] : members) {
    REQUIRE(world.server->send_media(id, packet, world.now).ok());
    REQUIRE(member->client.send_media(packet, world.now).ok());
  }
  world.run(seconds(1));
  return std::exchange(tap.seen, {});
}

}  // namespace

TEST_CASE("two members get the same ciphertext of a packet by default, and none in common with full hops", "[transport][quic]") {
  for (const bool full : {false, true}) {
    World world(1);
    const auto [first, first_id] = world.joined(full ? full_hop() : pinned());
    const auto [second, second_id] = world.joined(full ? full_hop() : pinned());
    Wiretap tap(world);
    const MediaPacket packet = media_packet(3, 400);
    REQUIRE(world.server->send_media(first_id, packet, world.now).ok());
    REQUIRE(world.server->send_media(second_id, packet, world.now).ok());
    world.run(seconds(1));
    REQUIRE(tap.seen.size() == 2);
    for (const auto& seen : tap.seen) {
      CHECK(seen.type == (full ? hop::PacketType::sealed_media : hop::PacketType::media));
      CHECK(contains(seen.bytes, packet.payload.bytes()) == !full);
    }
    std::size_t common = 0;  // bytes behind the packet number that are the same in both, where 1 in 256 is chance
    for (std::size_t at = hop::media_overhead; at < tap.seen[0].bytes.size(); ++at) common += tap.seen[0].bytes[at] == tap.seen[1].bytes[at] ? 1 : 0;
    CHECK((common == 400) == !full);
    if (full) CHECK(common < 20);
    for (Member* member : {&first, &second}) {
      REQUIRE(member->got<MediaPacket>().size() == 1);
      CHECK(equal(member->got<MediaPacket>()[0].payload.bytes(), packet.payload.bytes()));
    }
  }
}

TEST_CASE("either end of a hop can ask for whole packets, and gets them in both directions", "[transport][quic]") {
  for (const auto& [by_client, by_relay] : {std::pair{false, false}, std::pair{true, false}, std::pair{false, true}}) {
    transport::quic::ServerConfig config;
    config.seal_payloads = by_relay;
    World world(2, {}, config);
    const auto [asking, asking_id] = world.joined(by_client ? full_hop() : pinned());
    const auto [other, other_id] = world.joined();
    Wiretap tap(world);
    const auto seen = exchange(world, tap, {{&asking, asking_id}, {&other, other_id}});
    REQUIRE(seen.size() == 4);
    std::size_t whole = 0;
    for (const auto& one : seen) whole += one.type == hop::PacketType::sealed_media ? 1 : 0;
    CHECK(whole == (by_relay ? 4u : by_client ? 2u : 0u));
    CHECK(world.got<MediaPacket>().size() == 2);
    CHECK(asking.got<MediaPacket>().size() == 1);
    CHECK(other.got<MediaPacket>().size() == 1);
  }
}

TEST_CASE("a payload that was changed on a full hop is dropped there and counted, in both directions", "[transport][quic][attack]") {
  for (const bool full : {false, true}) {
    World world(3);
    const auto [member, id] = world.joined(full ? full_hop() : pinned());
    Wiretap tap(world);
    tap.damage = true;
    CHECK(exchange(world, tap, {{&member, id}}).size() == 2);
    const std::size_t arrived = full ? 0 : 1;  // else it is the end-to-end seal that finds it
    CHECK(member.got<MediaPacket>().size() == arrived);
    CHECK(world.got<MediaPacket>().size() == arrived);
    CHECK(member.client.counters().forged == 1 - arrived);
    CHECK(world.server->counters().transport.forged == 1 - arrived);
  }
}

/// Parity says in its payload which packets it covers: who could change that would make packets up that were never sent, with headers of his choice.
TEST_CASE("parity is sealed whole on every hop, and dropped there when it was changed", "[transport][quic][attack]") {
  for (const bool damage : {false, true}) {
    World world(4);
    const auto [member, id] = world.joined();
    Wiretap tap(world);
    tap.damage = damage;
    MediaPacket parity = media_packet(3, 400);
    parity.header.fec = true;
    REQUIRE(world.server->send_media(id, parity, world.now).ok());
    REQUIRE(member.client.send_media(parity, world.now).ok());
    world.run(seconds(1));
    REQUIRE(tap.seen.size() == 2);
    for (const auto& seen : tap.seen) CHECK(seen.type == hop::PacketType::sealed_media);
    CHECK(member.got<MediaPacket>().size() == (damage ? 0u : 1u));
    CHECK(world.got<MediaPacket>().size() == (damage ? 0u : 1u));
  }
}
