#include "in_process_relay.h"

#include <catch2/catch.hpp>

#include <chrono>

#include "crypto/random.h"
#include "relay/pump.h"
#include "transport/outgoing.h"

namespace conclave_abi {

using namespace conclave;
using transport::Address;
using transport::quic::QuicServer;

namespace {

Time now() { return Time(Duration(conclave_now())); }

}  // namespace

InProcessRelay::InProcessRelay()
    : key_(std::move(*transport::quic::RelayKey::generate())), server_(std::move(*QuicServer::make(key_, {}, crypto::system_random()))),
      relay_(relay::Limits{}, log_, crypto::system_random()), thread_([this] { run(); }) {}

InProcessRelay::~InProcessRelay() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  arrived_.notify_one();
  thread_.join();
}

std::string InProcessRelay::place() const {
  std::string text = "relay.invalid:4433#";
  for (const auto byte : key_.hash()) text += {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
  return text;
}

void InProcessRelay::take(std::uint16_t port, const std::uint8_t* datagram, std::size_t size) {
  {
    const std::lock_guard lock(mutex_);
    datagrams_.emplace_back(port, Bytes(datagram, datagram + size));
  }
  arrived_.notify_one();
}

void InProcessRelay::answer(std::uint16_t port, conclave_handle call) { calls_.at(port).store(call); }

void InProcessRelay::note(std::uint16_t port, const Bytes& bytes) {
  const std::lock_guard lock(mutex_);
  if (brought_.at(port).size() < 1000) brought_.at(port).push_back(bytes);
}

std::vector<Bytes> InProcessRelay::brought_to(std::uint16_t port) {
  const std::lock_guard lock(mutex_);
  return brought_.at(port);
}

std::deque<std::pair<std::uint16_t, Bytes>> InProcessRelay::wait() {
  std::unique_lock lock(mutex_);
  arrived_.wait_for(lock, std::chrono::milliseconds(5), [this] { return over_ || !datagrams_.empty(); });
  return std::exchange(datagrams_, {});
}

void InProcessRelay::run() {
  for (;;) {
    for (const auto& [port, bytes] : wait()) server_->receive(Address::v4(10, 0, 0, 1, port), bytes, now());
    relay::pump(relay_, *server_, now());
    for (auto& packet : server_->transmit(now())) {
      const auto call = calls_.at(packet.to.port).load();
      const std::uint16_t port = packet.to.port;
      const Bytes bytes = transport::whole(std::move(packet));
      note(port, bytes);
      if (call != 0) conclave_call_receive(call, bytes.data(), bytes.size());  // lost once the call is closed
    }
    const std::lock_guard lock(mutex_);
    if (over_) return;
  }
}

conclave_carrier Wire::carrier() {
  auto table = sized<conclave_carrier>();
  table.user = this;
  table.send = [](void* user, const std::uint8_t* datagram, std::size_t size) {
    auto& wire = *static_cast<Wire*>(user);
    ++wire.sent;
    {
      const std::lock_guard lock(wire.mutex);
      if (wire.kept.size() < 1000) wire.kept.emplace_back(datagram, datagram + size);
    }
    wire.relay.take(wire.port, datagram, size);
  };
  table.closed = [](void* user) { ++static_cast<Wire*>(user)->closed; };
  return table;
}

}  // namespace conclave_abi
