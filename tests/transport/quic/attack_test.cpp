#include <catch2/catch.hpp>

#include <set>

#include "base/bytes.h"
#include "transport/hop/record.h"
#include "transport/quic/world.h"

using namespace conclave;
using namespace conclave::test;
using transport::memory::Datagram;

namespace {

const Bytes hello{1, 2, 3};

/// Both directions work: a message each way, and media each way.
void check_alive(World& world, Member& member, ConnectionId id) {
  const auto media_up = world.got<MediaPacket>().size(), media_down = member.got<MediaPacket>().size();
  const auto up = world.got<TransportMessage>().size(), down = member.got<TransportMessage>().size();
  REQUIRE(member.client.send_message(Channel::control, hello, world.now).ok());
  REQUIRE(world.server->send_message(id, Channel::control, hello, world.now).ok());
  REQUIRE(member.client.send_media(media_packet(500), world.now).ok());
  REQUIRE(world.server->send_media(id, media_packet(500), world.now).ok());
  world.run(seconds(2));
  CHECK(world.got<TransportMessage>().size() == up + 1);
  CHECK(member.got<TransportMessage>().size() == down + 1);
  CHECK(world.got<MediaPacket>().size() == media_up + 1);
  CHECK(member.got<MediaPacket>().size() == media_down + 1);
}

Bytes random_bytes(crypto::Random& random, std::size_t size) {
  Bytes bytes(size);
  random.fill(bytes);
  return bytes;
}

}  // namespace

TEST_CASE("a man in the middle with another certificate is refused inside the handshake", "[transport][quic][attack]") {
  const auto other = transport::quic::RelayKey::generate();
  REQUIRE(other.ok());
  World world(1, path(milliseconds(20)), {}, *other);
  Member& member = world.join(pinned(relay_key().hash()));
  REQUIRE(member.client.send_message(Channel::control, hello, world.now).ok());
  world.run(seconds(5));
  REQUIRE(member.events.size() == 1);
  CHECK(member.got<TransportClosed>().at(0).error.code == ErrorCode::identity_mismatch);
  CHECK(world.events.empty());
  CHECK(world.server->connections() == 0);
  CHECK(member.client.finished());
}

TEST_CASE("a client of another protocol version is told so", "[transport][quic]") {
  World world(2, path(milliseconds(20)));
  auto config = pinned();
  config.protocol = "conclave/2";
  Member& member = world.join(config);
  world.run(seconds(5));
  REQUIRE(member.got<TransportClosed>().size() == 1);
  CHECK(member.got<TransportClosed>()[0].error.code == ErrorCode::version_mismatch);
  CHECK(world.events.empty());
}

TEST_CASE("garbage of every kind changes nothing", "[transport][quic][attack]") {
  World world(3, path(milliseconds(5)));
  auto [member, id] = world.joined();
  const std::size_t connections = world.server->connections();
  for (unsigned i = 0; i < 4000; ++i) {
    Bytes garbage = random_bytes(world.random, i % 1400);
    if (!garbage.empty()) garbage[0] = static_cast<std::uint8_t>(i);
    const Address from = i % 2 == 0 ? member.address : Address::v4(6, 6, 6, static_cast<std::uint8_t>(i), 6);
    world.server->receive(from, garbage, world.now);
    member.client.receive(garbage, world.now);
  }
  const auto replies = world.server->transmit(world.now);
  std::size_t reply_bytes = 0;
  for (const auto& reply : replies) reply_bytes += reply.bytes.size();
  CHECK(reply_bytes < 4000 * 700 / 2);
  CHECK(world.server->connections() == connections);
  const auto counters = world.server->counters();
  CHECK(counters.transport.malformed > 500);
  CHECK(counters.transport.unknown_connection > 500);
  CHECK(counters.transport.forged == 0);
  CHECK(member.got<TransportClosed>().empty());
  check_alive(world, member, id);
}

