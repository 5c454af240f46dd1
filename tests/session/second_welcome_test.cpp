// A moderator leads a newcomer into a fork, lets it speak there, and then into the room, at the same seat and under the same number of an epoch.
#include "conclave/room.h"
#include "session/frame_statement.h"
#include "session/ghost_room.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

SessionConfig stage_of_two_histories() {
  SessionConfig config;
  config.mode = RoomMode::stage;
  return config;
}

/// Eve moderates Ada's stage, Bob listens, and Vera has the floor from the commit on that lets her in.
struct TwoHistories {
  Meeting meeting{stage_of_two_histories()};
  std::size_t bob = meeting.enter("Bob");
  Raider eve{meeting.config, 200};
  Victim vera{meeting};

  TwoHistories() {
    REQUIRE(eve.enter(meeting));
    meeting.take(0, *Room(meeting.parties[0].session).set_role(eve.id(), Role::moderator, meeting.at()));
    meeting.settle();
    eve.follow(meeting);
  }
  /// Lets Vera in, in a commit that nobody has seen; the Welcome is Eve's.
  Bytes letting_in() {
    std::vector<mls::Proposal> add;
    add.emplace_back(mls::Add{std::make_shared<const mls::KeyPackage>(*wire::decode<mls::KeyPackage>(vera.joining.key_package()))});
    return eve.commit_policy([&](room::RoomPolicy& policy) { policy.put({vera.identity.hash(), Role::speaker, 0, 0}); }, std::move(add));
  }
  Session join() {
    auto session = vera.joining.complete(eve.welcome, meeting.owner_hash, meeting.at());
    if (!session.ok()) FAIL(session.error().detail);
    return std::move(*session);
  }
  static FrameInfo info(std::uint16_t number) { return {7, number, true, true, false, 0, 0, 7, 0}; }
};

session::FrameStatement parsed(ByteView statement) { return *session::FrameStatement::parse(statement); }

}  // namespace

TEST_CASE("a newcomer who was led into a fork before signs nothing there that verifies in the room, or accuses it", "[session][attack]") {
  TwoHistories room;
  (void)room.letting_in();
  Session fork = room.join();
  FrameSealer sealer = *fork.make_sealer(0);
  for (std::uint16_t n = 0; n < 10; ++n) REQUIRE(sealer.seal(TwoHistories::info(n), Bytes(80, 1)).ok());
  FrameSealer of_fork = *fork.make_sealer(4);
  for (std::uint16_t n = 0; n < 10; ++n) REQUIRE(of_fork.seal(TwoHistories::info(n), Bytes(80, 1)).ok());
  const Bytes said_in_fork = of_fork.take_statement();

  room.meeting.append(ToLog{room.letting_in(), true, fork.epoch() - 1, {}});
  room.meeting.settle();
  Session real = room.join();
  REQUIRE(real.epoch() == fork.epoch());
  REQUIRE(real.self() == fork.self());
  REQUIRE(room.meeting.parties[room.bob].session.epoch() == real.epoch());
  sealer.take_up(*real.make_sealer(0));  // with what was not stated in the fork yet
  FrameSealer of_room = *real.make_sealer(4);
  FrameOpener& bob = room.meeting.parties[room.bob].opener;
  Bytes out(300);
  for (std::uint16_t n = 0; n < 10; ++n) {
    for (FrameSealer* each : {&sealer, &of_room}) {
      const auto sealed = each->seal(TwoHistories::info(n), Bytes(80, static_cast<std::uint8_t>(each == &sealer ? 2 : 1)));
      CHECK(bob.open(TwoHistories::info(n), sealed->bytes(), out).opened());
    }
  }
  const Bytes said = sealer.take_statement(), said_in_room = of_room.take_statement();
  CHECK(parsed(said).digests() == 10);  // of the room alone

  // The same words, at the same place: what was signed in one history is nothing in the other.
  REQUIRE(parsed(said_in_fork).runs.at(0).first == parsed(said_in_room).runs.at(0).first);
  CHECK(parsed(said_in_fork).runs.at(0).digests != parsed(said_in_room).runs.at(0).digests);
  const Bytes key = to_bytes(room.vera.identity.public_key());
  const auto hears = [&](const Bytes& statement) { bob.hear_statement({real.self(), statement, key, real.epoch()}); };
  hears(said_in_fork);  // as Eve can make it be read, where she knows the keys of both
  hears(said);
  hears(said_in_room);
  CHECK(bob.review_statements(room.meeting.now).empty());
  CHECK(bob.statements().confirmed == 20);
  CHECK(bob.statements().equivocated == 0);
}

TEST_CASE("a session has met the room once another member told its history", "[session]") {
  Meeting meeting;
  CHECK_FALSE(meeting.parties[0].session.met());
  const std::size_t bob = meeting.enter("Bob");
  meeting.pass(4s);
  CHECK(meeting.parties[0].session.met());
  CHECK(meeting.parties[bob].session.met());
}
