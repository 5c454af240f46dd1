// Who may let somebody in besides the founder, and who cannot make anybody believe it.
#include "conclave/room.h"
#include "session/ghost_room.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

SessionConfig moderated() {
  SessionConfig config;
  config.mode = RoomMode::moderated;
  return config;
}

const room::Identity& founder() {
  static const room::Identity ada = Raider::identity_of(8);  // the first that a meeting makes
  return ada;
}

room::RoomPolicy policy_of(const room::Identity& maker) {
  auto policy = room::RoomPolicy::founding(RoomMode::moderated, founder().hash());
  if (maker.hash() != founder().hash()) policy.put(room::Grant{maker.hash(), Role::moderator, 0, 0});
  return policy;
}

constexpr UnixSeconds in_an_hour{Meeting::wall.value + 3600};

}  // namespace

TEST_CASE("a moderator lets people in, also after the founder has left", "[session]") {
  Meeting meeting(moderated());
  const std::size_t bob = meeting.enter("Bob");
  meeting.take(0, *Room(meeting.parties[0].session).set_role(meeting.parties[bob].session.self(), Role::moderator, meeting.at()));
  meeting.settle();
  const std::size_t cleo = meeting.enter("Cleo", bob);
  CHECK(meeting.parties[cleo].session.epoch_authenticator() == meeting.parties[0].session.epoch_authenticator());

  meeting.parties[0].gone = true;  // and never comes back
  meeting.take(bob, *Room(meeting.parties[bob].session).give(meeting.parties[cleo].session.self(), Right::admit, meeting.at()));
  meeting.settle();
  const std::size_t dora = meeting.enter("Dora", bob);
  CHECK(meeting.parties[dora].session.roster().size() == 4);
  CHECK(meeting.parties[dora].session.epoch_authenticator() == meeting.parties[cleo].session.epoch_authenticator());
  const std::size_t emil = meeting.enter("Emil", cleo);  // vouched for by Bob, who is vouched for by Ada
  CHECK(meeting.parties[emil].session.epoch_authenticator() == meeting.parties[bob].session.epoch_authenticator());
}

TEST_CASE("warrants are renewed while somebody is there to renew them, and end with who vouched", "[session]") {
  SessionConfig config = moderated();
  config.key_rotation = 24h;
  Meeting meeting(config);
  const std::size_t bob = meeting.enter("Bob");
  meeting.take(0, *Room(meeting.parties[0].session).set_role(meeting.parties[bob].session.self(), Role::moderator, meeting.at()));
  meeting.settle();
  const auto jump = [&](Duration time) {
    for (const Time end = meeting.now + time; meeting.now < end;) meeting.now += 3s, meeting.settle();
  };
  jump(70min);
  (void)meeting.enter("Cleo", bob);
  for (std::size_t i = 0; i < meeting.parties.size(); ++i) meeting.parties[i].gone = i != bob;
  jump(61min);
  Victim vera(meeting);
  meeting.take(bob, *meeting.parties[bob].session.admit(5, vera.joining.key_package(), meeting.at()));
  meeting.settle();
  CHECK(vera.fault(meeting, meeting.admissions.at(5).welcome) == ErrorCode::expired);
}