TEST_CASE("damaged copies of every datagram are dropped and the connection goes on", "[transport][quic][attack]") {
  World world(4, path(milliseconds(20)));
  auto dice = transport::memory::Dice(4);
  bool inside = false;
  world.filter = [&](Datagram& datagram) {
    if (inside) return true;
    inside = true;
    Datagram damaged = datagram;
    const bool hop = transport::hop::is_hop_packet(datagram.bytes);
    const std::size_t reach = hop ? std::min(datagram.bytes.size(), transport::hop::media_overhead) : datagram.bytes.size();
    damaged.bytes[dice.below(reach)] ^= static_cast<std::uint8_t>(1u << dice.below(8));
    world.network.send(damaged.from, damaged.to, damaged.bytes, world.now);
    const Bytes cut(datagram.bytes.begin(), datagram.bytes.begin() + static_cast<std::ptrdiff_t>(dice.below(datagram.bytes.size())));
    world.network.send(datagram.from, datagram.to, cut, world.now);
    inside = false;
    return true;
  };
  auto [member, id] = world.joined();
  for (std::uint32_t i = 0; i < 300; ++i) {
    REQUIRE(member.client.send_media(media_packet(i), world.now).ok());
    REQUIRE(member.client.send_message(Channel::handshake, Bytes(50, 1), world.now).ok());
    world.run(milliseconds(10));
  }
  world.run(seconds(1));
  CHECK(world.got<TransportMessage>().size() == 300);
  const auto media = world.got<MediaPacket>();
  REQUIRE(media.size() == 300);
  for (std::uint32_t i = 0; i < 300; ++i) CHECK(same_header(media[i].header, media_packet(i).header));
  const auto counters = world.server->counters().transport;
  CHECK(counters.forged > 300);
  CHECK(counters.malformed > 10);
  check_alive(world, member, id);
}

TEST_CASE("recorded datagrams sent again later are dropped", "[transport][quic][attack]") {
  World world(5, path(milliseconds(20)));
  std::vector<Datagram> record;
  world.filter = [&](Datagram& datagram) {
    record.push_back(datagram);
    return true;
  };
  auto [member, id] = world.joined();
  for (std::uint32_t i = 0; i < 200; ++i) {
    REQUIRE(member.client.send_media(media_packet(i), world.now).ok());
    REQUIRE(world.server->send_media(id, media_packet(i), world.now).ok());
    REQUIRE(member.client.send_message(Channel::handshake, Bytes(50, 1), world.now).ok());
    world.run(milliseconds(10));
  }
  world.run(seconds(1));
  world.filter = nullptr;
  const std::vector<Datagram> all = record;
  for (const Datagram& datagram : all) world.network.send(datagram.from, datagram.to, datagram.bytes, world.now);
  world.run(seconds(2));
  CHECK(world.got<MediaPacket>().size() == 200);
  CHECK(member.got<MediaPacket>().size() == 200);
  CHECK(world.got<TransportMessage>().size() == 200);
  CHECK(world.got<TransportConnected>().size() == 1);
  CHECK(world.server->counters().transport.replayed == 200);
  CHECK(member.client.counters().replayed == 200);
  check_alive(world, member, id);
}

TEST_CASE("a member whose address changes goes on, for media after a path challenge", "[transport][quic][sim]") {
  World world(6, path(milliseconds(20)));
  auto [member, id] = world.joined();
  const Address before = member.address;
  member.address = Address::v4(10, 77, 77, 77, 7777);
  REQUIRE(member.client.send_media(media_packet(1), world.now).ok());
  (void)world.server->send_media(id, media_packet(1), world.now);  // still to the old address: lost
  world.run(milliseconds(100));
  CHECK(world.got<MediaPacket>().size() == 1);
  CHECK(member.got<MediaPacket>().empty());
  std::set<Address> targets;
  world.filter = [&](Datagram& datagram) {
    targets.insert(datagram.to);
    return true;
  };
  check_alive(world, member, id);
  CHECK(targets.count(member.address) == 1);
  world.run(seconds(30));
  targets.clear();
  check_alive(world, member, id);
  CHECK(targets.count(before) == 0);
  CHECK(world.got<TransportClosed>().empty());
}

TEST_CASE("a listener who sends no media keeps receiving after its address changed", "[transport][quic][sim]") {
  World world(7, path(milliseconds(20)));
  auto [member, id] = world.joined();
  member.address = Address::v4(10, 77, 77, 77, 7777);
  world.run(seconds(4));  // the keep-alive tells the relay
  REQUIRE(world.server->send_media(id, media_packet(1), world.now).ok());
  world.run(milliseconds(100));
  CHECK(member.got<MediaPacket>().size() == 1);
}

