// Who keeps the door of a room, beside the one that opened it.
#include "harness.h"

using namespace conclave;
using namespace conclave::relay;
using namespace conclave::relay::testing;
using transport::DoorRank;

namespace {

/// A host and two members.
struct KeepersScene {
  KeepersScene() : host(relay.open()), one(relay.join(host)), two(relay.join(host)) {
    for (const ConnectionId each : {host, one, two}) {
      const auto number = static_cast<std::uint8_t>(each);
      relay.send(each, transport::KeepSeat{transport::seat_digest(seat_token(number))});
    }
  }
  [[nodiscard]] std::uint64_t peer(ConnectionId id) const { return relay.last<transport::HelloAccepted>(id).connection; }
  void share(ConnectionId from, ConnectionId with, DoorRank rank) { relay.send(from, transport::ShareDoor{peer(with), rank}); }
  [[nodiscard]] std::size_t knocks_seen(ConnectionId id) const { return relay.all<transport::KnockArrived>(id).size(); }
  /// Somebody comes back to a kept seat.
  ConnectionId come_back(ConnectionId before, std::uint64_t next_index) {
    const std::uint64_t whose = peer(before);
    const auto id = relay.visit();
    relay.send(id, transport::Resume{whose, seat_token(static_cast<std::uint8_t>(before)), transport::seat_digest(seat_token(200)), next_index});
    return id;
  }

  Harness relay;
  ConnectionId host;
  ConnectionId one;
  ConnectionId two;
};

}  // namespace

TEST_CASE("a keeper of the door is told who waits, hears every later knock, and lets people in", "[relay]") {
  KeepersScene scene;
  scene.relay.knock();
  scene.share(scene.host, scene.one, DoorRank::keeper);
  CHECK(scene.knocks_seen(scene.one) == 1);
  const auto stranger = scene.relay.knock();
  REQUIRE(scene.knocks_seen(scene.one) == 2);
  CHECK(scene.knocks_seen(scene.two) == 0);

  const auto knock_id = scene.relay.last<transport::KnockArrived>(scene.one).knock_id;
  scene.relay.admit(scene.one, knock_id, 50);
  CHECK(scene.relay.last<transport::KnockAnswered>(stranger).admitted);
  CHECK(scene.relay.last<transport::KnockWithdrawn>(scene.host).knock_id == knock_id);
  CHECK(scene.relay.all<transport::KnockWithdrawn>(scene.one).empty());  // it knows
}

TEST_CASE("what one keeper refuses is taken back from the others", "[relay]") {
  KeepersScene scene;
  scene.share(scene.host, scene.one, DoorRank::keeper);
  const auto stranger = scene.relay.knock();
  const auto knock_id = scene.relay.last<transport::KnockArrived>(scene.host).knock_id;
  scene.relay.send(scene.one, transport::RefuseKnock{knock_id});
  CHECK_FALSE(scene.relay.last<transport::KnockAnswered>(stranger).admitted);
  CHECK(scene.relay.last<transport::KnockWithdrawn>(scene.host).knock_id == knock_id);
  scene.relay.send(scene.host, transport::RefuseKnock{knock_id});  // crossed on the way: nothing
  CHECK_FALSE(scene.relay.closed(scene.host));
}

TEST_CASE("a member whom the host has not named can neither share the door nor answer at it", "[relay][attack]") {
  KeepersScene scene;
  const auto stranger = scene.relay.knock();
  const auto knock_id = scene.relay.last<transport::KnockArrived>(scene.host).knock_id;
  scene.share(scene.one, scene.one, DoorRank::host);
  scene.share(scene.one, scene.two, DoorRank::keeper);
  scene.relay.send(scene.one, transport::RefuseKnock{knock_id});
  scene.relay.admit(scene.one, knock_id, 50);
  CHECK(scene.relay.all<transport::KnockAnswered>(stranger).empty());
  CHECK(scene.knocks_seen(scene.one) + scene.knocks_seen(scene.two) == 0);
  CHECK(scene.relay.counters().out_of_place == 3);
  for (int i = 0; i < 50; ++i) scene.share(scene.one, scene.host, DoorRank::none);
  CHECK_FALSE(scene.relay.closed(scene.one));  // a new owner may say it before it is named host: that is no offence
}

TEST_CASE("a keeper gives no ranks and ends no room, not even when the host is away", "[relay][attack]") {
  KeepersScene scene;
  scene.share(scene.host, scene.one, DoorRank::keeper);
  if (GENERATE(false, true)) scene.relay.disconnect(scene.host);
  scene.share(scene.one, scene.two, DoorRank::keeper);
  scene.share(scene.one, scene.host, DoorRank::none);
  scene.relay.send(scene.one, transport::CloseRoom{});
  scene.relay.knock();
  CHECK(scene.knocks_seen(scene.two) == 0);
  CHECK_FALSE(scene.relay.closed(scene.two));
}

TEST_CASE("an heir leads while no host is connected, and no longer when one is back", "[relay][attack]") {
  KeepersScene scene;
  scene.share(scene.host, scene.one, DoorRank::heir);
  scene.share(scene.one, scene.two, DoorRank::keeper);
  scene.relay.knock();
  CHECK(scene.knocks_seen(scene.one) == 1);
  CHECK(scene.knocks_seen(scene.two) == 0);  // the host is here

  const std::uint64_t next = scene.relay.last<transport::LogEntry>(scene.host).index + 1;
  scene.relay.disconnect(scene.host);
  scene.share(scene.one, scene.two, DoorRank::keeper);
  CHECK(scene.knocks_seen(scene.two) == 1);
  scene.share(scene.one, scene.host, DoorRank::none);  // takes nothing from a host that is away
  scene.share(scene.one, scene.one, DoorRank::host);   // and makes none

  const auto back = scene.come_back(scene.host, next);
  CHECK(scene.relay.all<transport::KnockArrived>(back).size() == 1);
  scene.share(scene.one, scene.two, DoorRank::none);
  scene.relay.knock();
  CHECK(scene.knocks_seen(scene.two) == 2);
  scene.share(back, scene.two, DoorRank::none);
  scene.relay.knock();
  CHECK(scene.knocks_seen(scene.two) == 2);
}

TEST_CASE("an heir ends a room whose host has gone for good", "[relay]") {
  KeepersScene scene;
  scene.share(scene.host, scene.one, DoorRank::heir);
  scene.relay.disconnect(scene.host);
  scene.relay.advance(61s);
  scene.relay.send(scene.one, transport::CloseRoom{});
  CHECK(scene.relay.closed(scene.two));
}

TEST_CASE("whom the host made host unmakes the one that opened the room, and it comes back without its rank", "[relay][attack]") {
  KeepersScene scene;
  scene.share(scene.host, scene.one, DoorRank::host);
  const std::uint64_t next = scene.relay.last<transport::LogEntry>(scene.host).index + 1;
  const bool away = GENERATE(false, true);
  if (away) scene.relay.disconnect(scene.host);
  scene.share(scene.one, scene.host, DoorRank::none);
  const auto founder = away ? scene.come_back(scene.host, next) : scene.host;
  scene.share(founder, scene.one, DoorRank::none);
  scene.relay.send(founder, transport::CloseRoom{});
  CHECK_FALSE(scene.relay.closed(scene.two));
  const std::size_t before = scene.knocks_seen(founder);
  scene.relay.knock();
  CHECK(scene.knocks_seen(founder) == before);
  CHECK(scene.knocks_seen(scene.one) == 1);
}
