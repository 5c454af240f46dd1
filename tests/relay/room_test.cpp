#include "harness.h"

using namespace conclave;
using namespace conclave::relay;
using namespace conclave::relay::testing;

TEST_CASE("the card of an open room is served to whoever says Hello", "[relay]") {
  Harness relay;
  const auto host = relay.open(room_number(1), Bytes(300, 0xca));
  REQUIRE(relay.all<transport::RoomOpened>(host).size() == 1);
  const auto guest = relay.visit();
  const auto hello = relay.last<transport::HelloAccepted>(guest);
  CHECK(hello.card == Bytes(300, 0xca));
  CHECK(hello.challenge.size() == 32);
  CHECK(hello.connection != relay.last<transport::HelloAccepted>(host).connection);
}

TEST_CASE("a room that is open cannot be opened again", "[relay]") {
  Harness relay;
  const auto host = relay.open();
  const auto second = relay.open();
  CHECK(relay.last<transport::Refused>(second).code == ErrorCode::refused);
  CHECK(relay.closed(second));
  CHECK_FALSE(relay.closed(host));
}

TEST_CASE("another version of the protocol is refused by name", "[relay]") {
  Harness relay;
  const auto guest = relay.connect();
  relay.send(guest, transport::Hello{transport::protocol_version + 1, Bytes(16, 1)});
  CHECK(relay.last<transport::Refused>(guest).code == ErrorCode::version_mismatch);
  CHECK(relay.close_code(guest) == ErrorCode::version_mismatch);
}

TEST_CASE("a knock reaches the connection that opened the room and nobody else", "[relay]") {
  Harness relay;
  const auto host = relay.open();
  const auto member = relay.join(host);
  relay.forget_received();
  const auto guest = relay.knock();
  CHECK(relay.last<transport::KnockArrived>(host).sealed == Bytes(40, 0x5e));
  CHECK(relay.all<transport::KnockArrived>(member).empty());
  CHECK(relay.all<transport::KnockAnswered>(guest).empty());
  CHECK((relay.admitted(host) && relay.admitted(member)));
  CHECK_FALSE(relay.admitted(guest));
}

TEST_CASE("a refused knock is answered and its connection closed", "[relay]") {
  Harness relay;
  const auto host = relay.open();
  const auto guest = relay.knock();
  relay.send(host, transport::RefuseKnock{relay.last<transport::KnockArrived>(host).knock_id});
  CHECK_FALSE(relay.last<transport::KnockAnswered>(guest).admitted);
  CHECK(relay.close_code(guest) == ErrorCode::refused);
  CHECK(relay.counters().knocks_refused == 1);
}

TEST_CASE("a knock is withdrawn when its connection goes", "[relay]") {
  Harness relay;
  const auto host = relay.open();
  const auto guest = relay.knock();
  const auto knock = relay.last<transport::KnockArrived>(host).knock_id;
  relay.disconnect(guest);
  CHECK(relay.last<transport::KnockWithdrawn>(host).knock_id == knock);
  relay.admit(host, knock, 0);  // too late: the commit stands, the Welcome goes nowhere
  CHECK(relay.counters().welcomes_dropped == 1);
  CHECK(relay.all<transport::LogEntry>(host).size() == 1);
}

TEST_CASE("a knock that nobody answers expires", "[relay]") {
  Harness relay;
  const auto host = relay.open();
  const auto guest = relay.knock();
  relay.advance(14min);
  REQUIRE_FALSE(relay.closed(guest));
  relay.advance(2min);
  CHECK_FALSE(relay.last<transport::KnockAnswered>(guest).admitted);
  CHECK(relay.closed(guest));
  CHECK(relay.all<transport::KnockWithdrawn>(host).size() == 1);
  CHECK_FALSE(relay.closed(host));
}

TEST_CASE("a Welcome makes a member, who reads the log from the entry after its commit", "[relay]") {
  Harness relay;
  const auto host = relay.open();
  const auto first = relay.join(host);
  relay.forget_received();
  const auto second = relay.join(host);
  CHECK(relay.last<transport::KnockAnswered>(second).welcome == Bytes(20, 0x77));
  CHECK(relay.all<transport::LogEntry>(second).empty());
  REQUIRE(relay.all<transport::LogEntry>(first).size() == 1);
  relay.send(first, transport::Broadcast{{1, 2, 3}});
  const auto entry = relay.last<transport::LogEntry>(second);
  CHECK(entry.index == 2);
  CHECK(entry.message == Bytes{1, 2, 3});
  CHECK_FALSE(entry.commit);
}

