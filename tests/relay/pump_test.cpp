#include "relay/pump.h"

#include "harness.h"
#include "transport/memory/memory_network.h"

using namespace conclave;
using namespace conclave::relay;
using namespace conclave::relay::testing;
using transport::memory::Impairments;
using transport::memory::MemoryNetwork;

namespace {

/// Clients on a simulated network whose relay is pumped.
class Simulation {
 public:
  explicit Simulation(std::uint64_t seed) : network(seed) {}

  std::size_t add(const Impairments& path) {
    clients.push_back(network.connect(path, path, now));
    messages.emplace_back();
    media.emplace_back();
    feedback.emplace_back();
    closed.push_back(false);
    return clients.size() - 1;
  }
  void send(std::size_t client, Channel channel, const transport::ClientMessage& message) {
    REQUIRE(clients[client]->send_message(channel, transport::encode(message), now).ok());
  }
  void run(Duration duration) {
    const Time end = now + duration;
    while (true) {
      Time next = pump(relay, network.server(), now);
      for (std::size_t i = 0; i < clients.size(); ++i) {
        receive(i);
        next = std::min(next, clients[i]->next_deadline());
      }
      next = std::min(next, pump(relay, network.server(), now));
      if (next > end) break;
      now = std::max(now, next);
    }
    now = end;
  }
  template <class Message>
  Message last(std::size_t client) {
    for (auto message = messages[client].rbegin(); message != messages[client].rend(); ++message) {
      if (auto* wanted = std::get_if<Message>(&*message)) return *wanted;
    }
    FAIL("no such message");
    return {};
  }
  transport::Knock knock(std::size_t client) {
    Bytes text = to_bytes(as_bytes("conclave knock v1"));
    text.insert(text.end(), 16, 1);
    const Bytes challenge = last<transport::HelloAccepted>(client).challenge;
    text.insert(text.end(), challenge.begin(), challenge.end());
    text.push_back(5);
    return {{5}, gate_key.sign(text).value()};
  }

  MemoryNetwork network;
  Time now{1s};
  crypto::SeededRandom random{3};
  MemoryCommitLog log{100, 1 << 20};
  Relay relay{Limits{}, log, random};
  crypto::SignaturePrivateKey gate_key =
      crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, random).value();
  std::vector<std::unique_ptr<transport::memory::MemoryClient>> clients;
  std::vector<std::vector<transport::RelayMessage>> messages;
  std::vector<std::vector<MediaPacket>> media;
  std::vector<std::vector<transport::Feedback>> feedback;
  std::vector<bool> closed;

 private:
  void receive(std::size_t client) {
    for (auto& event : clients[client]->poll(now)) {
      if (auto* message = std::get_if<TransportMessage>(&event)) {
        messages[client].push_back(transport::decode_relay_message(message->message).value());
      } else if (auto* packet = std::get_if<MediaPacket>(&event)) {
        media[client].push_back(*packet);
      } else if (auto* datagram = std::get_if<TransportFeedback>(&event)) {
        const auto items = transport::decode_feedback(datagram->feedback);
        feedback[client].insert(feedback[client].end(), items->begin(), items->end());
      } else if (std::holds_alternative<TransportClosed>(event)) {
        closed[client] = true;
      }
    }
  }
};

/// Opens the room with client 0 and admits client 1, who takes stream 7 of the host.
void begin_call(Simulation& sim) {
  sim.send(0, Channel::control, transport::Hello{transport::protocol_version, Bytes(16, 1)});
  sim.run(1s);
  sim.send(0, Channel::control, transport::OpenRoom{to_bytes(sim.gate_key.public_key().bytes()), Bytes(100, 2)});
  sim.run(1s);
  sim.send(1, Channel::control, transport::Hello{transport::protocol_version, Bytes(16, 1)});
  sim.run(1s);
  sim.send(1, Channel::handshake, sim.knock(1));
  sim.run(1s);
  const auto knock_id = sim.last<transport::KnockArrived>(0).knock_id;
  sim.send(0, Channel::handshake, transport::AppendCommit{0, {1}, {{knock_id, {2}}}});
  sim.send(0, Channel::control, transport::Publish{{{7, 1, 4}}});
  sim.run(1s);
  REQUIRE(sim.last<transport::KnockAnswered>(1).admitted);
  sim.send(1, Channel::control, transport::Subscribe{{{7, 7}}});
  sim.run(1s);
}