TEST_CASE("who copies a packet and sends it from elsewhere gets no media", "[transport][quic][attack]") {
  World world(8, path(milliseconds(20)));
  auto [member, id] = world.joined();
  const Address thief = Address::v4(66, 66, 66, 66, 666);
  const Address home = member.address;
  std::size_t stolen = 0, thief_bytes = 0;
  world.filter = [&](Datagram& datagram) {
    if (datagram.to == thief) thief_bytes += datagram.bytes.size();
    if (datagram.from == home && transport::hop::is_hop_packet(datagram.bytes)) {
      world.server->receive(thief, datagram.bytes, world.now);  // faster than the original
      stolen += datagram.bytes.size();
    }
    return true;
  };
  for (std::uint32_t i = 0; i < 200; ++i) {
    REQUIRE(member.client.send_media(media_packet(i, 1000), world.now).ok());
    REQUIRE(world.server->send_media(id, media_packet(i, 1000), world.now).ok());
    world.run(milliseconds(10));
  }
  world.run(seconds(1));
  CHECK(member.got<MediaPacket>().size() == 200);
  CHECK(world.got<MediaPacket>().size() == 200);
  CHECK(thief_bytes < stolen / 50);
}

TEST_CASE("a flood of handshakes from forged addresses is bounded, and a real member still gets in", "[transport][quic][attack]") {
  transport::quic::ServerConfig config;
  config.retry_from = 8;
  config.max_half_open = 16;
  World world(9, path(milliseconds(20)), config);
  std::size_t most = 0, answered = 0, sent = 0;
  world.filter = [&](Datagram& datagram) {
    if (datagram.from == world.server_address && datagram.to.ip[12] == 66) answered += datagram.bytes.size();
    return true;
  };
  const auto flood = [&](int count) {
    for (int i = 0; i < count; ++i) {
      transport::quic::Client stranger(pinned(), world.random, world.now);
      const Address forged = Address::v4(66, 1, static_cast<std::uint8_t>(sent >> 8), static_cast<std::uint8_t>(sent), 1);
      for (const Bytes& packet : stranger.transmit(world.now)) {
        sent += 1;
        world.server->receive(forged, packet, world.now);
      }
      most = std::max(most, world.server->half_open());
    }
  };
  flood(100);
  Member& member = world.join();
  for (int i = 0; i < 20; ++i) {
    world.run(milliseconds(100));
    flood(10);
  }
  CHECK(member.got<TransportConnected>().size() == 1);
  CHECK(most <= config.max_half_open);
  CHECK(world.server->counters().retries > 100);
  CHECK(answered < 3 * 1200 * sent);
  world.run(seconds(7));
  CHECK(world.server->half_open() == 0);
  CHECK(world.server->connections() == 1);
}

TEST_CASE("packets that only look like a beginning soon cost no more than a Retry", "[transport][quic][attack]") {
  transport::quic::ServerConfig config;
  config.newcomers_per_second = 20;
  World world(14, path(milliseconds(20)), config);
  for (int i = 0; i < 500; ++i) {
    transport::quic::Client stranger(pinned(), world.random, world.now);
    for (Bytes packet : stranger.transmit(world.now)) {
      packet[600] ^= 1;  // does not decrypt
      world.server->receive(Address::v4(66, 1, 1, 1, static_cast<std::uint16_t>(i)), packet, world.now);
    }
  }
  CHECK(world.server->counters().accepted <= 21);
  CHECK(world.server->counters().retries >= 479);
  CHECK(world.server->connections() == 0);
  world.joined();
}

TEST_CASE("a full relay refuses, and says so", "[transport][quic][attack]") {
  transport::quic::ServerConfig config;
  config.max_connections = 1;
  World world(10, path(milliseconds(20)), config);
  world.joined();
  Member& second = world.join();
  world.run(seconds(5));
  REQUIRE(second.got<TransportClosed>().size() == 1);
  CHECK(second.got<TransportClosed>()[0].error.code == ErrorCode::refused);
  CHECK(world.server->counters().refused >= 1);
}

TEST_CASE("one address gets no more than its share of a relay, and gets it back", "[transport][quic][attack]") {
  transport::quic::ServerConfig config;
  config.max_per_address = 2;
  World world(12, path(milliseconds(5)), config);
  for (std::uint16_t port = 1; port <= 3; ++port) {
    Member& member = world.join();
    member.address = Address::v4(10, 1, 1, 1, port);
    world.run(seconds(2));
    CHECK(member.got<TransportConnected>().size() == (port <= 2 ? 1 : 0));
  }
  CHECK(world.server->counters().crowded >= 1);
  world.joined();  // from another address
  world.members[0]->client.close(world.now);
  world.run(seconds(10));
  Member& later = world.join();
  later.address = Address::v4(10, 1, 1, 1, 9);
  world.run(seconds(2));
  CHECK(later.got<TransportConnected>().size() == 1);
}