TEST_CASE("ghost room by the relay: a group that the relay made up, with the link or without, lets nobody in", "[session][attack]") {
  Meeting meeting(moderated());
  const Victim vera(meeting);
  const room::Identity relay = Raider::identity_of(66);
  const auto fault = [&](const room::RoomPolicy& policy) { return vera.fault(meeting, ghost_room(meeting.config, relay, policy, vera.joining.key_package())); };
  CHECK(fault(policy_of(relay)) == ErrorCode::identity_mismatch);
  auto own = room::RoomPolicy::founding(RoomMode::moderated, relay.hash());
  CHECK(fault(own) == ErrorCode::identity_mismatch);

  auto forged = policy_of(relay);
  auto warrant = *room::Warrant::sign(relay, meeting.config.room_id, relay.hash(), in_an_hour);
  warrant.issuer_key = to_bytes(founder().public_key());
  forged.put(warrant);
  CHECK(fault(forged) == ErrorCode::not_authentic);

  auto foreign = policy_of(relay);  // the founder did sign it, in another room of its own
  foreign.put(*room::Warrant::sign(founder(), room::RoomId{1}, relay.hash(), in_an_hour));
  CHECK(fault(foreign) == ErrorCode::not_authentic);

  auto stolen = policy_of(relay);  // somebody else's
  stolen.put(*room::Warrant::sign(founder(), meeting.config.room_id, Raider::identity_of(67).hash(), in_an_hour));
  stolen.put(room::Grant{Raider::identity_of(67).hash(), Role::moderator, 0, 0});
  CHECK(fault(stolen) == ErrorCode::identity_mismatch);
}

TEST_CASE("ghost room by a removed moderator: its warrant ends, and its own signature cannot prolong it", "[session][attack]") {
  Meeting meeting(moderated());
  const room::Identity bob = Raider::identity_of(66), friend_of_bob = Raider::identity_of(67);
  const Victim vera(meeting);
  auto kept = policy_of(bob);
  kept.put(*room::Warrant::sign(founder(), meeting.config.room_id, bob.hash(), {Meeting::wall.value + 60}));
  const Bytes welcome = ghost_room(meeting.config, bob, kept, vera.joining.key_package());
  meeting.now += 2min;
  CHECK(vera.fault(meeting, welcome) == ErrorCode::expired);
  auto prolonged = kept;
  prolonged.put(*room::Warrant::sign(bob, meeting.config.room_id, bob.hash(), in_an_hour));
  CHECK_FALSE(vera.joining.complete(ghost_room(meeting.config, bob, prolonged, vera.joining.key_package()), meeting.owner_hash, meeting.at()).ok());
  auto handed_on = kept;
  handed_on.put(room::Grant{friend_of_bob.hash(), Role::moderator, 0, 0});
  handed_on.put(*room::Warrant::sign(bob, meeting.config.room_id, friend_of_bob.hash(), in_an_hour));
  CHECK(vera.fault(meeting, ghost_room(meeting.config, friend_of_bob, handed_on, vera.joining.key_package())) == ErrorCode::expired);
  auto banned = policy_of(bob);
  banned.erase_grant(bob.hash());
  banned.ban_identity(bob.hash());
  CHECK(vera.fault(meeting, ghost_room(meeting.config, bob, banned, vera.joining.key_package())) == ErrorCode::forbidden_by_policy);
}

TEST_CASE("a warrant that nobody signed for this room is refused by every member", "[session][attack]") {
  Meeting meeting(moderated());
  const std::size_t bob = meeting.enter("Bob");
  Raider eve(meeting.config, 200);
  REQUIRE(eve.enter(meeting));
  meeting.take(0, *Room(meeting.parties[0].session).set_role(eve.id(), Role::moderator, meeting.at()));
  meeting.take(0, *Room(meeting.parties[0].session).give(meeting.parties[bob].session.self(), Right::admit, meeting.at()));
  meeting.settle();
  eve.follow(meeting);
  const auto bobs = room::identity_hash(meeting.parties[bob].session.roster()[bob].identity_key);
  const std::uint64_t before = meeting.parties[bob].session.epoch();
  auto warrant = *room::Warrant::sign(Raider::identity_of(200), room::RoomId{1}, eve.hash(), in_an_hour);
  warrant.holder = bobs;
  meeting.append(ToLog{eve.commit_policy([&](room::RoomPolicy& p) { std::erase_if(p.warrants, [&](const auto& w) { return w.holder == bobs; }), p.put(warrant); }), true, before, {}});
  meeting.settle();
  CHECK(meeting.parties[bob].session.epoch() == before);
  CHECK(meeting.parties[bob].all<MessageRefused>().back().error.participant == eve.id());
}
