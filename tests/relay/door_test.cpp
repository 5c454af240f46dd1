// The door under load: work for who has the link, and a lane for who was invited by name.
#include <algorithm>

#include "harness.h"

using namespace conclave;
using namespace conclave::relay;
using namespace conclave::relay::testing;

namespace {

Limits small() {
  Limits limits;
  limits.free_visits = 20;
  limits.work_bits = 10;
  limits.knock_pace = {.per_second = 1000, .burst = 1000};
  return limits;
}

/// Somebody with a personal invitation knocks, and shows no work.
ConnectionId knock_in_lane(Harness& relay) {
  const ConnectionId id = relay.visit();
  relay.send(id, relay.signed_knock(relay.last<transport::HelloAccepted>(id).challenge, room_number(1), Bytes(40, 0x5e), true));
  return id;
}

}  // namespace

TEST_CASE("in peace a knock costs nothing; under load it costs work, which rises, and falls again", "[relay]") {
  Harness relay(small());
  (void)relay.open();
  CHECK(relay.last<transport::HelloAccepted>(relay.visit()).work_bits == 0);
  std::vector<unsigned> prices;
  for (int i = 0; i < 60; ++i) prices.push_back(relay.last<transport::HelloAccepted>(relay.visit()).work_bits);
  CHECK(prices.front() == 0);
  CHECK(prices.back() == 10);
  CHECK(std::is_sorted(prices.begin(), prices.end()));
  relay.advance(30s);
  CHECK(relay.last<transport::HelloAccepted>(relay.visit()).work_bits == 0);
}

TEST_CASE("under load a knock without work is turned away, with work of another connection too, and with its own it is let wait", "[relay][attack]") {
  Harness relay(small());
  const auto host = relay.open();
  for (int i = 0; i < 60; ++i) (void)relay.visit();
  const auto lazy = relay.visit();
  auto hello = relay.last<transport::HelloAccepted>(lazy);
  auto knock = relay.signed_knock(hello.challenge);
  const auto solved = [&](const transport::HelloAccepted& of) { return crypto::find_work(Harness::subject_of(room_number(1), of.challenge), of.work_bits, 0, 1 << 20).value(); };
  knock.work = solved(hello) == 0 ? 1 : 0;
  while (crypto::check_work(Harness::subject_of(room_number(1), hello.challenge), hello.work_bits, knock.work)) ++knock.work;
  relay.send(lazy, knock);
  CHECK(relay.closed(lazy));
  const auto borrower = relay.visit();
  knock = relay.signed_knock(relay.last<transport::HelloAccepted>(borrower).challenge);
  knock.work = solved(hello);
  relay.send(borrower, knock);
  CHECK(relay.closed(borrower));
  CHECK(relay.all<transport::KnockArrived>(host).empty());
  const auto honest = relay.knock();
  CHECK_FALSE(relay.closed(honest));
  CHECK(relay.all<transport::KnockArrived>(host).size() == 1);
}

TEST_CASE("the price of a knock says nothing of a room: where none is open it is the same", "[relay][attack]") {
  Harness relay(small());
  (void)relay.open(room_number(1));
  for (int i = 0; i < 60; ++i) (void)relay.visit(room_number(1));
  const auto real = relay.last<transport::HelloAccepted>(relay.visit(room_number(1))).work_bits;
  CHECK(relay.last<transport::HelloAccepted>(relay.visit(room_number(9))).work_bits == real);
}

TEST_CASE("raiders with the link fill their part of the waiting room: who was invited by name waits apart, and shows no work", "[relay][attack]") {
  Harness relay(small());
  const auto host = relay.open();
  for (std::size_t i = 0; i < 2 * Limits{}.knocks; ++i) (void)relay.knock();
  REQUIRE(relay.all<transport::KnockArrived>(host).size() == Limits{}.knocks);
  const auto invited = knock_in_lane(relay);
  CHECK_FALSE(relay.closed(invited));
  REQUIRE(relay.all<transport::KnockArrived>(host).size() == Limits{}.knocks + 1);
  relay.admit(host, relay.last<transport::KnockArrived>(host).knock_id, 0);
  CHECK(relay.last<transport::KnockAnswered>(invited).admitted);
}

TEST_CASE("the lane is bounded and paced as the door is, and a room without one has none", "[relay][attack]") {
  Limits limits = small();
  limits.lane_pace = {.per_second = 1, .burst = 10};
  Harness relay(limits);
  const auto host = relay.open();
  for (int i = 0; i < 50; ++i) (void)knock_in_lane(relay);
  CHECK(relay.all<transport::KnockArrived>(host).size() == 10);
  Harness without;
  const auto opener = without.visit();
  without.send(opener, transport::OpenRoom{to_bytes(without.gate_key().public_key().bytes()), Bytes(300, 0xca)});
  const auto hopeful = knock_in_lane(without);
  CHECK(without.last<transport::Refused>(hopeful).code == ErrorCode::refused);
  CHECK(without.all<transport::KnockArrived>(opener).empty());
}

TEST_CASE("brute-forced invitation: guesses are refused in the words of a wrong room, one for a connection, and cost ever more", "[relay][attack]") {
  Harness relay(small());
  const auto host = relay.open(room_number(1));
  crypto::SeededRandom random(8);
  std::vector<std::string> answers;
  unsigned price = 0;
  for (int i = 0; i < 100; ++i) {
    const RoomId room = room_number(i % 2 == 0 ? 1 : 9);  // one that is open, and one that is not
    const auto guesser = relay.visit(room);
    const auto hello = relay.last<transport::HelloAccepted>(guesser);
    price = hello.work_bits;
    auto knock = relay.signed_knock(hello.challenge, room);
    knock.work = crypto::find_work(Harness::subject_of(room, hello.challenge), hello.work_bits, 0, 1 << 20).value();
    random.fill(knock.signature);
    relay.send(guesser, knock);
    CHECK(relay.closed(guesser));
    answers.push_back(relay.last<transport::Refused>(guesser).reason);
  }
  CHECK(std::ranges::count(answers, answers.front()) == 100);
  CHECK(price == 10);
  CHECK(relay.all<transport::KnockArrived>(host).empty());
}
