#include "harness.h"

using namespace conclave;
using namespace conclave::relay;
using namespace conclave::relay::testing;

TEST_CASE("a knock that is not signed under the gate key is neither stored nor forwarded", "[relay][attack]") {
  Harness relay;
  const auto host = relay.open();
  const auto guest = relay.visit();
  auto knock = relay.signed_knock(relay.last<transport::HelloAccepted>(guest).challenge);
  SECTION("a flipped bit in the signature") { knock.signature[10] ^= 1; }
  SECTION("another content") { knock.sealed[0] ^= 1; }
  SECTION("a signature of zeros") { knock.signature.assign(64, 0); }
  SECTION("signed for another room") {
    knock = relay.signed_knock(relay.last<transport::HelloAccepted>(guest).challenge, room_number(2));
  }
  relay.send(guest, knock);
  CHECK(relay.last<transport::Refused>(guest).code == ErrorCode::refused);
  CHECK(relay.closed(guest));
  CHECK(relay.all<transport::KnockArrived>(host).empty());
  CHECK(relay.counters().knocks_forged == 1);
}

TEST_CASE("a knock recorded on one connection does not open another", "[relay][attack]") {
  Harness relay;
  const auto host = relay.open();
  const auto honest = relay.visit();
  const auto recorded = relay.signed_knock(relay.last<transport::HelloAccepted>(honest).challenge);
  relay.send(honest, recorded);
  REQUIRE(relay.all<transport::KnockArrived>(host).size() == 1);
  const auto replayer = relay.visit();
  relay.send(replayer, recorded);
  CHECK(relay.closed(replayer));
  CHECK(relay.all<transport::KnockArrived>(host).size() == 1);
}

TEST_CASE("one connection knocks once", "[relay][attack]") {
  Harness relay;
  const auto host = relay.open();
  const auto guest = relay.visit();
  const auto knock = relay.signed_knock(relay.last<transport::HelloAccepted>(guest).challenge);
  relay.send(guest, knock);
  relay.send(guest, knock);
  CHECK(relay.closed(guest));
  CHECK(relay.all<transport::KnockArrived>(host).size() == 1);
  CHECK(relay.all<transport::KnockWithdrawn>(host).size() == 1);
}

TEST_CASE("1,500 knocks with one link fill the waiting room and nothing else", "[relay][attack]") {
  Limits limits;
  limits.free_visits = 4096;  // work is another test's
  Harness relay(limits);
  const auto host = relay.open();
  std::vector<ConnectionId> raiders;
  for (int i = 0; i < 1500; ++i) raiders.push_back(relay.knock());
  CHECK(relay.all<transport::KnockArrived>(host).size() == Limits{}.knocks);
  CHECK(relay.counters().knocks_over_limit == 1500 - Limits{}.knocks);
  CHECK(relay.relay().connection_count() == 1 + Limits{}.knocks);
  for (const auto raider : raiders) CHECK(relay.all<transport::KnockAnswered>(raider).empty());
}

TEST_CASE("a wrong room id and a wrong invitation look the same", "[relay][attack]") {
  Harness relay;
  relay.open(room_number(1), Bytes(700, 0xca));
  const auto in_a_room = relay.visit(room_number(1));
  const auto nowhere = relay.visit(room_number(2));
  const auto real = relay.last<transport::HelloAccepted>(in_a_room);
  const auto false_one = relay.last<transport::HelloAccepted>(nowhere);
  CHECK(real.card.size() == false_one.card.size());
  CHECK(real.challenge.size() == false_one.challenge.size());
  CHECK(relay.last<transport::HelloAccepted>(relay.visit(room_number(2))).card == false_one.card);
  CHECK(relay.last<transport::HelloAccepted>(relay.visit(room_number(3))).card != false_one.card);

  relay.send(in_a_room, transport::Knock{Bytes(40, 1), Bytes(64, 2)});
  relay.send(nowhere, transport::Knock{Bytes(40, 1), Bytes(64, 2)});
  const auto wrong_link = relay.last<transport::Refused>(in_a_room);
  const auto wrong_room = relay.last<transport::Refused>(nowhere);
  CHECK(wrong_link.code == wrong_room.code);
  CHECK(wrong_link.reason == wrong_room.reason);
  CHECK(relay.close_code(in_a_room) == relay.close_code(nowhere));
}

TEST_CASE("a false card as long as the largest real one is still made of fresh bytes", "[relay]") {
  Harness relay;
  relay.open(room_number(1), Bytes(transport::max_card_size, 0xca));
  const auto card = relay.last<transport::HelloAccepted>(relay.visit(room_number(2))).card;
  REQUIRE(card.size() == transport::max_card_size);
  CHECK_FALSE(equal(ByteView(card).first(8000), ByteView(card).subspan(8160, 8000)));
}

TEST_CASE("a gate key of small order, under which anything might verify, lets nobody in", "[relay][attack]") {
  Harness relay;
  const auto host = relay.visit();
  Bytes identity(32, 0);
  identity[0] = 1;
  relay.send(host, transport::OpenRoom{identity, Bytes(10, 1)});
  const auto guest = relay.visit();
  Bytes signature(64, 0);  // R is the identity, S is 0: right for every message under such a key
  signature[0] = 1;
  relay.send(guest, transport::Knock{Bytes(40, 1), signature});
  CHECK(relay.closed(guest));
  CHECK(relay.all<transport::KnockArrived>(host).empty());
}
