// What strangers and one member do to a relay over real sockets, and what the honest room in it notices.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <random>
#include <set>
#include <thread>

#include "relay_member.h"

namespace conclave::test {
namespace {

#ifdef CONCLAVE_SANITIZED
constexpr int share = 20;  // of the work, where all of it takes twenty times as long
#else
constexpr int share = 1;
#endif

/// How many of each, at most: a hundred thousand in the long form.
std::size_t many() { return (std::getenv("CONCLAVE_LONG") != nullptr ? 100'000u : 10'000u) / share; }

/// Two in a call on a thread of their own; what the one sends is counted at the other. Lost packets are asked for again, as members do.
class HonestRoom {
 public:
  explicit HonestRoom(const RelayServer& server) : host_(server, 1), guest_(server, 1) {
    meet(host_, guest_);
    thread_ = std::thread([this] { talk(); });
    while (sent_ < 20) std::this_thread::sleep_for(1ms);
  }
  HonestRoom(const HonestRoom&) = delete;
  HonestRoom& operator=(const HonestRoom&) = delete;
  ~HonestRoom() { stop(); }

  /// Ends the call; packets that never arrived, of how many.
  std::pair<std::size_t, std::size_t> stop() {
    for (const Time end = steady_now() + 10s; thread_.joinable() && sent_ < 150 && steady_now() < end;) std::this_thread::sleep_for(1ms);
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
    const std::size_t before = arrived_.empty() ? 0 : *arrived_.begin();  // sent when the guest was not listening yet
    return {sent_ - before - arrived_.size(), sent_ - before};
  }
  [[nodiscard]] bool lost_a_member() const { return host_.closed() || guest_.closed(); }

 private:
  void talk() {
    Time next = steady_now();
    while (!stopping_) {
      for (; steady_now() >= next; next += 5ms) {
        if (host_.offer_media(7, static_cast<std::uint32_t>(sent_))) ++sent_;
      }
      step();
    }
    for (const Time end = steady_now() + 3s; !all_arrived() && steady_now() < end;) step();
  }
  [[nodiscard]] bool all_arrived() const { return !arrived_.empty() && arrived_.size() + *arrived_.begin() >= sent_; }
  void step() {
    host_.turn();
    guest_.turn();
    for (; seen_ < guest_.media().size(); ++seen_) arrived_.insert(guest_.media()[seen_].header.stream_sequence);
    ask_again();
    for (const auto& item : host_.take_feedback()) {
      const auto* nack = std::get_if<transport::Nack>(&item);
      for (std::size_t i = 0; nack != nullptr && i < nack->sequences.size(); ++i) (void)host_.offer_media(7, nack->sequences[i]);
    }
  }
  void ask_again() {
    if (arrived_.empty() || steady_now() < next_nack_) return;
    next_nack_ = steady_now() + 50ms;
    std::vector<std::uint32_t> missing;
    for (std::uint32_t number = *arrived_.rbegin(); number > 0 && number + 400 > *arrived_.rbegin() && missing.size() < 64; --number) {
      if (!arrived_.contains(number)) missing.push_back(number);
    }
    if (!missing.empty()) guest_.send_feedback({transport::Nack{7, missing}});
  }

  RelayMember host_, guest_;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::size_t> sent_ = 0;
  std::size_t seen_ = 0;
  std::set<std::uint32_t> arrived_;
  Time next_nack_{};
  std::thread thread_;
};

void check_unharmed(HonestRoom& room) {
  const auto [lost, sent] = room.stop();
  INFO(lost << " of " << sent << " packets are lost");
  CHECK(sent > 100);
  CHECK(lost * 1000 <= sent);
  CHECK_FALSE(room.lost_a_member());
}

/// Datagrams that begin a connection, as many as make a difference.
std::vector<Bytes> beginnings(const RelayServer& server) {
  std::vector<Bytes> out;
  for (int i = 0; i < 50; ++i) {
    RelayMember caller(server, 2);
    for (auto& packet : caller.outgoing()) out.push_back(std::move(packet.bytes));
  }
  return out;
}

}  // namespace

TEST_CASE("connections that say nothing, or one byte now and then, cost an honest room nothing", "[runtime][attack]") {
  RelayServerConfig config;
  config.quic.max_connections = 300;
  const auto server = started(config);
  HonestRoom room(*server);
  std::vector<std::unique_ptr<RelayMember>> silent;
  std::size_t handshakes = 0;
  for (const Time end = steady_now() + 4s * share; handshakes < static_cast<std::size_t>(400 / share) && steady_now() < end; ++handshakes) {
    auto& caller = *silent.emplace_back(std::make_unique<RelayMember>(*server, static_cast<std::uint8_t>(2 + handshakes % 50)));
    if (handshakes % 4 == 0) caller.send(Channel::control, transport::Knock{Bytes(16'000, 1), Bytes(64, 1)});  // never comes to its end
    for (int turn = 0; turn < 2; ++turn) caller.turn();
  }
  for (int round = 0; round < 20; ++round) {  // one datagram each, now and then
    for (const auto& caller : silent) {
      auto packets = caller->outgoing();
      if (!packets.empty()) caller->send_raw(std::move(packets.front().bytes));
      caller->receive();
    }
  }
  check_unharmed(room);
  CHECK(server->report().connections < 300);
}

TEST_CASE("beginnings of handshakes, whole, cut and damaged, cost an honest room nothing", "[runtime][attack]") {
  const auto server = started();
  HonestRoom room(*server);
  const auto real = beginnings(*server);
  std::mt19937 dice(1);
  RelayMember attacker(*server, 3);
  for (std::size_t i = 0; i < many(); ++i) {
    Bytes datagram = real[dice() % real.size()];
    if (i % 3 == 0) datagram.resize(1 + dice() % datagram.size());
    for (std::size_t flips = dice() % 8; flips > 0; --flips) datagram[dice() % datagram.size()] ^= static_cast<std::uint8_t>(1 + dice() % 255);
    attacker.send_raw(std::move(datagram));
    if (i % 16 == 0) std::this_thread::sleep_for(1ms);
  }
  check_unharmed(room);
  CHECK(server->report().quic.retries + server->report().quic.transport.malformed + server->report().quic.transport.unknown_connection > many() / 10);
}

TEST_CASE("a member that sends more than it may, of packets that are all valid, costs an honest room nothing", "[runtime][attack]") {
  RelayServerConfig config;
  config.limits.media = {.per_second = 250, .burst = 300};  // the honest room sends 200
  const auto server = started(config);
  HonestRoom room(*server);
  RelayMember host(*server, 4);
  RelayMember flooder(*server, 4);
  meet(host, flooder, 2);
  flooder.send(Channel::control, transport::Publish{{{9, 1, 7}}});
  for (std::size_t i = 0; i < std::max<std::size_t>(many(), 1'500); ++i) {
    flooder.send_media(9, static_cast<std::uint32_t>(i));
    if (i % 16 == 0) flooder.turn(), std::this_thread::sleep_for(1ms);
  }
  check_unharmed(room);
  CHECK(server->report().relay.media_over_limit > 0);
}

TEST_CASE("messages that are too large end their own connections alone", "[runtime][attack]") {
  const auto server = started();
  HonestRoom room(*server);
  for (int i = 0; i < 20; ++i) {
    RelayMember stranger(*server, 5);
    stranger.send(Channel::control, transport::Broadcast{Bytes(std::size_t{1} << 20, 1)});
    CHECK(until({&stranger}, [&] { return stranger.closed().has_value(); }));
  }
  check_unharmed(room);
  CHECK(server->report().quic.transport.oversized == 20);
}

}  // namespace conclave::test