/// 200 packets, 5 ms apart; the receiver asks for what it misses, the publisher answers the relay.
std::size_t play(Simulation& sim) {
  std::set<std::uint32_t> got;
  std::size_t heard = 0;
  std::size_t answered = 0;
  for (std::uint32_t i = 0; i < 400; ++i) {
    if (i < 200) (void)sim.clients[0]->send_media(media_packet(7, i), sim.now);
    sim.run(5ms);
    for (; heard < sim.media[1].size(); ++heard) got.insert(sim.media[1][heard].header.stream_sequence);
    transport::Nack missing{7, {}};
    for (std::uint32_t s = 0; s + 20 < i && s < 200; ++s) {
      if (!got.contains(s)) missing.sequences.push_back(s);
    }
    if (i % 20 == 0 && !missing.sequences.empty()) (void)sim.clients[1]->send_feedback(transport::encode_feedback({missing}).value(), sim.now);
    for (; answered < sim.feedback[0].size(); ++answered) {
      const auto* nack = std::get_if<transport::Nack>(&sim.feedback[0][answered]);
      if (nack == nullptr) continue;
      for (const auto sequence : nack->sequences) (void)sim.clients[0]->send_media(media_packet(7, sequence), sim.now);
    }
  }
  return got.size();
}

}  // namespace

TEST_CASE("a room of two over a simulated network", "[relay][sim]") {
  Simulation sim(1);
  sim.add({.delay = 20ms});
  sim.add({.delay = 75ms});
  begin_call(sim);
  CHECK(play(sim) == 200);
  CHECK(sim.relay.counters().retransmissions == 0);
  sim.send(0, Channel::control, transport::CloseRoom{});
  sim.run(1s);
  CHECK((sim.closed[0] && sim.closed[1]));
  CHECK(sim.relay.connection_count() == 0);
}

TEST_CASE("losses on both hops are repaired by the relay's ring and its own NACKs", "[relay][sim]") {
  Simulation sim(2);
  sim.add({.delay = 20ms, .loss = 0.05});
  sim.add({.delay = 20ms, .loss = 0.05});
  begin_call(sim);
  CHECK(play(sim) >= 198);
  CHECK(sim.relay.counters().retransmissions > 3);
  CHECK(sim.relay.counters().uplink_nacks > 3);
}

TEST_CASE("the same seed gives the same run", "[relay][sim]") {
  const auto run = [](std::uint64_t seed) {
    Simulation sim(seed);
    sim.add({.delay = 20ms, .jitter = 10ms, .loss = 0.1, .reorder = 0.05, .duplicate = 0.05, .corrupt = 0.02});
    sim.add({.delay = 20ms, .jitter = 10ms, .loss = 0.1, .reorder = 0.05, .duplicate = 0.05, .corrupt = 0.02});
    begin_call(sim);
    play(sim);
    std::vector<std::uint32_t> trace;
    for (const auto& packet : sim.media[1]) trace.push_back(packet.header.stream_sequence);
    return trace;
  };
  CHECK(run(5) == run(5));
  CHECK(run(5) != run(6));
}

TEST_CASE("a member that is cut off is gone for the others", "[relay][sim]") {
  Simulation sim(4);
  sim.add({.delay = 20ms});
  sim.add({.delay = 20ms});
  begin_call(sim);
  sim.clients[1]->cut(sim.now);
  sim.run(30s);
  CHECK_FALSE(sim.last<transport::PeerGone>(0).left);
  CHECK(sim.relay.connection_count() == 1);
}

TEST_CASE("a member that does not take its messages is closed, and the room goes on", "[relay][sim][attack]") {
  Simulation sim(5);
  sim.add({.delay = 1ms});
  sim.add({.delay = 1ms});
  begin_call(sim);
  sim.clients[1]->change_down(sim.now, {.delay = 1ms, .bandwidth = 8'000});
  for (int i = 0; i < 400 && !sim.closed[0]; ++i) {
    sim.send(0, Channel::application, transport::Broadcast{Bytes(60'000, 1)});
    sim.run(250ms);
    if (sim.relay.connection_count() == 1) break;
  }
  CHECK(sim.relay.connection_count() == 1);
  CHECK_FALSE(sim.closed[0]);
  sim.run(1s);
  CHECK_FALSE(sim.last<transport::PeerGone>(0).left);
}
