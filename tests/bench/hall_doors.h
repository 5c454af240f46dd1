// How a relay and its members reach each other in a hall: UDP or TCP, over real sockets on loopback, on one thread.
#pragma once

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

#include "crypto/random.h"
#include "runtime/tcp_socket.h"
#include "runtime/udp_socket.h"
#include "transport/quic/client.h"
#include "transport/quic/server.h"
#include "transport/websocket/client.h"
#include "transport/websocket/server.h"

namespace conclave::bench {

using runtime::UdpSocket;
using transport::Address;

inline const Address loopback = Address::v4(127, 0, 0, 1, 0);

/// A member's end.
class Link {
 public:
  virtual ~Link() = default;
  virtual Transport& transport() = 0;
  /// Takes what has arrived; true when something had.
  virtual bool receive(Time now) = 0;
  virtual void send(Time now) = 0;
};

/// The relay's end of all.
class Door {
 public:
  virtual ~Door() = default;
  virtual transport::Server& server() = 0;
  virtual void receive(Time now) = 0;
  virtual void send(Time now) = 0;
  virtual std::unique_ptr<Link> new_link(Time now) = 0;
};

// ---- UDP -------------------------------------------------------------------------------------------------------

class UdpLink final : public Link {
 public:
  UdpLink(const transport::quic::KeyHash& key, const Address& relay, crypto::Random& random, Time now) : relay_(relay), client_({.relay_key_hash = key}, random, now) {}

  Transport& transport() override { return client_; }
  bool receive(Time now) override {
    bool stirred = false;
    for (auto datagrams = socket_.receive(); !datagrams.empty(); datagrams = socket_.receive()) {
      stirred = true;
      for (const auto& datagram : datagrams) client_.receive(datagram.bytes, now);
    }
    return stirred;
  }
  void send(Time now) override {
    std::vector<transport::OutgoingPacket> out;
    for (auto& bytes : client_.transmit(now)) out.push_back({relay_, std::move(bytes)});
    (void)socket_.send(out);
  }

 private:
  UdpSocket socket_ = UdpSocket::bind(loopback).value();
  Address relay_;
  transport::quic::Client client_;
};

class UdpDoor final : public Door {
 public:
  /// `full`: packets are sealed whole for each receiver.
  UdpDoor(crypto::Random& random, bool full) : random_(random) {
    transport::quic::ServerConfig config;
    config.retry_from = config.newcomers_per_second = 100'000;
    config.seal_payloads = full;
    server_ = transport::quic::QuicServer::make(key_, config, random).value();
  }

  transport::Server& server() override { return *server_; }
  void receive(Time now) override {
    for (auto datagrams = socket_.receive(); !datagrams.empty(); datagrams = socket_.receive()) {
      for (const auto& datagram : datagrams) server_->receive(datagram.from, datagram.bytes, now);
      if (datagrams.size() < UdpSocket::batch) break;
    }
  }
  void send(Time now) override {
    const auto packets = server_->transmit(now);
    (void)socket_.send(packets);
  }
  std::unique_ptr<Link> new_link(Time now) override { return std::make_unique<UdpLink>(key_.hash(), socket_.local_address(), random_, now); }

 private:
  crypto::Random& random_;
  transport::quic::RelayKey key_ = transport::quic::RelayKey::generate().value();
  UdpSocket socket_ = UdpSocket::bind(loopback).value();
  std::unique_ptr<transport::quic::QuicServer> server_;
};

// ---- TCP -------------------------------------------------------------------------------------------------------

class TcpLink final : public Link {
 public:
  TcpLink(const transport::quic::KeyHash& key, const Address& relay, crypto::Random& random, Time now)
      : client_({.relay_key_hash = key}, random, now), socket_(runtime::TcpSocket::connect(relay).value()) {}

  Transport& transport() override { return client_; }
  bool receive(Time now) override {
    bool stirred = false;
    std::array<std::uint8_t, 64 << 10> block;
    for (auto got = socket_.receive(block); got.size > 0; got = socket_.receive(block)) {
      stirred = true;
      client_.receive(ByteView(block).first(got.size), now);
    }
    return stirred;
  }
  void send(Time now) override {
    for (ByteView bytes = client_.output(now); !bytes.empty(); bytes = client_.output(now)) {
      const auto sent = socket_.send(bytes);
      client_.consume(sent.size);
      if (sent.size < bytes.size()) return;
    }
  }

 private:
  transport::websocket::Client client_;
  runtime::TcpSocket socket_;
};

class TcpDoor final : public Door {
 public:
  explicit TcpDoor(crypto::Random& random) : random_(random) {
    transport::websocket::ServerConfig config;
    config.newcomers_per_second = 100'000;
    config.max_half_open_per_address = config.max_per_address = config.max_connections;
    server_ = transport::websocket::WebSocketServer::make(key_, config, random).value();
    if (ready_ < 0) throw std::runtime_error("epoll");
    watch(listener_.descriptor(), newcomers);
  }
  TcpDoor(const TcpDoor&) = delete;
  TcpDoor& operator=(const TcpDoor&) = delete;
  ~TcpDoor() override { ::close(ready_); }

  transport::Server& server() override { return *server_; }
  void receive(Time now) override {
    std::array<epoll_event, 256> events{};
    const int count = ::epoll_wait(ready_, events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i) {
      const std::uint64_t id = events[static_cast<std::size_t>(i)].data.u64;
      if (id == newcomers) accept(now);
      else read(id, now);
    }
  }
  void send(Time now) override {
    for (const auto id : std::exchange(blocked_, {})) write(id, now);
    for (const auto id : server_->take_talkative()) write(id, now);
  }
  std::unique_ptr<Link> new_link(Time now) override { return std::make_unique<TcpLink>(key_.hash(), listener_.local_address(), random_, now); }

 private:
  using Id = transport::ConnectionId;
  static constexpr std::uint64_t newcomers = 0;

  void watch(int descriptor, std::uint64_t id) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = id;
    if (::epoll_ctl(ready_, EPOLL_CTL_ADD, descriptor, &event) != 0) throw std::runtime_error("epoll_ctl");
  }
  void accept(Time now) {
    bool exhausted = false;
    while (auto arrival = listener_.accept(exhausted)) {
      const auto id = server_->accept(arrival->from, now);
      if (!id) continue;
      watch(arrival->socket.descriptor(), *id);
      streams_.emplace(*id, std::move(arrival->socket));
    }
  }
  void read(Id id, Time now) {
    std::array<std::uint8_t, 16 << 10> block;
    for (;;) {
      const auto got = streams_.at(id).receive(block);
      if (got.size > 0) server_->receive(id, ByteView(block).first(got.size), now);
      if (got.size < block.size()) return;
    }
  }
  void write(Id id, Time now) {
    const auto stream = streams_.find(id);
    if (stream == streams_.end()) return;
    for (ByteView bytes = server_->output(id, now); !bytes.empty(); bytes = server_->output(id, now)) {
      const auto sent = stream->second.send(bytes);
      server_->consume(id, sent.size);
      if (sent.size < bytes.size()) return blocked_.push_back(id);
    }
  }

  crypto::Random& random_;
  transport::quic::RelayKey key_ = transport::quic::RelayKey::generate().value();
  runtime::TcpListener listener_ = runtime::TcpListener::bind(loopback).value();
  std::unique_ptr<transport::websocket::WebSocketServer> server_;
  std::map<Id, runtime::TcpSocket> streams_;
  std::vector<Id> blocked_;  ///< their sockets took not all
  int ready_ = ::epoll_create1(EPOLL_CLOEXEC);
};

}  // namespace conclave::bench
