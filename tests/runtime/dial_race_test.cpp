#include "runtime/dial_race.h"

#include <catch2/catch.hpp>

namespace conclave::runtime {
namespace {

using std::chrono::milliseconds;
using transport::Address;

constexpr Time start{std::chrono::seconds(10)};

/// A connection that does what the test tells it.
class ScriptedTransport final : public DatagramTransport {
 public:
  Result<void> send_message(Channel, ByteView, Time) override { return {}; }
  Result<void> send_media(const MediaPacket&, Time) override { return {}; }
  Result<void> send_feedback(ByteView, Time) override { return {}; }
  std::vector<TransportEvent> poll(Time) override { return std::exchange(events, {}); }
  [[nodiscard]] Time next_deadline() const override { return never; }
  void close(Time) override { closed = true; }
  [[nodiscard]] std::size_t max_payload_size() const override { return 1000; }
  [[nodiscard]] TransportCounters counters() const override { return {}; }
  void receive(ByteView datagram, Time) override { received.emplace_back(datagram.begin(), datagram.end()); }
  [[nodiscard]] bool finished() const override { return closed; }
  std::vector<Bytes> transmit(Time) override { return {Bytes{1, 2, 3}}; }
  [[nodiscard]] int descriptor() const override { return socket; }
  ~ScriptedTransport() override {
    if (gone != nullptr) *gone = true;
  }

  std::vector<TransportEvent> events;
  std::vector<Bytes> received;
  bool closed = false;
  int socket = -1;
  bool* gone = nullptr;  ///< told when this is destroyed
};

/// A race to `count` addresses 10.0.0.1, 10.0.0.2, … with four seconds' patience.
struct Fixture {
  explicit Fixture(std::uint8_t count, std::size_t guesses_from = DialRace::most_addresses)
      : race(
            addresses(count), [this](const Address& address, Time when) { return dial(address, when); }, start,
            start + milliseconds(4000), guesses_from) {}

  static std::vector<Address> addresses(std::uint8_t count) {
    std::vector<Address> list;
    for (std::uint8_t last = 1; last <= count; ++last) list.push_back(Address::v4(10, 0, 0, last, 4433));
    return list;
  }

  std::unique_ptr<DatagramTransport> dial(const Address&, Time when) {
    auto transport = std::make_unique<ScriptedTransport>();
    dialled.push_back(transport.get());
    dialled_at.push_back(std::chrono::duration_cast<milliseconds>(when - start));
    return transport;
  }

  /// Polls whenever the race wants to be polled, until `until`.
  std::vector<TransportEvent> run(milliseconds until) {
    std::vector<TransportEvent> all;
    for (;;) {
      for (auto& event : race.poll(now)) all.push_back(std::move(event));
      const Time next = std::max(race.next_deadline(), now + Duration(1));
      if (next > start + until) break;
      now = next;
    }
    now = start + until;
    return all;
  }

