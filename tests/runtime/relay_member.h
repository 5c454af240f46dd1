// Members that speak to a relay over real sockets, by QUIC unless said otherwise, driven by the thread of the test.
#pragma once

#include <poll.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "crypto/random.h"
#include "crypto/signature.h"
#include "runtime/quic_path.h"
#include "runtime/relay_server.h"
#include "runtime/steady_time.h"
#include "transport/codec.h"
#include "transport/feedback.h"
#include "runtime/websocket_path.h"

namespace conclave::test {

using namespace std::chrono_literals;
using runtime::RelayServer;
using runtime::RelayServerConfig;
using runtime::steady_now;
using runtime::UdpSocket;
using transport::Address;

/// A member's end over a real socket.
class RelayMember {
 public:
  RelayMember(const RelayServer& relay, Address to) : RelayMember(relay.key_hash(), relay.port(), to) {}
  /// Over TCP.
  static RelayMember over_tcp(const RelayServer& relay) {
    return {UdpSocket::bind(Address::v4(127, 0, 0, 1, 0)).value(), Address::v4(127, 0, 0, 1, relay.tcp_port()),
            runtime::dial_by_websocket(link_of(relay.key_hash()), patience)};
  }
  /// From another address of loopback.
  RelayMember(const RelayServer& relay, std::uint8_t last_byte)
      : RelayMember(UdpSocket::bind(Address::v4(127, 0, 0, last_byte, 0)).value(), Address::v4(127, 0, 0, 1, relay.port()),
                    runtime::dial_by_quic(link_of(relay.key_hash()), patience)) {}
  RelayMember(const transport::quic::KeyHash& pinned, std::uint16_t port, Address to)
      : RelayMember(UdpSocket::bind(any_of_family(to)).value(), {to.ip, port}, runtime::dial_by_quic(link_of(pinned), patience)) {}

  void send(Channel channel, const transport::ClientMessage& message) {
    REQUIRE(client_->send_message(channel, transport::encode(message), steady_now()).ok());
  }
  void send_media(std::uint16_t stream, std::uint32_t sequence) { REQUIRE(offer_media(stream, sequence)); }
  /// For other threads than the test's own.
  bool offer_media(std::uint16_t stream, std::uint32_t sequence) {
    MediaPacket packet;
    packet.header.frame.stream_id = stream;
    packet.header.frame.keyframe = packet.header.start = packet.header.end = true;
    packet.header.stream_sequence = sequence;
    packet.payload = SealedPayload::received(Bytes(1000, static_cast<std::uint8_t>(sequence)));
    return client_->send_media(packet, steady_now()).ok();
  }
  /// What it would send now.
  std::vector<transport::OutgoingPacket> outgoing() {
    std::vector<transport::OutgoingPacket> out;
    for (auto& bytes : client_->transmit(steady_now())) out.push_back({relay_, std::move(bytes)});
    return out;
  }
  void send_feedback(const std::vector<transport::Feedback>& items) { (void)client_->send_feedback(transport::encode_feedback(items).value(), steady_now()); }
  void send_raw(Bytes datagram) { (void)socket_.send(std::vector<transport::OutgoingPacket>{{relay_, std::move(datagram)}}); }
  /// One turn: sends, waits for at most 5 ms, or as long as said, receives.
  void turn(int milliseconds = 5) {
    flush();
    pollfd waiting{client_->descriptor() < 0 ? socket_.descriptor() : client_->descriptor(), POLLIN, 0};
    (void)::poll(&waiting, 1, milliseconds);
    receive();
  }
  void receive() {
    for (const auto& datagram : socket_.receive()) client_->receive(datagram.bytes, steady_now());
    for (auto& event : client_->poll(steady_now())) take(event);
  }
  /// For who reads the socket itself.
  void receive(ByteView datagram) {
    client_->receive(datagram, steady_now());
    for (auto& event : client_->poll(steady_now())) take(event);
  }
  void send_all(const std::vector<transport::OutgoingPacket>& packets) { (void)socket_.send(packets); }
  void flush() { send_all(outgoing()); }
  [[nodiscard]] int descriptor() const { return socket_.descriptor(); }
  template <class Message>
  [[nodiscard]] const Message* find() const {
    for (const auto& message : messages_) {
      if (const auto* wanted = std::get_if<Message>(&message)) return wanted;
    }
    return nullptr;
  }
  template <class Message>
  [[nodiscard]] std::size_t count() const {
    return static_cast<std::size_t>(std::count_if(messages_.begin(), messages_.end(), [](const auto& message) { return std::holds_alternative<Message>(message); }));
  }
  template <class Message>
  [[nodiscard]] const Message* last() const {
    const Message* found = nullptr;
    for (const auto& message : messages_) {
      if (const auto* wanted = std::get_if<Message>(&message)) found = wanted;
    }
    return found;
  }
  [[nodiscard]] const std::vector<MediaPacket>& media() const { return media_; }
  void forget_media() { media_.clear(); }
  std::vector<transport::Feedback> take_feedback() { return std::exchange(feedback_, {}); }
  [[nodiscard]] const std::optional<Error>& closed() const { return closed_; }

