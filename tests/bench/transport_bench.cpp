// What a hop costs per packet, beside the AEAD alone, and what a relay costs per receiver.
#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <vector>

#include "crypto/aead.h"
#include "transport/codec.h"
#include "transport/hop/opener.h"
#include "transport/hop/sealer.h"
#include "transport/quic/client.h"
#include "transport/quic/server.h"

using namespace conclave;
using namespace conclave::transport;

namespace {

hop::HopSecrets secrets() { return hop::HopSecrets::derive(hop::ExporterSecret::copy_of(Bytes(hop::secret_size, 1))); }

/// The limit: AES-128-GCM over a header of 13 bytes with 11 bytes of associated data.
void aead_header(benchmark::State& state) {
  const crypto::AeadKey key(crypto::AeadAlgorithm::aes_128_gcm, Bytes(16, 1));
  const Bytes nonce(12), associated(11);
  Bytes buffer(13 + 16);
  for (auto _ : state) {
    key.seal(nonce, associated, ByteView(buffer).first(13), buffer);
    benchmark::DoNotOptimize(buffer.data());
  }
}

/// What sealing whole packets would cost.
void aead_packet(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const crypto::AeadKey key(crypto::AeadAlgorithm::aes_128_gcm, Bytes(16, 1));
  const Bytes nonce(12), associated(11);
  Bytes buffer(size + 16);
  for (auto _ : state) {
    key.seal(nonce, associated, ByteView(buffer).first(size), buffer);
    benchmark::DoNotOptimize(buffer.data());
  }
}

void seal_header(benchmark::State& state) {
  hop::Sealer sealer(secrets().client_to_server, 1);
  std::array<std::uint8_t, hop::media_overhead> out;
  for (auto _ : state) {
    sealer.seal_media_header({}, 1100, out);
    benchmark::DoNotOptimize(out.data());
  }
}

void seal_packet(benchmark::State& state) {
  hop::Sealer sealer(secrets().client_to_server, 1);
  const Bytes payload(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(sealer.seal_media({}, payload));
}

void open_packet(benchmark::State& state) {
  hop::Sealer sealer(secrets().client_to_server, 1);
  hop::Opener opener(secrets().client_to_server);
  const Bytes payload(static_cast<std::size_t>(state.range(0)));
  std::vector<Bytes> packets;
  std::size_t next = 0;
  for (auto _ : state) {
    if (next == packets.size()) {
      state.PauseTiming();
      packets.clear();
      for (int i = 0; i < 4096; ++i) packets.push_back(sealer.seal_media({}, payload));
      next = 0;
      state.ResumeTiming();
    }
    auto opened = opener.open(packets[next++]);
    if (std::holds_alternative<hop::Drop>(opened)) return state.SkipWithError("dropped");
    benchmark::DoNotOptimize(opened);
  }
}

/// A relay with members who have joined it.
struct Relay {
  explicit Relay(std::size_t count) : key(std::move(*quic::RelayKey::generate())), server(std::move(*quic::QuicServer::make(key, {}, random))) {
    quic::ClientConfig config;
    config.relay_key_hash = key.hash();
    for (std::size_t i = 0; i < count; ++i) clients.push_back(std::make_unique<quic::Client>(config, random, now));
    for (int round = 0; round < 10; ++round) exchange();
  }
  static Address address(std::size_t i) { return Address::v4(10, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i), 1); }
  void exchange() {
    for (std::size_t i = 0; i < clients.size(); ++i) {
      for (const Bytes& packet : clients[i]->transmit(now)) server->receive(address(i), packet, now);
    }
    for (const auto& event : server->poll(now)) {
      if (std::holds_alternative<TransportConnected>(event.event)) joined.push_back(event.connection);
    }
    for (const auto& packet : server->transmit(now)) clients[packet.to.ip[14] * 256u + packet.to.ip[15]]->receive(whole(packet), now);
    for (auto& client : clients) (void)client->poll(now);
    now += std::chrono::milliseconds(20);
  }

  crypto::SeededRandom random{1};
  Time now{};
  quic::RelayKey key;
  std::unique_ptr<quic::QuicServer> server;
  std::vector<std::unique_ptr<quic::Client>> clients;
  std::vector<ConnectionId> joined;
};

/// One packet from a member to all of them, from datagram to datagrams; per receiver.
void forward(benchmark::State& state) {
  Relay relay(static_cast<std::size_t>(state.range(0)));
  MediaPacket packet;
  packet.payload = SealedPayload::received(Bytes(1100));
  std::size_t sent = 0;
  for (auto _ : state) {
    state.PauseTiming();
    if (!relay.clients[0]->send_media(packet, relay.now).ok()) return state.SkipWithError("not connected");
    const auto datagrams = relay.clients[0]->transmit(relay.now);
    state.ResumeTiming();
    for (const Bytes& datagram : datagrams) relay.server->receive(Relay::address(0), datagram, relay.now);
    for (const auto& event : relay.server->poll(relay.now)) {
      const auto* media = std::get_if<MediaPacket>(&event.event);
      for (const ConnectionId id : relay.joined) {
        if (media != nullptr) (void)relay.server->send_media(id, *media, relay.now);
      }
    }
    sent += relay.server->transmit(relay.now).size();
    benchmark::DoNotOptimize(relay.server->next_deadline());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(sent));
}

void handshake(benchmark::State& state) {
  for (auto _ : state) {
    Relay relay(1);
    if (relay.joined.size() != 1) return state.SkipWithError("not connected");
  }
}

void encode_log_entry(benchmark::State& state) {
  const RelayMessage entry = LogEntry{1, true, 2, 3, Bytes(static_cast<std::size_t>(state.range(0)))};
  for (auto _ : state) benchmark::DoNotOptimize(encode(entry));
}

void decode_log_entry(benchmark::State& state) {
  const Bytes bytes = encode(RelayMessage{LogEntry{1, true, 2, 3, Bytes(static_cast<std::size_t>(state.range(0)))}});
  for (auto _ : state) benchmark::DoNotOptimize(decode_relay_message(bytes));
}

}  // namespace

BENCHMARK(aead_header)->Name("transport/aead_seal/13");
BENCHMARK(seal_header)->Name("transport/hop_seal_header/13");
BENCHMARK(seal_packet)->Name("transport/hop_seal")->Arg(120)->Arg(1100);
BENCHMARK(open_packet)->Name("transport/hop_open")->Arg(120)->Arg(1100);
BENCHMARK(aead_packet)->Name("transport/aead_seal_whole")->Arg(120)->Arg(1100);
BENCHMARK(forward)->Name("transport/server_forward")->Arg(2)->Arg(50)->Arg(200);
BENCHMARK(handshake)->Name("transport/quic_handshake_both_ends")->Unit(benchmark::kMicrosecond);
BENCHMARK(encode_log_entry)->Name("transport/encode_log_entry")->Arg(1000)->Arg(100000);
BENCHMARK(decode_log_entry)->Name("transport/decode_log_entry")->Arg(1000)->Arg(100000);
