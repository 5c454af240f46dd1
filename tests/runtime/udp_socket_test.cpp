#include "runtime/udp_socket.h"

#include <poll.h>

#include <catch2/catch.hpp>
#include <thread>

using namespace conclave;
using runtime::UdpSocket;
using transport::Address;
using transport::OutgoingPacket;

namespace {

const Address v4_loopback = Address::v4(127, 0, 0, 1, 0);
const Address v6_loopback{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0};

UdpSocket bound(const Address& local) {
  auto socket = UdpSocket::bind(local);
  REQUIRE(socket.ok());
  return std::move(socket).value();
}

/// What arrives at `socket` until there are `count` datagrams, or nothing for a second.
std::vector<std::pair<Address, Bytes>> collect(UdpSocket& socket, std::size_t count) {
  std::vector<std::pair<Address, Bytes>> out;
  pollfd waiting{socket.descriptor(), POLLIN, 0};
  while (out.size() < count && ::poll(&waiting, 1, 1000) > 0) {
    for (const auto& datagram : socket.receive()) {
      out.emplace_back(datagram.from, Bytes(datagram.bytes.begin(), datagram.bytes.end()));
    }
  }
  return out;
}

std::vector<OutgoingPacket> packets_to(const Address& to, const std::vector<std::size_t>& sizes) {
  std::vector<OutgoingPacket> out;
  for (const std::size_t size : sizes) out.push_back({to, Bytes(size, static_cast<std::uint8_t>(out.size()))});
  return out;
}

}  // namespace

TEST_CASE("datagrams of all sizes arrive whole and in order, in one piece or cut by the kernel", "[runtime]") {
  const bool segmentation = GENERATE(true, false);
  const Address loopback = GENERATE(v4_loopback, v6_loopback);
  UdpSocket sender = bound(loopback);
  UdpSocket receiver = bound(loopback);
  if (!segmentation) sender.disable_segmentation();
  const auto packets = packets_to(receiver.local_address(), {1200, 1200, 1200, 700, 80, 80, 80, 1200, 1, 900, 900});
  CHECK(sender.send(packets) == packets.size());
  const auto got = collect(receiver, packets.size());
  REQUIRE(got.size() == packets.size());
  for (std::size_t i = 0; i < packets.size(); ++i) {
    CHECK(got[i].second == packets[i].bytes);
    CHECK(got[i].first == sender.local_address());
  }
  CHECK(sender.counters().sent == packets.size());
  CHECK(receiver.counters().received == packets.size());
}

TEST_CASE("one socket serves IPv4 and IPv6", "[runtime]") {
  UdpSocket server = bound(Address{});
  const std::uint16_t port = server.local_address().port;
  for (Address to : {v4_loopback, v6_loopback}) {
    UdpSocket client = bound(to);
    to.port = port;
    REQUIRE(client.send(packets_to(to, {5})) == 1);
    const auto got = collect(server, 1);
    REQUIRE(got.size() == 1);
    CHECK(got[0].first == client.local_address());
    REQUIRE(server.send(packets_to(got[0].first, {6})) == 1);
    const auto answer = collect(client, 1);
    REQUIRE(answer.size() == 1);
    CHECK(answer[0].first == to);
  }
}

TEST_CASE("many packets for many receivers leave in few system calls", "[runtime]") {
  UdpSocket sender = bound(v4_loopback);
  std::vector<UdpSocket> receivers;
  std::vector<OutgoingPacket> packets;
  for (int i = 0; i < 20; ++i) {
    receivers.push_back(bound(v4_loopback));
    for (auto& packet : packets_to(receivers.back().local_address(), std::vector<std::size_t>(8, 1100))) packets.push_back(packet);
  }
  CHECK(sender.send(packets) == 160);
  CHECK(sender.counters().system_calls <= 3);
  for (auto& receiver : receivers) CHECK(collect(receiver, 8).size() == 8);
}

TEST_CASE("a destination that the system refuses costs only its own packets", "[runtime]") {
  UdpSocket sender = bound(v4_loopback);
  UdpSocket receiver = bound(v4_loopback);
  auto packets = packets_to(Address::v4(203, 0, 113, 1, 9), {100, 100});  // not from a socket bound to loopback
  for (auto& packet : packets_to(receiver.local_address(), {100, 100})) packets.push_back(packet);
  CHECK(sender.send(packets) == 4);
  CHECK(sender.counters().send_failed == 2);
  CHECK(collect(receiver, 2).size() == 2);
}

TEST_CASE("a datagram that is longer than any of ours is dropped", "[runtime]") {
  UdpSocket sender = bound(v4_loopback);
  UdpSocket receiver = bound(v4_loopback);
  REQUIRE(sender.send(packets_to(receiver.local_address(), {UdpSocket::largest_datagram + 1, UdpSocket::largest_datagram})) == 2);
  CHECK(collect(receiver, 1).size() == 1);
  CHECK(receiver.counters().truncated == 1);
}

TEST_CASE("a port that is taken is an error in words", "[runtime]") {
  UdpSocket first = bound(v4_loopback);
  const auto second = UdpSocket::bind(first.local_address());
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().code == ErrorCode::io_error);
  CHECK(second.error().detail.find("bind") != std::string::npos);
}
