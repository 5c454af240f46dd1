// A member that changes from one connection to another while the first one stands.
#include "harness.h"
#include "transport/seat_tokens.h"

using namespace conclave;
using namespace conclave::relay;
using namespace conclave::relay::testing;

namespace {

/// Somebody with a seat in a room of its own, who goes from connection to connection and never says goodbye.
struct Wanderer {
  explicit Wanderer(Harness& at, std::uint8_t number = 1) : relay(at), room(room_number(number)), connection(at.open(room)) {
    peer = relay.last<transport::HelloAccepted>(connection).connection;
    relay.send(connection, tokens.keep());
  }
  /// Comes over another connection and shows its token; true when it has its seat there.
  bool moves() {
    const auto over = relay.visit(room);
    relay.send(over, tokens.resume(peer, relay.log().extent(room).end, {}));
    if (relay.all<transport::Resumed>(over).empty()) {
      answer = relay.last<transport::Refused>(over);
      return false;
    }
    tokens.spend();
    former = std::exchange(connection, over);
    return true;
  }
  std::size_t moves_while_it_can() {
    std::size_t times = 0;
    while (moves()) ++times;
    return times;
  }

  Harness& relay;
  RoomId room;
  crypto::SeededRandom random{11};
  transport::SeatTokens tokens{random};
  ConnectionId connection;
  ConnectionId former = 0;
  std::uint64_t peer = 0;
  transport::Refused answer;
};

/// A relay at which one address may leave a single seat waiting, and has left it.
struct Crowded {
  Crowded() : relay(limits()) {
    relay.origin = transport::block_of(transport::Address::v4(192, 0, 2, 1, 1));
    Wanderer gone(relay, 2);
    relay.disconnect(gone.connection);
    REQUIRE(relay.relay().seats_away() == 1);
  }
  static Limits limits() {
    Limits limits;
    limits.seats_away_per_address = 1;
    return limits;
  }
  Harness relay;
};

}  // namespace

TEST_CASE("who comes back too often at the limit of its address keeps its connection, and its room stands", "[relay][attack]") {
  Crowded scene;
  Wanderer alone(scene.relay);
  CHECK(alone.moves_while_it_can() == static_cast<std::size_t>(Limits{}.resumes.burst));
  CHECK(scene.relay.relay().room_count() == 2);
  CHECK_FALSE(scene.relay.closed(alone.connection));
  CHECK(scene.relay.counters().seats_over_limit == 0);
  scene.relay.send(alone.connection, transport::Broadcast{Bytes(4, 1)});
  CHECK(scene.relay.all<transport::LogEntry>(alone.connection).size() == 1);
}

TEST_CASE("who comes back too often is told that, and comes back a moment later", "[relay]") {
  Harness relay;
  Wanderer restless(relay);
  (void)restless.moves_while_it_can();
  CHECK(restless.answer.code == ErrorCode::limit_exceeded);
  CHECK_FALSE(relay.closed(restless.connection));
  relay.disconnect(restless.connection);  // the same where no connection has the seat
  CHECK_FALSE(restless.moves());
  CHECK(restless.answer.code == ErrorCode::limit_exceeded);
  relay.advance(2s);
  CHECK(restless.moves());
}

TEST_CASE("who has not the token learns nothing of how often the seat was taken", "[relay][attack]") {
  Harness relay;
  Wanderer restless(relay);
  const auto answer_to = [&](std::uint64_t connection) {
    crypto::SeededRandom random(99);
    const auto thief = relay.visit();
    relay.send(thief, transport::SeatTokens(random).resume(connection, 0, {}));
    const auto refused = relay.last<transport::Refused>(thief);
    return std::pair(refused.code, refused.reason);
  };
  const auto before = answer_to(restless.peer);
  (void)restless.moves_while_it_can();
  REQUIRE(restless.answer.code == ErrorCode::limit_exceeded);
  CHECK(answer_to(restless.peer) == before);
  CHECK(answer_to(restless.peer + 1) == before);
  CHECK(before.first == ErrorCode::refused);
}

TEST_CASE("where seats are not kept a member still changes from a connection that stands to another", "[relay]") {
  Limits limits;
  limits.resume_window = 0s;
  Harness relay(limits);
  Wanderer mover(relay);
  const auto guest = relay.join(mover.connection);
  REQUIRE(mover.moves());
  CHECK(relay.closed(mover.former));
  CHECK(relay.all<transport::PeerGone>(guest).empty());
  relay.disconnect(mover.former);  // its goodbye comes too late
  CHECK(relay.all<transport::PeerGone>(guest).empty());
  CHECK(relay.relay().seats_away() == 0);

  relay.disconnect(mover.connection);
  CHECK(relay.last<transport::PeerGone>(guest).connection == mover.peer);
  CHECK_FALSE(mover.moves());
  CHECK(mover.answer.code == ErrorCode::refused);
}