  Time now = start;
  std::vector<ScriptedTransport*> dialled;
  std::vector<milliseconds> dialled_at;
  DialRace race;
};

std::vector<int> descriptors(const DialRace& race) {
  std::vector<pollfd> waiting;
  race.add_descriptors(waiting);
  std::vector<int> all;
  for (const auto& each : waiting) all.push_back(each.fd);
  return all;
}

ErrorCode closing_code(const std::vector<TransportEvent>& events) {
  REQUIRE(events.size() == 1);
  REQUIRE(std::holds_alternative<TransportClosed>(events[0]));
  return std::get<TransportClosed>(events[0]).error.code;
}

}  // namespace

TEST_CASE("addresses are tried a quarter of a second apart", "[runtime]") {
  Fixture fixture(3);
  CHECK(fixture.run(milliseconds(600)).empty());
  CHECK(fixture.dialled_at == std::vector{milliseconds(0), milliseconds(250), milliseconds(500)});
}

TEST_CASE("the next address is tried at once when one fails", "[runtime]") {
  Fixture fixture(2);
  fixture.run(milliseconds(10));
  fixture.dialled[0]->events.emplace_back(TransportClosed{{ErrorCode::unreachable, ""}});
  CHECK(fixture.race.poll(fixture.now).empty());
  fixture.run(milliseconds(11));
  CHECK(fixture.dialled.size() == 2);
}

TEST_CASE("the first that connects is kept, the others say goodbye", "[runtime]") {
  Fixture fixture(3);
  fixture.run(milliseconds(300));
  fixture.dialled[1]->events.emplace_back(TransportConnected{});
  const auto events = fixture.race.poll(fixture.now);
  REQUIRE(events.size() == 1);
  CHECK(std::holds_alternative<TransportConnected>(events[0]));
  CHECK(fixture.race.winner() == fixture.dialled[1]);
  CHECK(fixture.race.address() == Address::v4(10, 0, 0, 2, 4433));
  CHECK(fixture.dialled[0]->closed);
  CHECK_FALSE(fixture.dialled[1]->closed);
  fixture.run(milliseconds(5000));
  CHECK(fixture.dialled.size() == 2);  // no further attempt, and no timeout
  fixture.dialled[1]->events.emplace_back(TransportClosed{{ErrorCode::connection_lost, ""}});
  CHECK(closing_code(fixture.race.poll(fixture.now)) == ErrorCode::connection_lost);
}

TEST_CASE("silence everywhere is told once the patience is over", "[runtime]") {
  Fixture fixture(2);
  CHECK(fixture.run(milliseconds(3999)).empty());
  CHECK(closing_code(fixture.run(milliseconds(4000))) == ErrorCode::unreachable);
  CHECK(fixture.dialled[0]->closed);
  CHECK(fixture.run(milliseconds(9000)).empty());
}

TEST_CASE("a wrong identity is told rather than an address that does not answer", "[runtime]") {
  Fixture fixture(2);
  fixture.run(milliseconds(300));
  fixture.dialled[0]->events.emplace_back(TransportClosed{{ErrorCode::identity_mismatch, ""}});
  CHECK(fixture.race.poll(fixture.now).empty());
  fixture.dialled[1]->events.emplace_back(TransportClosed{{ErrorCode::unreachable, ""}});
  CHECK(closing_code(fixture.race.poll(fixture.now)) == ErrorCode::identity_mismatch);
}

TEST_CASE("what fails at a guessed address says nothing about the relay", "[runtime]") {
  Fixture fixture(3, 1);
  fixture.run(milliseconds(600));
  fixture.dialled[1]->events.emplace_back(TransportClosed{{ErrorCode::identity_mismatch, ""}});
  fixture.dialled[2]->events.emplace_back(TransportClosed{{ErrorCode::version_mismatch, ""}});
  CHECK(fixture.race.poll(fixture.now).empty());
  CHECK(closing_code(fixture.run(milliseconds(4000))) == ErrorCode::unreachable);
}

TEST_CASE("the socket of an attempt that failed is neither waited for nor kept, and its last words leave", "[runtime][attack]") {
  Fixture fixture(3);
  fixture.run(milliseconds(600));
  for (std::size_t i = 0; i < 3; ++i) fixture.dialled[i]->socket = 10 + static_cast<int>(i);
  CHECK(descriptors(fixture.race) == std::vector{10, 11, 12});
  bool gone = false;
  fixture.dialled[0]->gone = &gone;
  fixture.dialled[0]->events.emplace_back(TransportClosed{{ErrorCode::identity_mismatch, ""}});
  CHECK(fixture.race.poll(fixture.now).empty());
  CHECK(descriptors(fixture.race) == std::vector{11, 12});
  CHECK_FALSE(gone);
  CHECK(fixture.race.transmit(fixture.now).size() == 3);
  CHECK(gone);
  CHECK(fixture.race.transmit(fixture.now).size() == 2);
  fixture.dialled[1]->events.emplace_back(TransportConnected{});
  REQUIRE(fixture.race.poll(fixture.now).size() == 1);
  CHECK(descriptors(fixture.race) == std::vector{11});
  fixture.race.receive(Address::v4(10, 0, 0, 1, 4433), Bytes{9}, fixture.now);
  fixture.race.close(fixture.now);
  CHECK(fixture.race.finished());
}

TEST_CASE("a race that is over waits for no socket", "[runtime][attack]") {
  Fixture fixture(2);
  fixture.run(milliseconds(300));
  for (auto* each : fixture.dialled) each->socket = 10;
  CHECK(closing_code(fixture.run(milliseconds(4000))) == ErrorCode::unreachable);
  CHECK(descriptors(fixture.race).empty());
}

TEST_CASE("datagrams reach the attempt of their sender, and nobody else", "[runtime]") {
  Fixture fixture(2);
  fixture.run(milliseconds(300));
  fixture.race.receive(Address::v4(10, 0, 0, 2, 4433), Bytes{9}, fixture.now);
  fixture.race.receive(Address::v4(10, 0, 0, 2, 4434), Bytes{8}, fixture.now);
  fixture.race.receive(Address::v4(10, 0, 0, 3, 4433), Bytes{7}, fixture.now);
  CHECK(fixture.dialled[0]->received.empty());
  CHECK(fixture.dialled[1]->received == std::vector<Bytes>{{9}});
  const auto leaving = fixture.race.transmit(fixture.now);
  REQUIRE(leaving.size() == 2);
  CHECK(leaving[0].to == Address::v4(10, 0, 0, 1, 4433));
  CHECK(leaving[1].to == Address::v4(10, 0, 0, 2, 4433));
}

TEST_CASE("a name with very many addresses costs at most eight attempts", "[runtime][attack]") {
  Fixture fixture(200);
  fixture.run(milliseconds(3999));
  CHECK(fixture.dialled.size() == DialRace::most_addresses);
}

}  // namespace conclave::runtime
