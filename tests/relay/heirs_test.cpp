// Heirs who agree on a new host, and the host that does not want them to.
#include "harness.h"
#include "memory_store.h"

using namespace conclave;
using namespace conclave::relay;
using namespace conclave::relay::testing;
using transport::DoorRank;

namespace {

/// A host, two heirs of whom both must agree, and one more member.
struct HeirsScene {
  explicit HeirsScene(RoomStore* store = nullptr) : relay({}, store), host(relay.open()), one(relay.join(host)), two(relay.join(host)), other(relay.join(host)) {
    for (const ConnectionId each : {host, one, two, other}) relay.send(each, transport::KeepSeat{transport::seat_digest(token_of(each))});
    seat({one, two}, 2);
  }
  static transport::ResumeToken token_of(ConnectionId id) { return transport::ResumeToken::copy_of(Bytes(32, static_cast<std::uint8_t>(id))); }
  [[nodiscard]] std::uint64_t peer(ConnectionId id) const { return relay.last<transport::HelloAccepted>(id).connection; }
  [[nodiscard]] transport::SeatHeirs list(const std::vector<ConnectionId>& heirs, std::uint8_t quorum) const {
    transport::SeatHeirs out{quorum, {}};
    for (const ConnectionId id : heirs) out.connections.push_back(peer(id));
    std::ranges::sort(out.connections);
    return out;
  }
  void seat(const std::vector<ConnectionId>& heirs, std::uint8_t quorum) { relay.send(host, list(heirs, quorum)); }
  void acclaim(ConnectionId who, ConnectionId whom) { relay.send(who, transport::Acclaim{peer(whom)}); }
  [[nodiscard]] transport::Resume resume(ConnectionId before) const {
    return {peer(before), token_of(before), transport::seat_digest(token_of(200)), 0};
  }
  ConnectionId come_back(ConnectionId before) {
    auto wanted = resume(before);
    const auto id = relay.visit();
    relay.send(id, std::move(wanted));
    return id;
  }
  /// Whether this connection has a host's rank: it gives `other`, whom no test makes host, a place at the door, or does not.
  [[nodiscard]] bool leads(ConnectionId id) {
    relay.send(id, transport::ShareDoor{peer(other), DoorRank::keeper});
    const std::size_t before = relay.all<transport::KnockArrived>(other).size();
    const auto stranger = relay.knock();
    const bool told = relay.all<transport::KnockArrived>(other).size() > before;
    relay.send(stranger, transport::Leave{});
    for (const ConnectionId each : {host, one, two}) relay.send(each, transport::ShareDoor{peer(other), DoorRank::none});
    return told;
  }

  Harness relay;
  ConnectionId host;
  ConnectionId one;
  ConnectionId two;
  ConnectionId other;
};

}  // namespace

TEST_CASE("heirs who agree take the rank of a host that keeps its connection, or comes back to its seat", "[relay][attack]") {
  HeirsScene scene;
  const bool away = GENERATE(false, true);
  if (away) scene.relay.disconnect(scene.host);
  scene.acclaim(scene.one, scene.one);
  if (!away) CHECK(scene.leads(scene.host));  // one of two is too few
  scene.acclaim(scene.two, scene.one);
  const auto founder = away ? scene.come_back(scene.host) : scene.host;
  CHECK_FALSE(scene.leads(founder));
  CHECK(scene.leads(scene.one));

  const std::size_t heard = scene.relay.all<transport::KnockArrived>(founder).size();
  const auto stranger = scene.relay.knock();
  const auto knock_id = scene.relay.last<transport::KnockArrived>(scene.one).knock_id;
  CHECK(scene.relay.all<transport::KnockArrived>(founder).size() == heard);
  scene.relay.send(founder, transport::RefuseKnock{knock_id});
  scene.relay.admit(founder, knock_id, 70);
  scene.relay.send(founder, transport::ShareDoor{scene.peer(scene.one), DoorRank::none});
  scene.relay.send(founder, scene.list({scene.other}, 1));
  scene.relay.send(founder, transport::CloseRoom{});
  CHECK(scene.relay.all<transport::KnockAnswered>(stranger).empty());
  CHECK_FALSE(scene.relay.closed(scene.two));
  CHECK(scene.leads(scene.one));
}

TEST_CASE("who is about to lose the room cannot take the heirs' voices: another list counts after two minutes", "[relay][attack]") {
  HeirsScene scene;
  const auto change = GENERATE(0, 1, 2);
  if (change == 0) scene.seat({}, 0);
  if (change == 1) scene.seat({scene.other}, 1);
  if (change == 2) scene.seat({scene.one, scene.two, scene.other}, 3);
  scene.relay.advance(119s);
  const bool in_time = GENERATE(true, false);
  if (!in_time) scene.relay.advance(2s);
  scene.acclaim(scene.one, scene.one);
  scene.acclaim(scene.two, scene.one);
  CHECK(scene.leads(scene.host) == !in_time);
  CHECK(scene.leads(scene.one) == in_time);
}

