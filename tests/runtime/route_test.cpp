#include "runtime/route.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace conclave::runtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using transport::Address;

constexpr Time start{seconds(10)};

/// A connection that does what the test tells it.
class ScriptedTransport final : public DatagramTransport {
 public:
  Result<void> send_message(Channel, ByteView, Time) override { return {}; }
  Result<void> send_media(const MediaPacket&, Time) override { return {}; }
  Result<void> send_feedback(ByteView, Time) override { return {}; }
  std::vector<TransportEvent> poll(Time) override { return std::exchange(events, {}); }
  [[nodiscard]] Time next_deadline() const override { return events.empty() ? never : Time{}; }
  void close(Time) override { closed = true; }
  [[nodiscard]] std::size_t max_payload_size() const override { return 1000; }
  [[nodiscard]] TransportCounters counters() const override { return {}; }
  void receive(ByteView, Time) override {}
  [[nodiscard]] bool finished() const override { return closed; }
  std::vector<Bytes> transmit(Time) override { return {}; }
  [[nodiscard]] Time unanswered_since() const override { return unanswered; }

  void connect() { events.emplace_back(TransportConnected{}); }
  void fail(ErrorCode code) { events.emplace_back(TransportClosed{{code, ""}}); }

  std::vector<TransportEvent> events;
  Time unanswered = never;
  bool closed = false;
};

struct Dialled {
  bool quic = false;
  Address to;
  milliseconds at{};
  ScriptedTransport* transport = nullptr;
};

/// A member's way to 10.0.0.1:4433.
struct Fixture {
  explicit Fixture(bool quic = true, bool websocket = true) {
    RouteDials dials;
    if (quic) dials.quic = [this](const Address& to, Time when) { return dial(true, to, when); };
    if (websocket) dials.websocket = [this](const Address& to, Time when) { return dial(false, to, when); };
    route.emplace(std::vector{Address::v4(10, 0, 0, 1, 4433)}, std::move(dials), now, now + seconds(4));
  }

  std::unique_ptr<DatagramTransport> dial(bool quic, const Address& to, Time when) {
    auto made = std::make_unique<ScriptedTransport>();
    dialled.push_back({quic, to, std::chrono::duration_cast<milliseconds>(when - start), made.get()});
    return made;
  }

  /// Polls whenever the route wants to be polled, until `span` has passed.
  std::vector<TransportEvent> run(milliseconds span) {
    std::vector<TransportEvent> all;
    const Time end = now + span;
    for (int polls = 0;; ++polls) {
      REQUIRE(polls < 1000);  // it never asks to be polled without end
      for (auto& event : route->poll(now)) all.push_back(std::move(event));
      const Time next = std::max(route->next_deadline(), now + Duration(1));
      if (next > end) break;
      now = next;
    }
    now = end;
    return all;
  }

  /// Over QUIC, with a seat.
  ScriptedTransport& seated() {
    run(milliseconds(10));
    dialled.at(0).transport->connect();
    REQUIRE(run(milliseconds(10)).size() == 1);
    route->set_seated(true);
    return *dialled[0].transport;
  }
  /// The same over TCP: nothing answers over UDP.
  ScriptedTransport& seated_over_tcp() {
    run(milliseconds(300));
    REQUIRE(dialled.size() >= 2);
    dialled[1].transport->connect();
    REQUIRE(run(milliseconds(10)).size() == 1);
    route->set_seated(true);
    return *dialled[1].transport;
  }
  [[nodiscard]] std::size_t dialled_by(bool quic) const {
    return static_cast<std::size_t>(std::count_if(dialled.begin(), dialled.end(), [&](const Dialled& one) { return one.quic == quic; }));
  }

  Time now = start;
  std::vector<Dialled> dialled;
  std::optional<Route> route;
};

template <class Event>
bool is_one(const std::vector<TransportEvent>& events) {
  return events.size() == 1 && std::holds_alternative<Event>(events[0]);
}

}  // namespace