TEST_CASE("every member reads the same entries in the same order, the sender included", "[relay]") {
  Harness relay;
  const auto host = relay.open();
  const std::vector<ConnectionId> members{host, relay.join(host), relay.join(host)};
  relay.forget_received();
  for (std::uint8_t round = 0; round < 30; ++round) {
    const auto sender = members[round % 3];
    if (round % 2 == 0) relay.send(sender, transport::Broadcast{{round}});
    else relay.send(sender, transport::AppendCommit{100, {round}, {}});
  }
  for (const auto member : members) {
    const auto entries = relay.all<transport::LogEntry>(member);
    REQUIRE(entries.size() == 30);
    for (std::uint8_t round = 0; round < 30; ++round) {
      CHECK(entries[round].index == 2u + round);
      CHECK(entries[round].message == Bytes{round});
      CHECK(entries[round].connection == relay.all<transport::LogEntry>(host)[round].connection);
    }
  }
}

TEST_CASE("members learn who has gone, and whether it said goodbye", "[relay]") {
  Harness relay;
  const auto host = relay.open();
  const auto polite = relay.join(host);
  const auto lost = relay.join(host);
  const auto polite_id = relay.last<transport::HelloAccepted>(polite).connection;
  const auto lost_id = relay.last<transport::HelloAccepted>(lost).connection;
  relay.send(polite, transport::Leave{});
  CHECK(relay.last<transport::PeerGone>(host).connection == polite_id);
  CHECK(relay.last<transport::PeerGone>(host).left);
  CHECK(relay.closed(polite));
  relay.disconnect(lost);
  CHECK(relay.last<transport::PeerGone>(host).connection == lost_id);
  CHECK_FALSE(relay.last<transport::PeerGone>(host).left);
}

TEST_CASE("only who opened the room closes it, for everybody", "[relay]") {
  Harness relay;
  const auto host = relay.open();
  const auto member = relay.join(host);
  const auto waiting = relay.knock();
  relay.send(member, transport::CloseRoom{});
  REQUIRE(relay.relay().room_count() == 1);
  CHECK(relay.counters().out_of_place == 1);
  relay.send(host, transport::CloseRoom{});
  for (const auto connection : {host, member, waiting}) {
    CHECK(relay.all<transport::RoomClosed>(connection).size() == 1);
    CHECK(relay.closed(connection));
  }
  CHECK(relay.relay().room_count() == 0);
  CHECK(relay.relay().connection_count() == 0);
}

TEST_CASE("a room ends with its last member, and its log with it", "[relay]") {
  Harness relay;
  const auto host = relay.open();
  const auto member = relay.join(host);
  relay.disconnect(host);
  relay.send(member, transport::Broadcast{{1}});
  REQUIRE(relay.relay().room_count() == 1);
  const auto waiting = relay.knock();
  relay.send(member, transport::Leave{});
  CHECK(relay.relay().room_count() == 0);
  CHECK(relay.all<transport::RoomClosed>(waiting).size() == 1);
  CHECK(relay.log().bytes_kept(room_number(1)) == 0);
  const auto again = relay.open();
  CHECK(relay.all<transport::RoomOpened>(again).size() == 1);
}

TEST_CASE("a relay that shuts down closes everybody and keeps nothing", "[relay]") {
  Harness relay;
  const auto host = relay.open();
  const std::vector<ConnectionId> connections{host, relay.join(host), relay.knock(), relay.visit(), relay.connect()};
  relay.shut_down();
  for (const auto connection : connections) CHECK(relay.close_code(connection) == ErrorCode::connection_lost);
  CHECK(relay.relay().room_count() == 0);
  CHECK(relay.relay().next_deadline() == never);
}

TEST_CASE("rooms do not hear of each other", "[relay]") {
  Harness relay;
  const auto host = relay.open(room_number(1));
  const auto other = relay.open(room_number(2));
  relay.forget_received();
  relay.join(host, room_number(1));
  relay.send(host, transport::Broadcast{{1}});
  relay.publish(host, {{7, 1, 7}});
  CHECK(relay.all<transport::LogEntry>(other).empty());
  CHECK(relay.all<transport::StreamsAvailable>(other).empty());
  CHECK(relay.all<transport::KnockArrived>(other).empty());
}

TEST_CASE("who says nothing, or nothing more, is closed after a while", "[relay]") {
  Harness relay;
  const auto silent = relay.connect();
  const auto visitor = relay.visit();
  relay.advance(6s);
  CHECK(relay.closed(silent));
  CHECK_FALSE(relay.closed(visitor));
  relay.advance(60s);
  CHECK(relay.closed(visitor));
  CHECK(relay.counters().connections_timed_out == 2);
  CHECK(relay.relay().next_deadline() == never);
}
