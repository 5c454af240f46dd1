// A member whose connection broke takes its seat again.
#include "harness.h"

using namespace conclave;
using namespace conclave::relay;
using namespace conclave::relay::testing;

namespace {

transport::ResumeToken token(std::uint8_t number) { return seat_token(number); }

/// A host, and a member that keeps its seat under the first token.
struct Scene {
  explicit Scene(Limits limits = {}) : relay(limits), host(relay.open()), member(relay.join(host)) {
    peer = relay.last<transport::HelloAccepted>(member).connection;
    relay.send(member, transport::KeepSeat{transport::seat_digest(token(1))});
    relay.send(host, transport::KeepSeat{transport::seat_digest(token(100))});
  }
  /// Somebody comes and shows a token; what it does not know of the log begins at `next_index`.
  ConnectionId come(std::uint8_t shown, std::uint8_t next, std::uint64_t next_index, std::uint64_t whose = 0) {
    const auto id = relay.visit();
    relay.send(id, transport::Resume{whose == 0 ? peer : whose, token(shown), transport::seat_digest(token(next)), next_index});
    return id;
  }
  void say(ConnectionId from, std::uint8_t what) { relay.send(from, transport::Broadcast{Bytes(4, what)}); }

  Harness relay;
  ConnectionId host;
  ConnectionId member;
  std::uint64_t peer = 0;
};

}  // namespace

TEST_CASE("a member whose connection broke takes its seat again and reads what it missed, once and in order", "[relay]") {
  Scene scene;
  scene.say(scene.host, 1);
  const std::uint64_t next = scene.relay.last<transport::LogEntry>(scene.member).index + 1;
  scene.relay.disconnect(scene.member);
  for (std::uint8_t word = 2; word < 5; ++word) scene.say(scene.host, word);
  scene.relay.advance(59s);
  CHECK(scene.relay.all<transport::PeerGone>(scene.host).empty());

  const auto back = scene.come(1, 2, next);
  CHECK(scene.relay.last<transport::Resumed>(back).end_index == next + 3);
  scene.say(back, 5);
  const auto entries = scene.relay.all<transport::LogEntry>(back);
  REQUIRE(entries.size() == 4);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    CHECK(entries[i].index == next + i);
    CHECK(entries[i].message == Bytes(4, static_cast<std::uint8_t>(i + 2)));
  }
  CHECK(entries.back().connection == scene.peer);  // the others know it by the name it had
  CHECK(scene.relay.admitted(back));
  CHECK(scene.relay.counters().admissions == 1);
  CHECK(scene.relay.counters().seats_resumed == 1);
}

TEST_CASE("a token opens its seat once; the same message again is no second use", "[relay]") {
  Scene scene;
  scene.relay.disconnect(scene.member);
  const auto first = scene.come(1, 2, 1);
  REQUIRE(scene.relay.all<transport::Resumed>(first).size() == 1);
  scene.relay.disconnect(first);  // the answer never arrived
  const auto thief = scene.come(1, 9, 1);
  CHECK(scene.relay.last<transport::Refused>(thief).reason == "no such seat is kept");
  const auto again = scene.come(1, 2, 1);
  CHECK(scene.relay.all<transport::Resumed>(again).size() == 1);
  scene.relay.disconnect(again);
  CHECK(scene.relay.all<transport::Resumed>(scene.come(2, 3, 1)).size() == 1);
  CHECK(scene.relay.all<transport::Resumed>(scene.come(1, 2, 1)).empty());
  CHECK(scene.relay.counters().resumes_refused == 2);
}

TEST_CASE("who comes back turns its own half-open connection out", "[relay]") {
  Scene scene;
  const auto back = scene.come(1, 2, 1);
  CHECK(scene.relay.closed(scene.member));
  CHECK(scene.relay.all<transport::Resumed>(back).size() == 1);
  CHECK(scene.relay.all<transport::PeerGone>(scene.host).empty());
  scene.say(scene.member, 7);  // what still comes over the old one is nobody's
  CHECK(scene.relay.all<transport::LogEntry>(back).empty());
}