TEST_CASE("TCP is tried a quarter of a second after UDP, at the port of the link and at 443", "[runtime]") {
  Fixture fixture;
  fixture.run(milliseconds(600));
  REQUIRE(fixture.dialled.size() == 3);
  CHECK((fixture.dialled[0].quic && fixture.dialled[0].at == milliseconds(0)));
  CHECK((!fixture.dialled[1].quic && fixture.dialled[1].at == milliseconds(250) && fixture.dialled[1].to.port == 4433));
  CHECK((!fixture.dialled[2].quic && fixture.dialled[2].at == milliseconds(500) && fixture.dialled[2].to.port == 443));
}

TEST_CASE("another server at 443 does not make an unreachable relay a wrong one", "[runtime]") {
  Fixture fixture(false);
  fixture.run(milliseconds(600));
  REQUIRE(fixture.dialled.size() == 2);
  REQUIRE(fixture.dialled[1].to.port == Route::open_port);
  fixture.dialled[1].transport->fail(ErrorCode::identity_mismatch);
  fixture.dialled[0].transport->fail(ErrorCode::unreachable);
  const auto events = fixture.run(milliseconds(10));
  REQUIRE(is_one<TransportClosed>(events));
  CHECK(std::get<TransportClosed>(events[0]).error.code == ErrorCode::unreachable);
}

TEST_CASE("a connection that is over is still looked at, and says nothing more", "[runtime]") {
  Fixture fixture;
  ScriptedTransport& quic = fixture.seated();
  quic.fail(ErrorCode::connection_lost);
  CHECK(is_one<TransportClosed>(fixture.run(milliseconds(10))));
  quic.fail(ErrorCode::connection_lost);  // due at once: unread it would wake its owner without end
  CHECK(fixture.run(seconds(1)).empty());
  CHECK(quic.events.empty());
}

TEST_CASE("while a change waits to be made, nothing wakes its owner", "[runtime]") {
  Fixture fixture;
  ScriptedTransport& quic = fixture.seated();
  quic.unanswered = fixture.now;
  fixture.run(milliseconds(1010));
  REQUIRE_FALSE(fixture.dialled.back().quic);
  fixture.dialled.back().transport->connect();
  CHECK(is_one<TransportClosed>(fixture.run(milliseconds(10))));
  quic.events.emplace_back(TransportConnected{});
  CHECK(fixture.route->next_deadline() > fixture.now);
  CHECK(fixture.route->change_over(fixture.now));
}

TEST_CASE("where UDP answers at once no connection over TCP is begun", "[runtime]") {
  Fixture fixture;
  fixture.seated();
  fixture.run(seconds(60));
  CHECK(fixture.dialled.size() == 1);
  CHECK(fixture.route->kind() == RelayTransport::quic);
}

TEST_CASE("whichever connects first is used, and the other says goodbye", "[runtime]") {
  Fixture fixture;
  fixture.seated_over_tcp();
  CHECK(fixture.route->kind() == RelayTransport::websocket);
  CHECK(fixture.route->current() == fixture.dialled[1].transport);
  CHECK(fixture.route->address()->port == 4433);
}

TEST_CASE("a choice of one transport leaves the other alone", "[runtime]") {
  Fixture quic(true, false);
  quic.run(milliseconds(1000));
  CHECK(quic.dialled_by(false) == 0);
  Fixture websocket(false, true);
  websocket.run(milliseconds(100));
  REQUIRE(websocket.dialled.size() == 1);
  CHECK(websocket.dialled[0].at == milliseconds(0));
  websocket.dialled[0].transport->connect();
  websocket.run(milliseconds(10));
  websocket.route->set_seated(true);
  websocket.run(seconds(90));
  CHECK(websocket.dialled_by(true) == 0);
}

TEST_CASE("of two failures the one that says more is told", "[runtime]") {
  Fixture fixture;
  fixture.run(milliseconds(300));
  fixture.dialled[0].transport->fail(ErrorCode::identity_mismatch);
  fixture.run(milliseconds(10));
  CHECK(fixture.dialled_by(true) == 1);
  const auto events = fixture.run(seconds(5));
  REQUIRE(is_one<TransportClosed>(events));
  CHECK(std::get<TransportClosed>(events[0]).error.code == ErrorCode::identity_mismatch);
  CHECK(fixture.run(seconds(30)).empty());
}