TEST_CASE("IPv6 addresses of one subscriber count as one", "[transport]") {
  Address one{{0x20, 1, 0xd, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 1};
  Address two = one;
  two.ip[15] = 99;
  CHECK(transport::block_of(one) == transport::block_of(two));
  two.ip[7] = 99;
  CHECK(transport::block_of(one) != transport::block_of(two));
  CHECK(transport::block_of(Address::v4(1, 2, 3, 4, 1)) == transport::block_of(Address::v4(1, 2, 3, 4, 2)));
  CHECK(transport::block_of(Address::v4(1, 2, 3, 4, 1)) != transport::block_of(Address::v4(1, 2, 3, 5, 1)));
}

TEST_CASE("a stranger's large message ends its connection on both sides", "[transport][quic][attack]") {
  World world(11, path(milliseconds(20)));
  auto [member, id] = world.joined();
  REQUIRE(member.client.send_message(Channel::handshake, Bytes(transport::max_stranger_message_size), world.now).ok());
  world.run(seconds(1));
  CHECK(world.got<TransportMessage>().size() == 1);
  REQUIRE(member.client.send_message(Channel::handshake, Bytes(transport::max_stranger_message_size + 1), world.now).ok());
  world.run(seconds(5));
  CHECK(world.got<TransportMessage>().size() == 1);
  REQUIRE(world.got<TransportClosed>().size() == 1);
  CHECK(world.got<TransportClosed>()[0].error.code == ErrorCode::limit_exceeded);
  REQUIRE(member.got<TransportClosed>().size() == 1);
  CHECK(member.got<TransportClosed>()[0].error.code == ErrorCode::limit_exceeded);
  CHECK(world.server->counters().transport.oversized == 1);
}

TEST_CASE("a peer that is never read is stopped by flow control", "[transport][quic][attack]") {
  World world(12, path(milliseconds(5)));
  auto [member, id] = world.joined();
  // The relay's owner fetches no events from here on.
  const Bytes chunk(60'000, 7);
  std::size_t accepted = 0;
  while (member.client.send_message(Channel::application, chunk, world.now).ok()) ++accepted;
  std::size_t delivered = 0;
  for (int i = 0; i < 3000; ++i) {
    for (const auto& packet : member.client.transmit(world.now)) {
      delivered += packet.size();
      world.server->receive(member.address, packet, world.now);
    }
    for (const auto& packet : world.server->transmit(world.now)) member.client.receive(whole(packet), world.now);
    world.now += milliseconds(1);
    (void)member.client.poll(world.now);
  }
  CHECK(accepted > 100);
  CHECK(delivered < 600'000);
}

TEST_CASE("another version of QUIC gets an offer that cannot be taken for a hop packet", "[transport][quic][attack]") {
  World world(13);
  Bytes packet = random_bytes(world.random, 1200);
  packet[0] = 0xc0;
  for (std::size_t i = 1; i < 5; ++i) packet[i] = 0x5a;
  packet[5] = 8;
  packet[14] = 8;
  const Address stranger = Address::v4(1, 2, 3, 4, 5);
  world.server->receive(stranger, packet, world.now);
  const auto offer = world.server->transmit(world.now);
  REQUIRE(offer.size() == 1);
  CHECK((offer[0].bytes[0] & 0xc0) == 0xc0);
  CHECK(offer[0].bytes.size() < 100);
  packet.resize(500);  // too short to be answered (RFC 9000 section 14.1)
  world.server->receive(stranger, packet, world.now);
  CHECK(world.server->transmit(world.now).empty());
}

TEST_CASE("the same seed gives the same run over QUIC", "[transport][quic][sim]") {
  const auto record = [](std::uint64_t seed) {
    Impairments harm = path(milliseconds(30), 0.1);
    harm.jitter = milliseconds(10);
    World world(seed, harm);
    std::vector<std::pair<Time, std::size_t>> log;
    world.filter = [&](Datagram& datagram) {
      log.emplace_back(world.now, datagram.bytes.size());
      return true;
    };
    Member& member = world.join();
    for (std::uint32_t i = 0; i < 200; ++i) {
      (void)member.client.send_media(media_packet(i), world.now);
      (void)member.client.send_message(Channel::control, Bytes(100, 1), world.now);
      world.run(milliseconds(10));
    }
    return log;
  };
  CHECK(record(1) == record(1));
  CHECK(record(1) != record(2));
}
