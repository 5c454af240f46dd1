// A room whose leaders vanish goes on with the heirs that they named, and with nobody else.
#include "conclave/room.h"
#include "session/raider.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

/// Ada owns the room and named Bob, Cleo and Dora as heirs, two of whom must agree; Emil is a member like others.
struct Heirs {
  Meeting meeting;
  std::size_t bob, cleo, dora, emil;

  explicit Heirs(std::uint8_t quorum = 2) : meeting(moderated()), bob(meeting.enter("Bob")), cleo(meeting.enter("Cleo")), dora(meeting.enter("Dora")), emil(meeting.enter("Emil")) {
    meeting.take(0, *room(0).set_heirs({hash_of(bob), hash_of(cleo), hash_of(dora)}, quorum, meeting.at()));
    meeting.settle();
  }
  static SessionConfig moderated() {
    SessionConfig config;
    config.mode = RoomMode::moderated;
    return config;
  }
  Room room(std::size_t party) { return Room(meeting.parties[party].session); }
  [[nodiscard]] MemberId id(std::size_t party) const { return meeting.parties[party].session.self(); }
  [[nodiscard]] const SessionMember& member(std::size_t party, std::size_t as_seen_by) const {
    return *std::ranges::find(meeting.parties[as_seen_by].session.roster(), id(party), &SessionMember::id);
  }
  [[nodiscard]] room::IdentityHash hash_of(std::size_t party) const { return room::identity_hash(member(party, 0).identity_key); }
  void lose_owner() {
    meeting.parties[0].gone = true;
    meeting.pass(20s);
    REQUIRE(meeting.parties[bob].session.suspended());  // it fails closed until somebody leads
  }
};

}  // namespace

TEST_CASE("heirs who agree take over from an owner who vanished: the room goes on, and lets newcomers in", "[session]") {
  Heirs heirs;
  heirs.lose_owner();
  heirs.meeting.take(heirs.bob, *heirs.room(heirs.bob).inherit(heirs.meeting.at()));
  heirs.meeting.settle();
  CHECK(heirs.member(heirs.bob, heirs.bob).role == Role::listener);  // one voice is not enough
  const auto asked = heirs.meeting.parties[heirs.cleo].all<HeirSpoke>();
  REQUIRE(asked.size() == 1);
  CHECK((asked[0].heir == heirs.id(heirs.bob) && asked[0].claimant == heirs.id(heirs.bob)));
  heirs.meeting.take(heirs.cleo, *heirs.room(heirs.cleo).endorse(asked[0].claimant, heirs.meeting.at()));
  heirs.meeting.settle();
  for (const std::size_t at : {heirs.bob, heirs.cleo, heirs.emil}) {
    CHECK(heirs.member(heirs.bob, at).role == Role::owner);
    CHECK(heirs.meeting.parties[at].session.roster().size() == 4);  // Ada's seat is free
    CHECK_FALSE(heirs.meeting.parties[at].session.suspended());
  }
  const std::size_t fay = heirs.meeting.enter("Fay", heirs.bob);
  CHECK(heirs.meeting.parties[fay].session.epoch_authenticator() == heirs.meeting.parties[heirs.emil].session.epoch_authenticator());
}

TEST_CASE("voices are said again when another commit was first", "[session]") {
  Heirs heirs(3);
  heirs.lose_owner();
  heirs.meeting.take(heirs.bob, *heirs.room(heirs.bob).inherit(heirs.meeting.at()));
  heirs.meeting.take(heirs.cleo, *heirs.room(heirs.cleo).endorse(heirs.id(heirs.bob), heirs.meeting.at()));
  heirs.meeting.take(heirs.emil, heirs.meeting.parties[heirs.emil].session.rotate(heirs.meeting.at()));
  heirs.meeting.settle();
  heirs.meeting.take(heirs.dora, *heirs.room(heirs.dora).endorse(heirs.id(heirs.bob), heirs.meeting.at()));
  heirs.meeting.settle();
  CHECK(heirs.member(heirs.bob, heirs.emil).role == Role::owner);
}

TEST_CASE("a voice is forgotten after two minutes, and none counts where no quorum was set", "[session]") {
  Heirs heirs;
  heirs.lose_owner();
  heirs.meeting.take(heirs.bob, *heirs.room(heirs.bob).inherit(heirs.meeting.at()));
  heirs.meeting.pass(121s);
  heirs.meeting.take(heirs.emil, heirs.meeting.parties[heirs.emil].session.rotate(heirs.meeting.at()));
  heirs.meeting.settle();
  heirs.meeting.take(heirs.cleo, *heirs.room(heirs.cleo).endorse(heirs.id(heirs.bob), heirs.meeting.at()));
  heirs.meeting.settle();
  CHECK(heirs.member(heirs.bob, heirs.emil).role == Role::listener);
  Heirs without(2);
  without.meeting.take(0, *without.room(0).set_heirs({}, 0, without.meeting.at()));
  without.meeting.settle();
  CHECK(without.room(without.bob).inherit(without.meeting.at()).error().code == ErrorCode::not_permitted);
  CHECK(without.room(without.cleo).endorse(without.id(without.bob), without.meeting.at()).error().code == ErrorCode::not_permitted);
}