TEST_CASE("when UDP falls silent in the midst of a call TCP takes over", "[runtime]") {
  Fixture fixture;
  ScriptedTransport& quic = fixture.seated();
  fixture.run(seconds(5));
  quic.unanswered = fixture.now;
  CHECK(fixture.run(milliseconds(900)).empty());
  CHECK(fixture.dialled_by(false) == 0);
  CHECK(fixture.run(milliseconds(200)).empty());  // tried, and UDP goes on being used meanwhile
  REQUIRE(fixture.dialled_by(false) == 1);
  CHECK_FALSE(quic.closed);
  ScriptedTransport& tcp = *fixture.dialled.back().transport;
  tcp.connect();
  REQUIRE(is_one<TransportClosed>(fixture.run(milliseconds(10))));
  CHECK(fixture.run(milliseconds(100)).empty());  // until somebody asks for another connection
  fixture.route->set_seated(false);
  REQUIRE(fixture.route->change_over(fixture.now));
  CHECK(is_one<TransportConnected>(fixture.run(milliseconds(10))));
  CHECK(fixture.route->kind() == RelayTransport::websocket);
  CHECK(fixture.route->current() == &tcp);
  CHECK_FALSE(fixture.route->change_over(fixture.now));
}

TEST_CASE("the former connection stands until we have our seat over the other one", "[runtime]") {
  Fixture fixture;
  ScriptedTransport& tcp = fixture.seated_over_tcp();
  while (fixture.dialled_by(true) < 2) fixture.run(milliseconds(100));
  fixture.dialled.back().transport->connect();
  REQUIRE(is_one<TransportClosed>(fixture.run(milliseconds(10))));
  fixture.route->set_seated(false);
  REQUIRE(fixture.route->change_over(fixture.now));
  REQUIRE(is_one<TransportConnected>(fixture.run(milliseconds(10))));
  tcp.events.emplace_back(TransportFeedback{});  // what still comes over it is nobody's, and wakes nobody without end
  CHECK(fixture.run(seconds(1)).empty());
  CHECK(tcp.events.empty());
  CHECK_FALSE(tcp.closed);  // a goodbye would be the seat's, at a relay that keeps none
  fixture.route->set_seated(true);
  CHECK(fixture.run(milliseconds(10)).empty());
  CHECK(tcp.closed);
}

TEST_CASE("a former connection that the relay ended is not waited for", "[runtime]") {
  Fixture fixture;
  ScriptedTransport& quic = fixture.seated();
  quic.unanswered = fixture.now;
  fixture.run(milliseconds(1010));
  fixture.dialled.back().transport->connect();
  REQUIRE(is_one<TransportClosed>(fixture.run(milliseconds(10))));
  fixture.route->set_seated(false);
  REQUIRE(fixture.route->change_over(fixture.now));
  quic.fail(ErrorCode::connection_lost);
  CHECK(is_one<TransportConnected>(fixture.run(milliseconds(10))));
  CHECK(quic.closed);
  fixture.route->set_seated(true);
  CHECK(fixture.run(seconds(4)).empty());
}

TEST_CASE("UDP that answers again before TCP stands is kept", "[runtime]") {
  Fixture fixture;
  ScriptedTransport& quic = fixture.seated();
  quic.unanswered = fixture.now;
  fixture.run(milliseconds(1100));
  REQUIRE(fixture.dialled_by(false) == 1);
  quic.unanswered = never;
  fixture.run(milliseconds(1));
  CHECK(fixture.run(seconds(60)).empty());
  CHECK(fixture.route->kind() == RelayTransport::quic);
  CHECK(fixture.dialled_by(false) == 1);
}

