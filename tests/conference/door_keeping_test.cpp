#include "conference/door_keeping.h"

#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "room/door_key.h"

using namespace conclave;
using namespace conclave::conference;

namespace {

/// The founder's end of a room with one guest.
struct Room2 {
  static constexpr Moment at{Time{std::chrono::seconds(100)}, {1'700'000'000}};
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
    door.emplace(context, std::move(key), std::move(public_half));
  }
  Session make() {
    context.identity = std::make_shared<const Identity>(*Identity::from_seed(Bytes(32, 1)));
    return std::move(*Session::found(context.session_config(), *context.identity, "Ada", at));
  }
  DoorKeeping::Outcome ask(std::uint8_t attempt = 0) {
    room::DoorRequest request;
    request.attempt = attempt;
    request.public_key = to_bytes(guest_key.public_key().bytes());
    DoorKeeping::Outcome outcome;
    CHECK(door->hear(session.roster()[1], request.encode(), 77, session, outcome));
    door->review(session, at.now, outcome);
    return outcome;
  }
  void grant(Role role) {
    auto step = Room(session).set_role(session.roster()[1].id, role, at);
    REQUIRE(step.ok());
    for (const ToLog& entry : step->send) (void)session.handle(entry.message, at);
    REQUIRE(session.roster()[1].role == role);
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
  DoorKeeping::Outcome after;
  room.door->review(room.session, Room2::at.now, after);
  REQUIRE(after.shares.size() == 1);
  CHECK(after.shares[0].rank == transport::DoorRank::none);
}

TEST_CASE("a request that carries no key, and words that only look like one about the door, are answered by nothing", "[conference][attack]") {
  Room2 room;
  room.grant(Role::moderator);
  room::DoorRequest request;
  request.public_key = Bytes(32, 0);  // of low order
  DoorKeeping::Outcome outcome;
  CHECK(room.door->hear(room.session.roster()[1], request.encode(), 77, room.session, outcome));
  CHECK(outcome.words.empty());
  CHECK_FALSE(room.door->hear(room.session.roster()[1], as_bytes("CLVdoor?"), 77, room.session, outcome));
}
