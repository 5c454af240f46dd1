#include "conference/door_keeping.h"

#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "room/door_key.h"

using namespace conclave;
using namespace conclave::conference;
using namespace std::chrono_literals;

namespace {

/// The founder's end of a room with one guest.
struct Room2 {
  static constexpr Moment at{Time{std::chrono::seconds(100)}, {1'700'000'000}};
  static constexpr std::uint64_t own_connection = 11;
  crypto::SeededRandom random{3};
  Context context;
  Identity guest_identity = *Identity::from_seed(Bytes(32, 2));
  Session session = make();
  std::optional<DoorKeeping> door;
  crypto::KemPrivateKey guest_key = *crypto::KemPrivateKey::generate(crypto::find_suite(1)->kem, random);

  Room2() {
    auto joining = Joining::begin(context.session_config(), guest_identity, "Bob", at);
    auto step = session.admit(1, joining->key_package(), at);
    REQUIRE(step.ok());
    (void)session.handle(step->send[0].message, at);
    REQUIRE(session.roster().size() == 2);
    auto key = *crypto::KemPrivateKey::generate(crypto::find_suite(1)->kem, random);
    Bytes public_half = to_bytes(key.public_key().bytes());
    door.emplace(context, std::move(key), std::move(public_half), own_connection);
  }
  Session make() {
    context.identity = std::make_shared<const Identity>(*Identity::from_seed(Bytes(32, 1)));
    return std::move(*Session::found(context.session_config(), *context.identity, "Ada", at));
  }
  DoorKeeping::Outcome ask(std::uint8_t attempt = 0, Time now = at.now) {
    room::DoorRequest request;
    request.attempt = attempt;
    request.public_key = to_bytes(guest_key.public_key().bytes());
    DoorKeeping::Outcome outcome;
    (void)door->met(session.roster()[1], 77);
    CHECK(door->hear(session.roster()[1], request.encode(), session, now, outcome));
    door->review(session, now, outcome);
    return outcome;
  }
  void new_key() { guest_key = *crypto::KemPrivateKey::generate(crypto::find_suite(1)->kem, random); }
  DoorKeeping::Outcome review(Time now = at.now) {
    DoorKeeping::Outcome outcome;
    door->review(session, now, outcome);
    return outcome;
  }
  void name_heir(std::size_t place = 1) {
    auto step = Room(session).set_heirs({room::identity_hash(session.roster()[place].identity_key)}, 1, at);
    REQUIRE(step.ok());
    for (const ToLog& entry : step->send) (void)session.handle(entry.message, at);
  }
  void grant(Role role, std::size_t place = 1) {
    auto step = Room(session).set_role(session.roster()[place].id, role, at);
    REQUIRE(step.ok());
    for (const ToLog& entry : step->send) (void)session.handle(entry.message, at);
    REQUIRE(session.roster()[place].role == role);
  }
};

}  // namespace

TEST_CASE("who may not admit and is no heir gets no key, and no place at the relay's door, however often it asks", "[conference][attack]") {
  Room2 room;
  for (const int attempt : {0, 1, 2, 200}) {
    const auto outcome = room.ask(static_cast<std::uint8_t>(attempt));
    CHECK(outcome.words.empty());
    CHECK(outcome.shares.empty());
  }
}

TEST_CASE("a moderator gets the key that the card names, and loses its place with its role", "[conference]") {
  Room2 room;
  room.grant(Role::moderator);
  const auto outcome = room.ask();
  REQUIRE(outcome.words.size() == 1);
  const auto word = room::DoorKey::parse(outcome.words[0]);
  REQUIRE(word);
  CHECK(word->open(*crypto::find_suite(1), room.context.link.room_id, room.guest_key, room.door->key()->public_key().bytes()).ok());
  REQUIRE(outcome.shares.size() == 1);
  CHECK(outcome.shares[0].connection == 77);
  CHECK(outcome.shares[0].rank == transport::DoorRank::keeper);
  room.grant(Role::speaker);
  const auto after = room.review();
  REQUIRE(after.shares.size() == 1);
  CHECK(after.shares[0].rank == transport::DoorRank::none);
}

TEST_CASE("a request that carries no key, and words that only look like one about the door, are answered by nothing", "[conference][attack]") {
  Room2 room;
  room.grant(Role::moderator);
  room::DoorRequest request;
  request.public_key = Bytes(32, 0);  // of low order
  DoorKeeping::Outcome outcome;
  CHECK(room.door->hear(room.session.roster()[1], request.encode(), room.session, Room2::at.now, outcome));
  CHECK(outcome.words.empty());
  CHECK_FALSE(room.door->hear(room.session.roster()[1], as_bytes("CLVdoor?"), room.session, Room2::at.now, outcome));
}

TEST_CASE("a thousand requests of a moderator make the owner say next to nothing, to the members or to the relay", "[conference][attack]") {
  Room2 room;
  room.grant(Role::moderator);
  std::size_t words = 0;
  std::size_t shares = 0;
  Time now = Room2::at.now;
  for (int i = 0; i < 1'000; ++i, now += 20ms) {  // 50 in a second, as fast as a relay lets anybody speak
    room.new_key();
    const auto outcome = room.ask(static_cast<std::uint8_t>(i % 30), now);
    words += outcome.words.size();
    shares += outcome.shares.size();
  }
  CHECK(words >= 2);
  CHECK(words <= 8);  // one in three seconds
  CHECK(shares <= 3);  // a new owner says ranks three times
}

TEST_CASE("one request is answered once, however often it is said", "[conference][attack]") {
  Room2 room;
  room.grant(Role::moderator);
  CHECK(room.ask().words.size() == 1);
  CHECK(room.ask(1, Room2::at.now + 10s).words.empty());
  room.new_key();
  CHECK(room.ask(2, Room2::at.now + 20s).words.size() == 1);
}

TEST_CASE("a keeper who speaks over one connection and another makes the owner tell the relay a bounded number of times", "[conference][attack]") {
  Room2 room;
  room.grant(Role::moderator);
  std::size_t shares = room.review().shares.size();
  for (int i = 0; i < 1'000; ++i) {
    (void)room.door->met(room.session.roster()[1], static_cast<std::uint64_t>(77 + i % 2));
    shares += room.review().shares.size();
  }
  CHECK(shares <= std::size_t{DoorKeeping::shares_per_second});
  CHECK(room.door->next_deadline() <= Room2::at.now + 1s);  // the rest follows
}

TEST_CASE("who hands the room over in one go names the new host to the relay, steps back there, and gives it the key", "[conference]") {
  Room2 room;
  room.ask();
  (void)room.review();
  room.grant(Role::owner);
  room.grant(Role::speaker, 0);
  const auto outcome = room.review();
  REQUIRE(outcome.shares.size() == 2);
  CHECK(outcome.shares[0].connection == 77);
  CHECK(outcome.shares[0].rank == transport::DoorRank::host);
  CHECK(outcome.shares[1].connection == Room2::own_connection);
  CHECK(outcome.shares[1].rank == transport::DoorRank::none);
  CHECK(room.review().shares.empty());
  CHECK(room.ask().words.empty());
  REQUIRE(room.door->next_deadline() <= Room2::at.now + 3s);
  CHECK(room.review(Room2::at.now + 3s).words.size() == 1);
}

TEST_CASE("who is not the owner answers nobody whom another one has answered, unless that was somebody without a part in the door", "[conference][attack]") {
  Room2 room;
  room.grant(Role::owner);
  room.grant(Role::speaker, 0);
  room.ask();
  room::DoorKey word;
  word.recipient = room::identity_hash(room.session.roster()[1].identity_key);
  const bool of_keeper = GENERATE(false, true);
  CAPTURE(of_keeper);
  DoorKeeping::Outcome outcome;
  CHECK(room.door->hear(room.session.roster()[of_keeper ? 1 : 0], word.encode(), room.session, Room2::at.now, outcome));
  CHECK(room.review(Room2::at.now + 3s).words.empty() == of_keeper);
}

TEST_CASE("a founder who is owner no more loses its rank at the relay, said more than once, and so does one who has gone", "[conference][attack]") {
  Room2 room;
  room.context.link.founder_hash = room.guest_identity.hash();
  (void)room.door->met(room.session.roster()[1], 77);
  const auto takes_rank = [](const DoorKeeping::Outcome& outcome) {
    return outcome.shares.size() == 1 && outcome.shares[0].connection == 77 && outcome.shares[0].rank == transport::DoorRank::none;
  };
  CHECK(takes_rank(room.review()));
  auto step = room.session.remove(room.session.roster()[1].id, Room2::at);
  REQUIRE(step.ok());
  for (const ToLog& entry : step->send) (void)room.session.handle(entry.message, Room2::at);
  REQUIRE(room.session.roster().size() == 1);
  CHECK(room.door->next_deadline() == Room2::at.now + 4s);
  CHECK(takes_rank(room.review(Room2::at.now + 4s)));
  CHECK(takes_rank(room.review(Room2::at.now + 8s)));
  CHECK(room.review(Room2::at.now + 12s).shares.empty());
}

TEST_CASE("an owner names the heirs to the relay once it knows where each of them is, and again when that changes", "[conference]") {
  Room2 room;
  room.ask();
  CHECK_FALSE(room.review().heirs);  // there are none
  room.name_heir();
  const auto named = room.review();
  REQUIRE(named.heirs);
  CHECK(*named.heirs == transport::SeatHeirs{1, {77}});
  CHECK_FALSE(room.review().heirs);
  (void)room.door->met(room.session.roster()[1], 78);
  CHECK(room.review().heirs == transport::SeatHeirs{1, {78}});
  room.door->come_back();
  CHECK(room.review().heirs == transport::SeatHeirs{1, {78}});
  auto step = Room(room.session).set_heirs({}, 0, Room2::at);
  REQUIRE(step.ok());
  for (const ToLog& entry : step->send) (void)room.session.handle(entry.message, Room2::at);
  CHECK(room.review().heirs == transport::SeatHeirs{});
}

TEST_CASE("an heir whom the owner kept from the relay is told, while the list before still counts", "[conference][attack]") {
  Room2 room;
  room.ask();
  room.name_heir(0);
  room.grant(Role::owner);
  room.grant(Role::speaker, 0);  // from here on we are the heir
  (void)room.review();
  CHECK_FALSE(room.review(Room2::at.now + 29s).left_out);
  const bool named = GENERATE(false, true);
  if (named) room.door->heirs_seated({1, {Room2::own_connection}});
  CHECK(room.review(Room2::at.now + 31s).left_out == !named);
  CHECK_FALSE(room.review(Room2::at.now + 40s).left_out);  // once
  room.door->heirs_seated({1, {5}});
  (void)room.review(Room2::at.now + 50s);
  CHECK(room.review(Room2::at.now + 81s).left_out == named);
}

TEST_CASE("an heir says who leads alone now, a few times, and nothing where several do or nothing changed", "[conference]") {
  Room2 room;
  room.ask();
  room.name_heir(0);
  CHECK_FALSE(room.review().acclaim);
  room.grant(Role::owner);
  CHECK_FALSE(room.review().acclaim);  // both lead
  room.grant(Role::speaker, 0);
  std::size_t said = 0;
  for (int i = 0; i < 20; ++i) {
    const auto outcome = room.review(Room2::at.now + i * 1s);
    if (!outcome.acclaim) continue;
    ++said;
    CHECK(outcome.acclaim->connection == 77);
  }
  CHECK(said == 4);
}