TEST_CASE("an owner who comes back after heirs took over is a member like others, and may be let in again", "[session]") {
  Heirs heirs;
  heirs.lose_owner();
  heirs.meeting.take(heirs.bob, *heirs.room(heirs.bob).inherit(heirs.meeting.at()));
  heirs.meeting.take(heirs.cleo, *heirs.room(heirs.cleo).endorse(heirs.id(heirs.bob), heirs.meeting.at()));
  heirs.meeting.settle();
  heirs.meeting.parties[0].gone = false;
  heirs.meeting.settle();
  CHECK(heirs.meeting.parties[0].saw<SessionEnded>());
  const Identity ada = std::move(*Identity::from_seed(Bytes(32, 8)));
  auto joining = *Joining::begin(heirs.meeting.seeded(), ada, "Ada", heirs.meeting.at());
  heirs.meeting.take(heirs.bob, *heirs.meeting.parties[heirs.bob].session.admit(7, joining.key_package(), heirs.meeting.at()));
  heirs.meeting.settle();
  const auto again = joining.complete(heirs.meeting.admissions.at(7).welcome, heirs.meeting.owner_hash, heirs.meeting.at());
  REQUIRE(again.ok());
  CHECK(Room::settings_of(*again).banned == 0);
  CHECK(std::ranges::find(again->roster(), again->self(), &SessionMember::id)->role == Role::listener);
}

TEST_CASE("host disconnected and claimed: voices of raiders, in others' names, of another epoch or room make nobody an owner", "[session][attack]") {
  Heirs heirs;
  Raider eve(heirs.meeting.config, 200);
  REQUIRE(eve.enter(heirs.meeting));
  eve.follow(heirs.meeting);
  heirs.lose_owner();
  CHECK(heirs.room(heirs.emil).inherit(heirs.meeting.at()).error().code == ErrorCode::not_permitted);
  heirs.meeting.take(heirs.bob, *heirs.room(heirs.bob).inherit(heirs.meeting.at()));
  heirs.meeting.settle();
  eve.follow(heirs.meeting);
  const std::uint64_t epoch = eve.group().epoch();
  const auto& room_id = heirs.meeting.config.room_id;
  const room::Identity cleo = Raider::identity_of(12);
  REQUIRE(cleo.hash() == heirs.hash_of(heirs.cleo));
  const auto say = [&](const room::Endorsement& voice) { heirs.meeting.append(ToLog{eve.say(voice), false, epoch, {}}); };
  say(*room::Endorsement::sign(Raider::identity_of(200), room_id, epoch, heirs.hash_of(heirs.bob)));
  auto in_cleos_name = *room::Endorsement::sign(Raider::identity_of(200), room_id, epoch, heirs.hash_of(heirs.bob));
  in_cleos_name.heir_key = to_bytes(cleo.public_key());
  say(in_cleos_name);
  say(*room::Endorsement::sign(cleo, room_id, epoch, heirs.hash_of(heirs.bob)));  // even a real one: it is not Cleo who says it
  heirs.meeting.settle();
  for (const std::size_t at : {heirs.bob, heirs.emil}) CHECK(heirs.member(heirs.bob, at).role == Role::listener);
  // What a commit carries counts only if it is of this epoch, this room, for the committer, and of enough heirs.
  const auto claim = [&](std::vector<room::Endorsement> voices) {
    mls::Extensions extensions = eve.group().extensions();
    room::RoomPolicy policy = *session::read_policy(extensions);
    policy.put(room::Grant{eve.hash(), Role::owner, 0, 0});
    extensions.set(session::policy_extension, wire::encode(policy));
    mls::CommitOptions options;
    options.authenticated_data = room::encode_endorsements(std::move(voices));
    std::vector<mls::Proposal> proposals;
    proposals.emplace_back(mls::GroupContextExtensions{std::move(extensions)});
    const Bytes commit = eve.group().commit(std::move(proposals), std::move(options), Meeting::wall, eve.random())->commit;
    eve.group().discard_pending();
    heirs.meeting.append(ToLog{commit, true, epoch, {}});
    heirs.meeting.settle();
    return heirs.meeting.parties[heirs.emil].session.epoch() == epoch;
  };
  CHECK(claim({*room::Endorsement::sign(cleo, room_id, epoch, eve.hash()), *room::Endorsement::sign(Raider::identity_of(10), room_id, epoch, eve.hash())}));
}
