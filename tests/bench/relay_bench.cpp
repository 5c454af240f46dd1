// What one packet costs the relay's core: routing, ring, gaps and lists of receivers; no sockets, no hop cryptography.
#include <benchmark/benchmark.h>

#include "base/bytes.h"
#include "relay/memory_commit_log.h"
#include "relay/relay.h"
#include "transport/codec.h"

namespace {

using namespace conclave;
using namespace conclave::relay;

/// A room whose founder publishes stream 1 to `receivers` members, brought up through the front door.
class Room1 {
 public:
  explicit Room1(std::size_t receivers) {
    const auto key = crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, random_).value();
    enter(founder);
    say(founder, transport::OpenRoom{to_bytes(key.public_key().bytes()), {1}});
    for (ConnectionId guest = founder + 1; guest <= founder + receivers; ++guest) {
      Bytes text = to_bytes(as_bytes("conclave knock v1"));
      text.insert(text.end(), 16, 0);
      const Bytes challenge = enter(guest);
      text.insert(text.end(), challenge.begin(), challenge.end());
      text.push_back(1);
      say(guest, transport::Knock{{1}, key.sign(text).value()});
      say(founder, transport::AppendCommit{guest, {1}, {{guest - founder, {1}}}});
      say(guest, transport::Subscribe{{{1, 7}}});
    }
    say(founder, transport::Publish{{{1, 3, 4}}});
  }

  Outputs send(std::uint32_t sequence) {
    now_ += std::chrono::milliseconds(2);
    MediaPacket packet;
    packet.header.frame.stream_id = 1;
    packet.header.frame.temporal_layer = static_cast<std::uint8_t>(sequence % 3);
    packet.header.frame.keyframe = packet.header.start = true;
    packet.header.stream_sequence = sequence & 0xffffff;
    packet.payload = SealedPayload::received(payload_);
    return relay_.handle({founder, std::move(packet)}, now_);
  }

  static constexpr ConnectionId founder = 1;

 private:
  Bytes enter(ConnectionId id) {
    now_ += std::chrono::seconds(1);
    (void)relay_.handle({id, TransportConnected{}}, now_);
    const auto outputs = say(id, transport::Hello{transport::protocol_version, Bytes(16, 0)});
    const auto reply = transport::decode_relay_message(*std::get<SendMessage>(outputs.front()).message);
    return std::get<transport::HelloAccepted>(*reply).challenge;
  }
  Outputs say(ConnectionId id, const transport::ClientMessage& message) {
    return relay_.handle({id, TransportMessage{Channel::control, transport::encode(message)}}, now_);
  }

  Limits limits_;
  crypto::SeededRandom random_{1};
  MemoryCommitLog log_{limits_.log_entries, limits_.log_bytes};
  Relay relay_{limits_, log_, random_};
  Time now_{std::chrono::seconds(1)};
  Bytes payload_ = Bytes(1100, 7);
};

void forward(benchmark::State& state) {
  const auto receivers = static_cast<std::size_t>(state.range(0));
  Room1 room(receivers);
  std::uint32_t sequence = 0;
  std::size_t forwarded = 0;
  for (auto _ : state) {
    const Outputs outputs = room.send(sequence++);
    for (const Output& output : outputs) forwarded += std::get<SendMedia>(output).receivers->size();
  }
  if (forwarded != receivers * sequence) state.SkipWithError("not everything was forwarded");
  state.counters["packets_per_cpu_second"] =
      benchmark::Counter(static_cast<double>(forwarded), benchmark::Counter::kIsRate);
}

}  // namespace

BENCHMARK(forward)->Name("relay/forward")->Arg(1)->Arg(10)->Arg(50)->Arg(200);