TEST_CASE("lists without end keep the one that counts, and one that is said again does not wait anew", "[relay][attack]") {
  HeirsScene scene;
  const auto acclaimed = [&] {
    for (const ConnectionId each : {scene.two, scene.other}) scene.acclaim(each, scene.two);
  };
  for (int i = 0; i < 100; ++i) {
    scene.seat({scene.two, scene.other}, 2);
    scene.relay.advance(1s);
    scene.seat({}, 0);
    scene.relay.advance(1s);
  }
  acclaimed();
  CHECK(scene.leads(scene.host));
  for (int i = 0; i < 13; ++i) {
    scene.seat({scene.two, scene.other}, 2);
    scene.relay.advance(10s);
  }
  acclaimed();
  CHECK_FALSE(scene.leads(scene.host));
}

TEST_CASE("one voice alone, whose heir may have been banned, throws out no host who is there, and leads where none is", "[relay][attack]") {
  HeirsScene scene;
  for (int i = 0; i < 13; ++i) {
    scene.seat({scene.two}, 1);
    scene.relay.advance(10s);
  }
  scene.acclaim(scene.two, scene.two);
  CHECK(scene.leads(scene.host));
  scene.relay.disconnect(scene.host);
  scene.acclaim(scene.two, scene.two);
  CHECK(scene.leads(scene.two));
}

TEST_CASE("nobody makes a host by saying so alone, twice, in two names, or too slowly", "[relay][attack]") {
  HeirsScene scene;
  SECTION("who is no heir") {
    scene.acclaim(scene.other, scene.two);
    scene.acclaim(scene.one, scene.two);
    CHECK(scene.relay.counters().out_of_place == 1);
  }
  SECTION("the same heir") {
    for (int i = 0; i < 5; ++i) scene.acclaim(scene.one, scene.two);
    const auto back = scene.come_back(scene.one);
    scene.relay.send(back, transport::Acclaim{scene.peer(scene.two)});
  }
  SECTION("heirs who do not agree") {
    scene.acclaim(scene.one, scene.one);
    scene.acclaim(scene.two, scene.two);
  }
  SECTION("a minute apart") {
    scene.acclaim(scene.one, scene.two);
    scene.relay.advance(61s);
    scene.acclaim(scene.two, scene.two);
  }
  SECTION("for a seat that is not there") {
    scene.relay.send(scene.one, transport::Acclaim{4711});
    scene.relay.send(scene.two, transport::Acclaim{4711});
  }
  CHECK(scene.leads(scene.host));
}

TEST_CASE("a member names no heirs to the relay, nor does an heir", "[relay][attack]") {
  HeirsScene scene;
  for (const ConnectionId who : {scene.other, scene.one}) scene.relay.send(who, scene.list({who}, 1));
  scene.relay.advance(121s);
  scene.acclaim(scene.one, scene.one);
  scene.acclaim(scene.other, scene.one);
  CHECK(scene.relay.counters().out_of_place == 3);
  CHECK(scene.leads(scene.host));
}

TEST_CASE("every member is told whose voices count, also one that comes back", "[relay]") {
  HeirsScene scene;
  const auto named = scene.list({scene.one, scene.two}, 2);
  for (const ConnectionId each : {scene.host, scene.one, scene.other}) CHECK(scene.relay.last<transport::HeirsSeated>(each).heirs == named);
  scene.seat({scene.two}, 1);
  CHECK(scene.relay.last<transport::HeirsSeated>(scene.one).heirs == scene.list({scene.two}, 1));  // it is left out, and knows two minutes before
  CHECK(scene.relay.all<transport::HeirsSeated>(scene.other).size() == 2);
  const auto back = scene.come_back(scene.one);
  CHECK(scene.relay.last<transport::HeirsSeated>(back).heirs == scene.list({scene.two}, 1));
}

TEST_CASE("the voices of heirs outlive the relay", "[relay]") {
  MemoryStore store;
  HeirsScene scene(&store);
  Harness again({}, &store);
  again.relay().restore(store.load(), again.now());
  std::map<ConnectionId, ConnectionId> back;
  for (const ConnectionId each : {scene.host, scene.one, scene.two}) {
    back[each] = again.visit();
    again.send(back[each], scene.resume(each));
  }
  for (const ConnectionId each : {scene.one, scene.two}) again.send(back[each], transport::Acclaim{scene.peer(scene.one)});
  again.send(back[scene.host], transport::CloseRoom{});
  CHECK_FALSE(again.closed(back[scene.two]));
  again.send(back[scene.one], transport::CloseRoom{});
  CHECK(again.closed(back[scene.two]));
}