TEST_CASE("where TCP is refused too it is tried once a second, and not without end", "[runtime]") {
  Fixture fixture;
  ScriptedTransport& quic = fixture.seated();
  quic.unanswered = fixture.now;
  for (int i = 0; i < 40; ++i) {
    fixture.run(milliseconds(100));
    for (const auto& one : fixture.dialled) {
      if (!one.quic && one.at + start.time_since_epoch() > fixture.now.time_since_epoch() - milliseconds(100)) one.transport->fail(ErrorCode::unreachable);
    }
  }
  CHECK(fixture.dialled_by(false) <= 8);
  CHECK(fixture.route->kind() == RelayTransport::quic);
}

TEST_CASE("while TCP carries UDP is tried now and then, ever more rarely, and taken when it answers", "[runtime]") {
  Fixture fixture;
  ScriptedTransport& tcp = fixture.seated_over_tcp();
  fixture.run(seconds(4));
  CHECK(fixture.dialled_by(true) == 1);
  fixture.run(seconds(2));
  CHECK(fixture.dialled_by(true) == 2);
  fixture.run(seconds(294));
  CHECK(fixture.dialled_by(true) >= 9);
  CHECK(fixture.dialled_by(true) <= 13);
  const std::size_t before = fixture.dialled_by(true);
  while (fixture.dialled_by(true) == before) fixture.run(milliseconds(100));
  ScriptedTransport& quic = *fixture.dialled.back().transport;
  quic.connect();
  REQUIRE(is_one<TransportClosed>(fixture.run(milliseconds(10))));
  CHECK_FALSE(tcp.closed);
  REQUIRE(fixture.route->change_over(fixture.now));
  CHECK(is_one<TransportConnected>(fixture.run(milliseconds(1))));
  CHECK(fixture.route->kind() == RelayTransport::quic);
}

TEST_CASE("who has no seat changes nothing", "[runtime]") {
  Fixture fixture;
  ScriptedTransport& quic = fixture.seated();
  fixture.route->set_seated(false);
  quic.unanswered = fixture.now;
  CHECK(fixture.run(seconds(30)).empty());
  CHECK(fixture.dialled.size() == 1);
}

TEST_CASE("UDP that falls silent again soon is tried more rarely", "[runtime]") {
  Fixture fixture;
  fixture.seated_over_tcp();
  for (int round = 0; round < 3; ++round) {
    const std::size_t before = fixture.dialled_by(true);
    while (fixture.dialled_by(true) == before) fixture.run(milliseconds(100));
    fixture.dialled.back().transport->connect();
    ScriptedTransport& quic = *fixture.dialled.back().transport;
    fixture.run(milliseconds(10));
    REQUIRE(fixture.route->change_over(fixture.now));
    fixture.run(milliseconds(10));
    quic.unanswered = fixture.now;
    fixture.run(milliseconds(1010));
    REQUIRE_FALSE(fixture.dialled.back().quic);
    fixture.dialled.back().transport->connect();
    fixture.run(milliseconds(10));
    REQUIRE(fixture.route->change_over(fixture.now));
  }
  const std::size_t before = fixture.dialled_by(true);
  fixture.run(seconds(25));
  CHECK(fixture.dialled_by(true) == before);
}

TEST_CASE("who delays UDP's answers again and again moves a member to and fro less than five times a minute", "[runtime][attack]") {
  for (const auto quiet_for : {milliseconds(0), milliseconds(20'000)}) {  // at once, and whenever UDP counts as steady again
    Fixture fixture;
    ScriptedTransport* quic = &fixture.seated();
    int changes = 0;
    Time silent_from = fixture.now + quiet_for;
    for (std::size_t seen = fixture.dialled.size(); fixture.now < start + seconds(600);) {
      if (fixture.route->kind() == RelayTransport::quic && fixture.now >= silent_from) quic->unanswered = silent_from;
      fixture.run(milliseconds(100));
      for (; seen < fixture.dialled.size(); ++seen) fixture.dialled[seen].transport->connect();  // whatever is tried stands at once
      if (!fixture.route->change_over(fixture.now)) continue;
      ++changes;
      quic = fixture.dialled.back().transport;
      silent_from = fixture.now + quiet_for;
      fixture.run(milliseconds(10));
    }
    CAPTURE(quiet_for.count(), changes);
    CHECK(changes > 10);
    CHECK(changes < 50);
  }
}

}  // namespace conclave::runtime
