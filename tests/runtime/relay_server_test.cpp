#include "runtime/relay_server.h"

#include <poll.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <random>
#include <thread>

#include "base/bytes.h"
#include "conclave/client.h"
#include "crypto/random.h"
#include "crypto/signature.h"
#include "runtime/steady_time.h"
#include "relay_member.h"

using namespace conclave;
using namespace conclave::test;

TEST_CASE("two members meet over real sockets, one by IPv4 and one by IPv6", "[runtime]") {
  const auto server = started();
  RelayMember host(*server, v4);
  RelayMember guest(*server, v6);
  meet(host, guest);
  CHECK(media_flows(host, guest, 0));
  CHECK(guest.media()[3].payload.size() == 1000);
  const auto report = server->report();
  CHECK(report.rooms == 1);
  CHECK(report.connections == 2);
  CHECK(report.relay.admissions == 1);
  CHECK(report.relay.media_forwarded >= 50);
  CHECK(report.udp.received > 50);
}

TEST_CASE("a relay that stops says so to its members, soon", "[runtime]") {
  const auto server = started();
  RelayMember host(*server, v4);
  RelayMember guest(*server, v4);
  meet(host, guest);
  const Time begin = steady_now();
  std::thread stopper([&] { server->stop(); });
  CHECK(until({&host, &guest}, [&] { return host.closed() && guest.closed(); }));
  stopper.join();
  CHECK(steady_now() - begin < 2s);
  CHECK(host.closed()->code == ErrorCode::connection_lost);
  server->stop();
  CHECK(server->report().connections == 0);
}

TEST_CASE("a relay with another key than the link pins is noticed", "[runtime][attack]") {
  const auto server = started();
  auto wrong = server->key_hash();
  wrong[0] ^= 1;
  RelayMember member(wrong, server->port(), v4);
  REQUIRE(until({&member}, [&] { return member.closed().has_value(); }));
  CHECK(member.closed()->code == ErrorCode::identity_mismatch);
}

TEST_CASE("garbage on the relay's port disturbs no call", "[runtime][attack]") {
  const auto server = started();
  RelayMember host(*server, v4);
  RelayMember guest(*server, v4);
  meet(host, guest);
  std::thread raider([port = server->port()] {
    std::mt19937 random(1);
    auto socket = UdpSocket::bind(v4);
    for (int round = 0; round < 200; ++round) {
      std::vector<transport::OutgoingPacket> packets;
      for (int i = 0; i < 20; ++i) {
        Bytes bytes(random() % 1400);
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
        if (!bytes.empty() && i % 2 == 0) bytes[0] = static_cast<std::uint8_t>(0x80 | (bytes[0] & 0x3f));
        packets.push_back({Address::v4(127, 0, 0, 1, port), std::move(bytes)});
      }
      (void)socket->send(packets);
      std::this_thread::sleep_for(1ms);
    }
  });
  CHECK(media_flows(host, guest, 0));
  raider.join();
  CHECK(media_flows(host, guest, 10'000));
  CHECK(server->report().rooms == 1);
}

TEST_CASE("a relay keeps its key in a file that only its owner reads", "[runtime]") {
  const auto folder = std::filesystem::temp_directory_path() / ("conclave_relay_" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  RelayServerConfig config;
  config.key_file = folder / "relay.pem";
  const auto first = started(config)->key_hash();
  CHECK(started(config)->key_hash() == first);
  CHECK(started()->key_hash() != first);
  const auto mode = std::filesystem::status(config.key_file).permissions();
  CHECK((mode & std::filesystem::perms::all) == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  std::filesystem::remove_all(folder);
}

TEST_CASE("what a relay cannot start with is an error in words", "[runtime]") {
  const auto server = started();
  RelayServerConfig config;
  config.port = server->port();
  CHECK(RelayServer::start(config).error().code == ErrorCode::io_error);
  config.listen = "example.org";
  CHECK(RelayServer::start(config).error().code == ErrorCode::invalid_argument);
  config = {};
  config.key_file = "/nonexistent/folder/key.pem";
  CHECK(RelayServer::start(config).error().code == ErrorCode::io_error);
}

TEST_CASE("a stranger opens no room at the relay that a host embeds", "[runtime][attack]") {
  auto host = Client::host({}, {.listen = "127.0.0.1", .port = 0, .advertise = "", .relay_key_file = ""});
  REQUIRE(host.ok());
  const auto link = host->link();
  while (const auto event = host->wait(5s)) {
    if (std::holds_alternative<RoomReady>(*event)) break;
    REQUIRE_FALSE(std::holds_alternative<ConferenceEnded>(*event));
  }
  RelayMember stranger(link.relay_key_hash, link.port, v4);
  stranger.send(Channel::control, transport::Hello{transport::protocol_version, Bytes(16, 1)});
  REQUIRE(until({&stranger}, [&] { return stranger.find<transport::HelloAccepted>() != nullptr; }));
  const auto key = crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, crypto::system_random()).value();
  stranger.send(Channel::control, transport::OpenRoom{to_bytes(key.public_key().bytes()), Bytes(200, 2)});
  REQUIRE(until({&stranger}, [&] { return stranger.find<transport::Refused>() != nullptr; }));
  CHECK(stranger.find<transport::Refused>()->code == ErrorCode::refused);  // whenever it comes, also before the host
  CHECK(stranger.find<transport::RoomOpened>() == nullptr);
}

TEST_CASE("no crowd at the door of an embedded relay makes its host commit more than it is granted", "[runtime][attack]") {
  const auto config = runtime::embedded_relay();
  CHECK(2 * config.limits.knock_pace.per_second <= config.limits.commits.per_second);
  CHECK(2 * config.limits.knock_pace.burst <= config.limits.commits.burst);
  CHECK(2 * config.quic.max_per_address <= config.limits.connections);
}

TEST_CASE("an idle relay sleeps", "[runtime]") {
  const auto server = started();
  RelayMember host(*server, v4);
  RelayMember guest(*server, v4);
  meet(host, guest);
  CHECK(media_flows(host, guest, 0));
  std::this_thread::sleep_for(300ms);
  const auto before = server->report().turns;
  std::this_thread::sleep_for(1s);
  CHECK(server->report().turns - before < 100);
}