TEST_CASE("no seat without its token, in its time, in its room, and the answer says nothing else", "[relay][attack]") {
  Scene scene;
  const std::uint64_t host_peer = scene.relay.last<transport::HelloAccepted>(scene.host).connection;
  const auto refused = [&](ConnectionId id) {
    CHECK(scene.relay.closed(id));
    return scene.relay.last<transport::Refused>(id).reason;
  };
  const std::string words = refused(scene.come(2, 3, 1));                // another token
  CHECK(refused(scene.come(1, 3, 1, host_peer)) == words);               // of another seat
  CHECK(refused(scene.come(1, 3, 1, 12345)) == words);                   // of no seat
  CHECK(refused(scene.come(1, 3, 999)) == words);                        // of a log that we never had
  const auto elsewhere = scene.relay.visit(room_number(2));              // no such room
  scene.relay.send(elsewhere, transport::Resume{scene.peer, token(1), transport::seat_digest(token(3)), 1});
  CHECK(refused(elsewhere) == words);
  CHECK_FALSE(scene.relay.closed(scene.member));
  const auto silent = scene.relay.connect();
  scene.relay.send(silent, transport::Resume{scene.peer, token(1), transport::seat_digest(token(3)), 1});
  CHECK(scene.relay.closed(silent));                                     // before Hello

  scene.relay.disconnect(scene.member);
  scene.relay.advance(61s);
  CHECK(scene.relay.last<transport::PeerGone>(scene.host).connection == scene.peer);
  CHECK(refused(scene.come(1, 3, 1)) == words);
  CHECK(scene.relay.counters().seats_expired == 1);
}

TEST_CASE("who was turned out, or said goodbye, has no seat to come back to", "[relay][attack]") {
  Scene scene;
  for (int i = 0; i < 20; ++i) scene.relay.send_bytes(scene.member, Bytes(3, 0xff));
  REQUIRE(scene.relay.closed(scene.member));
  CHECK(scene.relay.all<transport::Resumed>(scene.come(1, 2, 1)).empty());
  scene.relay.send(scene.host, transport::Leave{});
  CHECK(scene.relay.relay().room_count() == 0);
}

TEST_CASE("coming back is not a way to a faster pace", "[relay][attack]") {
  Limits limits;
  limits.broadcasts = {.per_second = 0.001, .burst = 5};
  Scene scene(limits);
  for (std::uint8_t i = 0; i < 5; ++i) scene.say(scene.member, i);
  scene.relay.disconnect(scene.member);
  const auto back = scene.come(1, 2, 1);
  REQUIRE(scene.relay.all<transport::Resumed>(back).size() == 1);
  scene.say(back, 6);
  CHECK(scene.relay.closed(back));

  Scene restless;
  ConnectionId id = restless.member;
  std::size_t times = 0;
  for (std::uint8_t i = 1; i < 40 && !restless.relay.closed(id); ++i) {
    restless.relay.disconnect(id);
    id = restless.come(i, static_cast<std::uint8_t>(i + 1), 1);
    times += restless.relay.all<transport::Resumed>(id).size();
  }
  CHECK(times == static_cast<std::size_t>(Limits{}.resumes.burst));
}

TEST_CASE("a host that comes back is told who waits at the door, and admits again", "[relay]") {
  Scene scene;
  const std::uint64_t host_peer = scene.relay.last<transport::HelloAccepted>(scene.host).connection;
  scene.relay.disconnect(scene.host);
  const auto guest = scene.relay.knock();
  const auto back = scene.come(100, 101, 1, host_peer);
  REQUIRE(scene.relay.all<transport::KnockArrived>(back).size() == 1);
  scene.relay.admit(back, scene.relay.last<transport::KnockArrived>(back).knock_id, 1);
  CHECK(scene.relay.last<transport::KnockAnswered>(guest).admitted);
  CHECK(scene.relay.last<transport::KnockAnswered>(guest).next_index == 2);
}

TEST_CASE("a room whose members are all away waits for them, and not for ever", "[relay]") {
  Scene scene;
  scene.relay.disconnect(scene.member);
  scene.relay.disconnect(scene.host);
  scene.relay.advance(30s);
  CHECK(scene.relay.relay().room_count() == 1);
  CHECK(scene.relay.relay().seats_away() == 2);
  const auto back = scene.come(1, 2, 1);
  CHECK(scene.relay.all<transport::Resumed>(back).size() == 1);
  scene.relay.disconnect(back);
  scene.relay.advance(61s);
  CHECK(scene.relay.relay().room_count() == 0);
}

TEST_CASE("a member that read another history gets no seat, whatever its token says", "[relay][attack]") {
  Scene scene;
  scene.say(scene.host, 1);
  const auto read = scene.relay.last<transport::LogEntry>(scene.member);
  scene.relay.disconnect(scene.member);
  scene.say(scene.host, 2);
  const auto come_having_read = [&](Bytes last_entry, std::uint64_t next_index) {
    const auto id = scene.relay.visit();
    scene.relay.send(id, transport::Resume{scene.peer, token(1), transport::seat_digest(token(2)), next_index, std::move(last_entry)});
    return scene.relay.all<transport::Resumed>(id).size();
  };
  CHECK(come_having_read(transport::entry_digest(Bytes(4, 9)), read.index + 1) == 0);
  CHECK(come_having_read(transport::entry_digest(read.message), read.index + 2) == 0);
  CHECK(come_having_read(transport::entry_digest(read.message), read.index + 1) == 1);
}

