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
#include "transport/codec.h"
#include "transport/quic/client.h"

using namespace conclave;
using namespace std::chrono_literals;
using runtime::RelayServer;
using runtime::RelayServerConfig;
using runtime::steady_now;
using runtime::UdpSocket;
using transport::Address;

namespace {

/// A member's end over a real socket, driven by the thread of the test.
class Member {
 public:
  Member(const RelayServer& relay, Address to) : Member(relay.key_hash(), relay.port(), to) {}
  Member(const transport::quic::KeyHash& pinned, std::uint16_t port, Address to)
      : socket_(std::move(UdpSocket::bind(any_of_family(to))).value()), relay_{to.ip, port},
        client_(transport::quic::ClientConfig{.relay_key_hash = pinned}, crypto::system_random(), steady_now()) {}

  void send(Channel channel, const transport::ClientMessage& message) {
    REQUIRE(client_.send_message(channel, transport::encode(message), steady_now()).ok());
  }
  void send_media(std::uint16_t stream, std::uint32_t sequence) {
    MediaPacket packet;
    packet.header.frame.stream_id = stream;
    packet.header.frame.keyframe = packet.header.start = packet.header.end = true;
    packet.header.stream_sequence = sequence;
    packet.payload = SealedPayload::received(Bytes(1000, static_cast<std::uint8_t>(sequence)));
    REQUIRE(client_.send_media(packet, steady_now()).ok());
  }
  /// One turn: sends, waits for at most 5 ms, receives.
  void turn() {
    std::vector<transport::OutgoingPacket> out;
    for (auto& bytes : client_.transmit(steady_now())) out.push_back({relay_, std::move(bytes)});
    (void)socket_.send(out);
    pollfd waiting{socket_.descriptor(), POLLIN, 0};
    (void)::poll(&waiting, 1, 5);
    for (const auto& datagram : socket_.receive()) client_.receive(datagram.bytes, steady_now());
    for (auto& event : client_.poll(steady_now())) take(event);
  }
  template <class Message>
  [[nodiscard]] const Message* find() const {
    for (const auto& message : messages_) {
      if (const auto* wanted = std::get_if<Message>(&message)) return wanted;
    }
    return nullptr;
  }
  [[nodiscard]] const std::vector<MediaPacket>& media() const { return media_; }
  [[nodiscard]] const std::optional<Error>& closed() const { return closed_; }

 private:
  static Address any_of_family(Address to) {
    const bool v4 = to.ip[10] == 0xff;
    return v4 ? Address::v4(127, 0, 0, 1, 0) : Address{to.ip, 0};
  }
  void take(TransportEvent& event) {
    if (const auto* message = std::get_if<TransportMessage>(&event)) {
      messages_.push_back(transport::decode_relay_message(message->message).value());
    } else if (auto* packet = std::get_if<MediaPacket>(&event)) {
      media_.push_back(std::move(*packet));
    } else if (const auto* end = std::get_if<TransportClosed>(&event)) {
      closed_ = end->error;
    }
  }

  UdpSocket socket_;
  Address relay_;
  transport::quic::Client client_;
  std::vector<transport::RelayMessage> messages_;
  std::vector<MediaPacket> media_;
  std::optional<Error> closed_;
};

const Address v4 = Address::v4(127, 0, 0, 1, 0);
const Address v6{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0};

/// Drives members until `done`, for at most five seconds.
template <class Done>
bool until(std::initializer_list<Member*> members, Done done) {
  for (const Time end = steady_now() + 5s; steady_now() < end;) {
    for (Member* member : members) member->turn();
    if (done()) return true;
  }
  return false;
}

std::unique_ptr<RelayServer> started(RelayServerConfig config = {}) {
  config.port = 0;
  auto server = RelayServer::start(config);
  REQUIRE(server.ok());
  return std::move(server).value();
}

/// Brings `guest` into a room that `host` opens, and lets it take stream 7 of the host.
void meet(Member& host, Member& guest) {
  const auto key = crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, crypto::system_random()).value();
  host.send(Channel::control, transport::Hello{transport::protocol_version, Bytes(16, 1)});
  REQUIRE(until({&host}, [&] { return host.find<transport::HelloAccepted>() != nullptr; }));
  host.send(Channel::control, transport::OpenRoom{to_bytes(key.public_key().bytes()), Bytes(200, 2)});
  REQUIRE(until({&host}, [&] { return host.find<transport::RoomOpened>() != nullptr; }));
  guest.send(Channel::control, transport::Hello{transport::protocol_version, Bytes(16, 1)});
  REQUIRE(until({&host, &guest}, [&] { return guest.find<transport::HelloAccepted>() != nullptr; }));
  Bytes text = to_bytes(as_bytes("conclave knock v1"));
  text.insert(text.end(), 16, 1);
  const Bytes& challenge = guest.find<transport::HelloAccepted>()->challenge;
  text.insert(text.end(), challenge.begin(), challenge.end());
  text.push_back(9);
  guest.send(Channel::handshake, transport::Knock{{9}, key.sign(text).value()});
  REQUIRE(until({&host, &guest}, [&] { return host.find<transport::KnockArrived>() != nullptr; }));
  const auto knock_id = host.find<transport::KnockArrived>()->knock_id;
  host.send(Channel::handshake, transport::AppendCommit{0, Bytes(100'000, 3), {{knock_id, Bytes(100'000, 4)}}});
  host.send(Channel::control, transport::Publish{{{7, 1, 7}}});
  REQUIRE(until({&host, &guest}, [&] { return guest.find<transport::KnockAnswered>() != nullptr; }));
  REQUIRE(guest.find<transport::KnockAnswered>()->admitted);
  guest.send(Channel::control, transport::Subscribe{{{7, 7}}});
}

/// The guest gets media of the host, which goes on sending until it does.
bool media_flows(Member& host, Member& guest, std::uint32_t first_sequence) {
  const std::size_t before = guest.media().size();
  std::uint32_t sequence = first_sequence;
  return until({&host, &guest}, [&] {
    host.send_media(7, sequence++);
    return guest.media().size() >= before + 50;
  });
}

}  // namespace

TEST_CASE("two members meet over real sockets, one by IPv4 and one by IPv6", "[runtime]") {
  const auto server = started();
  Member host(*server, v4);
  Member guest(*server, v6);
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
  Member host(*server, v4);
  Member guest(*server, v4);
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
  Member member(wrong, server->port(), v4);
  REQUIRE(until({&member}, [&] { return member.closed().has_value(); }));
  CHECK(member.closed()->code == ErrorCode::identity_mismatch);
}

TEST_CASE("garbage on the relay's port disturbs no call", "[runtime][attack]") {
  const auto server = started();
  Member host(*server, v4);
  Member guest(*server, v4);
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
  Member stranger(link.relay_key_hash, link.port, v4);
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
  Member host(*server, v4);
  Member guest(*server, v4);
  meet(host, guest);
  CHECK(media_flows(host, guest, 0));
  std::this_thread::sleep_for(300ms);
  const auto before = server->report().turns;
  std::this_thread::sleep_for(1s);
  CHECK(server->report().turns - before < 100);
}
