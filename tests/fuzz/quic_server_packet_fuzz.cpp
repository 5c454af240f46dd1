// Arbitrary datagrams into a relay that serves one member, and into that member, whose connection must go on. The input is a list of
// datagrams: one byte says from whom, whether it damages a real packet or is one of its own, two bytes its size.
#include <algorithm>
#include <cstdlib>

#include "transport/quic/client.h"
#include "transport/quic/server.h"

using namespace conclave;
using namespace conclave::transport;

namespace {

const quic::RelayKey& relay_key() {
  static const auto key = quic::RelayKey::generate();
  return *key;
}

struct Pair {
  crypto::SeededRandom random{1};
  Time now{};
  Address address = Address::v4(10, 0, 0, 1, 1);
  std::unique_ptr<quic::QuicServer> server = std::move(*quic::QuicServer::make(relay_key(), {}, random));
  quic::Client client{[] {
                        quic::ClientConfig config;
                        config.relay_key_hash = relay_key().hash();
                        return config;
                      }(),
                      random, now};
  std::size_t media = 0;
  bool lost = false;

  static Bytes damaged(Bytes packet, const std::uint8_t* damage, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) packet[i * 7 % packet.size()] ^= damage[i];
    return packet;
  }
  void exchange(const std::uint8_t* damage, std::size_t size) {
    for (Bytes& packet : client.transmit(now)) {
      if (size > 0) server->receive(address, damaged(packet, damage, size), now);
      server->receive(address, packet, now);
    }
    for (const auto& event : server->poll(now)) {
      media += std::holds_alternative<MediaPacket>(event.event) ? 1 : 0;
      lost = lost || std::holds_alternative<TransportClosed>(event.event);
    }
    for (const auto& packet : server->transmit(now)) {
      if (packet.to != address) continue;
      if (size > 0) client.receive(damaged(whole(packet), damage, size), now);
      client.receive(whole(packet), now);
    }
    for (const auto& event : client.poll(now)) lost = lost || std::holds_alternative<TransportClosed>(event);
    now += std::chrono::milliseconds(10);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Pair pair;
  for (int i = 0; i < 6; ++i) pair.exchange(nullptr, 0);
  while (size >= 3) {
    const std::uint8_t kind = data[0];
    const std::size_t length = std::min<std::size_t>((std::size_t{data[1]} << 8 | data[2]) % 1500, size - 3);
    const ByteView datagram(data + 3, length);
    if (kind % 2 == 0) {
      pair.server->receive(kind % 4 == 0 ? pair.address : Address::v4(6, 6, 6, kind, 6), datagram, pair.now);
      pair.client.receive(datagram, pair.now);
    } else {
      (void)pair.client.send_feedback(datagram.first(std::min<std::size_t>(length, 1100)), pair.now);
      (void)pair.client.send_message(Channel::control, datagram, pair.now);
      pair.exchange(datagram.data(), std::min<std::size_t>(length, 32));
    }
    data += 3 + length;
    size -= 3 + length;
  }
  if (!pair.client.send_media({}, pair.now).ok()) std::abort();
  pair.exchange(nullptr, 0);
  if (pair.media != 1 || pair.lost) std::abort();
  return 0;
}