TEST_CASE("a burst of the log denies nobody away its seat, within bounds", "[relay][attack]") {
  for (const int words : {30, 60}) {
    Limits limits;
    limits.log_entries = 10;
    Scene scene(limits);
    const std::uint64_t next = scene.relay.log().extent(room_number(1)).end;
    scene.relay.disconnect(scene.member);
    for (int word = 0; word < words; ++word) scene.say(scene.host, 1);
    const bool kept = !scene.relay.all<transport::Resumed>(scene.come(1, 2, next)).empty();
    CHECK(kept == (words == 30));
    CHECK(scene.relay.log().extent(room_number(1)).end - scene.relay.log().extent(room_number(1)).first <= MemoryCommitLog::away_factor * limits.log_entries);
    scene.relay.advance(61s);
    scene.say(scene.host, 2);  // nobody is away any more: the usual bounds hold again
    CHECK(scene.relay.log().extent(room_number(1)).end - scene.relay.log().extent(room_number(1)).first == limits.log_entries);
  }
}

TEST_CASE("seats that wait are charged to the address that they came from", "[relay][attack]") {
  Limits limits;
  limits.seats_away_per_address = 2;
  Harness relay(limits);
  const auto host = relay.open();
  const auto come_from = [&](std::uint8_t place) {
    relay.origin = transport::block_of(transport::Address::v4(192, 0, 2, place, 1));
    const auto member = relay.join(host);
    relay.send(member, transport::KeepSeat{transport::seat_digest(token(place))});
    return member;
  };
  const std::vector<ConnectionId> crowd{come_from(1), come_from(1), come_from(1), come_from(2)};
  const auto peer = relay.last<transport::HelloAccepted>(crowd[0]).connection;
  for (const ConnectionId member : crowd) relay.disconnect(member);
  CHECK(relay.relay().seats_away() == 3);
  CHECK(relay.counters().seats_over_limit == 1);
  CHECK(relay.last<transport::PeerGone>(host).connection == relay.last<transport::HelloAccepted>(crowd[2]).connection);
  const auto back = relay.visit();
  relay.send(back, transport::Resume{peer, token(1), transport::seat_digest(token(9)), 1});
  CHECK(relay.all<transport::Resumed>(back).size() == 1);
  relay.disconnect(come_from(1));  // there is a place again
  CHECK(relay.counters().seats_over_limit == 1);
}

TEST_CASE("changing from one connection to another costs no seat at the limit of its address", "[relay]") {
  Limits limits;
  limits.seats_away_per_address = 1;
  Harness relay(limits);
  const auto host = relay.open();
  relay.origin = transport::block_of(transport::Address::v4(192, 0, 2, 1, 1));
  const auto keep = [&](std::uint8_t number) {
    const auto member = relay.join(host);
    relay.send(member, transport::KeepSeat{transport::seat_digest(token(number))});
    return member;
  };
  relay.disconnect(keep(1));
  const auto mover = keep(2);
  const auto peer = relay.last<transport::HelloAccepted>(mover).connection;
  const auto next = relay.log().extent(room_number(1)).end;
  const auto over = relay.visit();
  relay.send(over, transport::Resume{peer, token(2), transport::seat_digest(token(3)), next});
  CHECK(relay.all<transport::Resumed>(over).size() == 1);
  CHECK(relay.closed(mover));
  CHECK(relay.counters().seats_over_limit == 0);
  relay.disconnect(over);  // this one broke: now it counts
  CHECK(relay.counters().seats_over_limit == 1);
  CHECK(relay.relay().seats_away() == 1);
}

TEST_CASE("media goes on under the same stream id after a resumption", "[relay]") {
  Scene scene;
  scene.relay.publish(scene.member, {{7, 1, 0}});
  scene.relay.subscribe(scene.host, {{7, 7}});
  scene.relay.send_media(scene.member, media_packet(7, 100));
  REQUIRE(scene.relay.media(scene.host).size() == 1);
  scene.relay.disconnect(scene.member);
  const auto back = scene.come(1, 2, 1);
  scene.relay.publish(back, {{7, 1, 0}});
  scene.relay.send_media(back, media_packet(7, 140));
  CHECK(scene.relay.media(scene.host).size() == 2);
}

TEST_CASE("a relay that shuts down refuses nobody's seat: who comes back too early tries again", "[relay]") {
  Scene scene;
  scene.relay.shut_down();
  const auto early = scene.relay.connect();
  CHECK(scene.relay.close_code(early) == ErrorCode::connection_lost);
  CHECK(scene.relay.all<transport::Refused>(early).empty());
}