 private:
  static constexpr Duration patience = std::chrono::milliseconds(4500);

  RelayMember(UdpSocket socket, const Address& relay, const runtime::DialRace::Dial& dial)
      : socket_(std::move(socket)), relay_(relay), client_(dial(relay, steady_now())) {}
  static Link link_of(const transport::quic::KeyHash& pinned) {
    Link link;
    link.relay_key_hash = pinned;
    return link;
  }
  static Address any_of_family(Address to) {
    const bool v4 = to.ip[10] == 0xff;
    return v4 ? Address::v4(127, 0, 0, 1, 0) : Address{to.ip, 0};
  }
  void take(TransportEvent& event) {
    if (const auto* message = std::get_if<TransportMessage>(&event)) {
      messages_.push_back(transport::decode_relay_message(message->message).value());
    } else if (auto* packet = std::get_if<MediaPacket>(&event)) {
      media_.push_back(std::move(*packet));
    } else if (const auto* datagram = std::get_if<TransportFeedback>(&event)) {
      auto items = transport::decode_feedback(datagram->feedback).value();
      for (auto& item : items) feedback_.push_back(std::move(item));
    } else if (const auto* end = std::get_if<TransportClosed>(&event)) {
      closed_ = end->error;
    }
  }

  UdpSocket socket_;
  Address relay_;
  std::unique_ptr<runtime::DatagramTransport> client_;
  std::vector<transport::RelayMessage> messages_;
  std::vector<MediaPacket> media_;
  std::vector<transport::Feedback> feedback_;
  std::optional<Error> closed_;
};

inline const Address v4 = Address::v4(127, 0, 0, 1, 0);
inline const Address v6{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0};

/// Drives members until `done`, for at most five seconds.
template <class Done>
bool until(std::initializer_list<RelayMember*> members, Done done) {
  for (const Time end = steady_now() + 5s; steady_now() < end;) {
    for (RelayMember* member : members) member->turn();
    if (done()) return true;
  }
  return false;
}

inline std::unique_ptr<RelayServer> started(RelayServerConfig config = {}) {
  config.port = 0;
  auto server = RelayServer::start(config);
  REQUIRE(server.ok());
  return std::move(server).value();
}

/// Brings `guest` into a room that `host` opens, and lets it take stream 7 of the host.
inline void meet(RelayMember& host, RelayMember& guest, std::uint8_t room = 1) {
  const auto key = crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, crypto::system_random()).value();
  host.send(Channel::control, transport::Hello{transport::protocol_version, Bytes(16, room)});
  REQUIRE(until({&host}, [&] { return host.find<transport::HelloAccepted>() != nullptr; }));
  host.send(Channel::control, transport::OpenRoom{to_bytes(key.public_key().bytes()), Bytes(200, 2)});
  REQUIRE(until({&host}, [&] { return host.find<transport::RoomOpened>() != nullptr; }));
  guest.send(Channel::control, transport::Hello{transport::protocol_version, Bytes(16, room)});
  REQUIRE(until({&host, &guest}, [&] { return guest.find<transport::HelloAccepted>() != nullptr; }));
  Bytes text = to_bytes(as_bytes("conclave knock v1"));
  text.insert(text.end(), 16, room);
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
inline bool media_flows(RelayMember& host, RelayMember& guest, std::uint32_t first_sequence) {
  const std::size_t before = guest.media().size();
  std::uint32_t sequence = first_sequence;
  return until({&host, &guest}, [&] {
    host.send_media(7, sequence++);
    return guest.media().size() >= before + 50;
  });
}

}  // namespace conclave::test
