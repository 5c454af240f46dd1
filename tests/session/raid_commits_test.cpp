// Commits by a member gone bad, with the relay's help: every honest member refuses each, and the room goes on.
#include <ctime>

#include "conclave/room.h"
#include "session/raider.h"

using namespace conclave;
using namespace conclave::test;

namespace {

/// A stage: Ada owns it, Bob and Cleo listen, and so does Eve.
struct Stage {
  Meeting meeting;
  std::size_t bob;
  std::size_t cleo;
  Raider eve;

  Stage() : meeting(of(RoomMode::stage)), bob(meeting.enter("Bob")), cleo(meeting.enter("Cleo")), eve(meeting.config, 200) {
    REQUIRE(eve.enter(meeting));
  }
  static SessionConfig of(RoomMode mode) {
    SessionConfig config;
    config.mode = mode;
    return config;
  }

  /// The relay puts it into the log, and everybody reads it.
  void smuggle(Bytes message) {
    meeting.append(ToLog{std::move(message), true, eve.group().epoch(), {}});
    meeting.settle();
  }

  /// All three refused it by the policy, named Eve, and stayed where they were.
  void check_refused(Bytes message) {
    const std::uint64_t before = meeting.parties[0].session.epoch();
    for (Party& party : meeting.parties) party.events.clear();
    smuggle(std::move(message));
    for (Party& party : meeting.parties) {
      const auto refused = party.all<MessageRefused>();
      REQUIRE(refused.size() == 1);
      CHECK(refused[0].error.code == ErrorCode::forbidden_by_policy);
      CHECK(refused[0].error.participant == eve.id());
      CHECK(party.session.epoch() == before);
    }
  }

  /// The room is not stalled: the next commit for the same epoch is merged by all.
  void check_alive() {
    const std::uint64_t before = meeting.parties[0].session.epoch();
    meeting.take(0, meeting.parties[0].session.rotate(meeting.at()));
    meeting.settle();
    for (const Party& party : meeting.parties) {
      CHECK(party.session.epoch() == before + 1);
      CHECK(party.session.epoch_authenticator() == meeting.parties[0].session.epoch_authenticator());
    }
  }
};

mls::Proposal adding(const Raider& who) { return mls::Add{std::make_shared<const mls::KeyPackage>(*wire::decode<mls::KeyPackage>(who.key_package))}; }

}  // namespace

TEST_CASE("ghost member: a listener's commit that adds somebody is refused by every member", "[session][attack]") {
  Stage stage;
  const Raider ghost(stage.meeting.config, 201, "Ghost");
  std::vector<mls::Proposal> proposals;
  proposals.push_back(adding(ghost));
  stage.check_refused(stage.eve.commit(std::move(proposals)));
  stage.check_alive();
}

TEST_CASE("ghost member by external join: nobody comes in without being admitted", "[session][attack]") {
  Stage stage;
  const Bytes info = *stage.eve.group().group_info(true);
  const Raider outsider(stage.meeting.config, 202, "Ghost");
  const crypto::CipherSuite& suite = *crypto::find_suite(1);
  mls::ExternalJoin request{.group_info = info, .ratchet_tree = {}, .signer = *crypto::SignaturePrivateKey::generate(suite.signature, stage.eve.random()),
                            .profile = {}, .resync = {}, .psks = {}, .use_psks = {}, .authenticated_data = {}, .options = {}};
  const room::Identity identity = Raider::identity_of(202);
  request.profile.credential = mls::BasicCredential{*identity.credential(stage.meeting.config.room_id, request.signer.public_key().bytes(), "Ghost")};
  request.profile.leaf_extensions.set(*session::offer_of(stage.meeting.config.frame_suites));
  request.profile.leaf_extensions.set(session::SigningKey{Bytes(identity.public_key().begin(), identity.public_key().end())});
  request.profile.capabilities = mls::Capabilities::of_library(suite.id);
  request.profile.capabilities.extensions.push_back(session::FrameSuites::type);
  request.profile.capabilities.extensions.push_back(session::SigningKey::type);
  request.profile.capabilities.extensions.push_back(session::policy_extension);
  request.profile.lifetime = {Meeting::wall.value - 3600, Meeting::wall.value + 7200};
  auto joined = mls::Group::join_external(std::move(request), stage.eve.random());
  REQUIRE(joined.ok());
  const std::uint64_t before = stage.meeting.parties[0].session.epoch();
  REQUIRE(stage.eve.group().stage(joined->commit, Meeting::wall).ok());  // MLS by itself would let it in
  stage.smuggle(joined->commit);
  for (const Party& party : stage.meeting.parties) {
    CHECK(party.saw<MessageRefused>());
    CHECK(party.session.epoch() == before);
    CHECK(party.session.roster().size() == 4);
  }
  stage.check_alive();
}

TEST_CASE("ghost member by an external sender: a listener cannot open the group to one", "[session][attack]") {
  Stage stage;
  mls::Extensions extensions = stage.eve.group().extensions();
  extensions.set(mls::ExternalSenders{{{Bytes(32, 7), mls::BasicCredential{Bytes(4, 1)}}}});
  std::vector<mls::Proposal> proposals;
  proposals.emplace_back(mls::GroupContextExtensions{std::move(extensions)});
  stage.check_refused(stage.eve.commit(std::move(proposals)));
  stage.check_alive();
}

TEST_CASE("role change by a listener: refused by every member", "[session][attack]") {
  Stage stage;
  for (const Role role : {Role::speaker, Role::moderator, Role::owner}) {
    stage.check_refused(stage.eve.commit_policy([&](room::RoomPolicy& p) { p.put({stage.eve.hash(), role, 0, 0}); }));
  }
  stage.check_refused(stage.eve.commit_policy([&](room::RoomPolicy& p) { p.put({stage.eve.hash(), Role::listener, Rights(Right::publish_screen).bits(), 0}); }));
  stage.check_refused(stage.eve.commit_policy([](room::RoomPolicy& p) { p.mode = RoomMode::open; p.default_role = Role::speaker; }));
  stage.check_alive();
}

TEST_CASE("a listener can neither remove, ban, lock, end nor inherit", "[session][attack]") {
  Stage stage;
  std::vector<mls::Proposal> removal;
  removal.emplace_back(mls::Remove{mls::LeafIndex{0}});
  stage.check_refused(stage.eve.commit(std::move(removal)));
  stage.check_refused(stage.eve.commit_policy([](room::RoomPolicy& p) { p.ban_identity(room::IdentityHash{1}); }));
  stage.check_refused(stage.eve.commit_policy([](room::RoomPolicy& p) { p.locked = 1; }));
  stage.check_refused(stage.eve.commit_policy([](room::RoomPolicy& p) { p.ended = 1; }));
  stage.check_refused(stage.eve.commit_policy([&](room::RoomPolicy& p) { p.heirs = {stage.eve.hash()}; }));
  stage.check_alive();
}

TEST_CASE("a policy that is damaged, missing, or contradicts itself is refused, also by an owner's members", "[session][attack]") {
  Stage stage;
  mls::Extensions garbage = stage.eve.group().extensions();
  garbage.set(session::policy_extension, Bytes(40, 0xEE));
  std::vector<mls::Proposal> proposals;
  proposals.emplace_back(mls::GroupContextExtensions{garbage});
  stage.check_refused(stage.eve.commit(std::move(proposals)));
  garbage.erase(session::policy_extension);
  proposals.clear();
  proposals.emplace_back(mls::GroupContextExtensions{garbage});
  stage.check_refused(stage.eve.commit(std::move(proposals)));
  stage.check_refused(stage.eve.commit_policy([](room::RoomPolicy& p) { p.signing = FrameSigning::none; }));
  stage.check_alive();
}

TEST_CASE("a member who sends a hundred bad commits costs the room under two seconds", "[session][attack]") {
  Stage stage;
  const Bytes commit = stage.eve.commit_policy([&](room::RoomPolicy& p) { p.put({stage.eve.hash(), Role::owner, 0, 0}); });
  const std::uint64_t before = stage.meeting.parties[0].session.epoch();
  // In virtual time no epoch, no deadline and no member waits for them: what it costs is work, of three members here.
  std::vector<Bytes> bad;
  for (int i = 0; i < 100; ++i) bad.push_back(stage.eve.commit_policy([&](room::RoomPolicy& p) { p.put({stage.eve.hash(), Role::owner, 0, 0}); }));
  bad.push_back(commit);
  const std::clock_t from = std::clock();
  for (Bytes& each : bad) stage.smuggle(std::move(each));
  CHECK(static_cast<double>(std::clock() - from) / CLOCKS_PER_SEC < 3 * 2.0);  // of the processor's time
  for (const Party& party : stage.meeting.parties) CHECK(party.all<MessageRefused>().size() == 101);
  CHECK(stage.meeting.parties[0].session.epoch() == before);
  stage.check_alive();
}

TEST_CASE("two members act for one epoch: the first in the log holds, and the other is judged by what it left", "[session][attack]") {
  Meeting meeting(Stage::of(RoomMode::stage));
  const std::size_t bob = meeting.enter("Bob");
  const std::size_t cleo = meeting.enter("Cleo");
  const MemberId bobs = meeting.parties[bob].session.self();
  const MemberId cleos = meeting.parties[cleo].session.self();
  meeting.take(0, *Room(meeting.parties[0].session).set_role(bobs, Role::moderator, meeting.at()));
  meeting.settle();
  REQUIRE(meeting.parties[bob].session.roster()[1].role == Role::moderator);
  SessionStep removal = *Room(meeting.parties[0].session).ban(bobs, meeting.at());
  SessionStep grant = *Room(meeting.parties[bob].session).give(cleos, Right::publish_audio, meeting.at());
  meeting.take(0, std::move(removal));
  meeting.take(bob, std::move(grant));
  meeting.settle();
  CHECK(meeting.parties[bob].saw<SessionEnded>());
  for (const std::size_t at : {std::size_t{0}, cleo}) {
    CHECK(meeting.parties[at].session.roster().size() == 2);
    CHECK(meeting.parties[at].session.roster()[1].rights == Rights());
    CHECK(meeting.parties[at].session.epoch_authenticator() == meeting.parties[0].session.epoch_authenticator());
  }
}

TEST_CASE("moderator removed in the epoch in which it grants: what it granted before its removal stands, and nothing after it", "[session][attack]") {
  Meeting meeting(Stage::of(RoomMode::stage));
  const std::size_t bob = meeting.enter("Bob");
  const std::size_t cleo = meeting.enter("Cleo");
  Raider eve(meeting.config, 200);
  REQUIRE(eve.enter(meeting));
  const MemberId bobs = meeting.parties[bob].session.self();
  for (const MemberId each : {bobs, eve.id()}) meeting.take(0, *Room(meeting.parties[0].session).set_role(each, Role::moderator, meeting.at()));
  meeting.settle();
  eve.follow(meeting);
  const auto cleos = room::identity_hash(meeting.parties[cleo].session.roster()[cleo].identity_key);
  const std::uint64_t before = meeting.parties[0].session.epoch();
  // One epoch: a moderator's grant first in the log, its removal behind it, which its sender makes again for the epoch that the grant began.
  SessionStep removal = *Room(meeting.parties[0].session).ban(eve.id(), meeting.at());
  meeting.append(ToLog{eve.commit_policy([&](room::RoomPolicy& p) { p.put({cleos, Role::speaker, 0, 0}); }), true, before, {}});
  const Bytes greedy = eve.commit_policy([&](room::RoomPolicy& p) { p.put({cleos, Role::moderator, 0, 0}); });
  meeting.take(0, std::move(removal));
  meeting.append(ToLog{greedy, true, before, {}});  // one more for that epoch, behind both
  meeting.settle();
  for (const std::size_t at : {std::size_t{0}, bob, cleo}) {
    const Session& session = meeting.parties[at].session;
    CHECK(session.epoch() == before + 2);
    CHECK(session.roster().size() == 3);
    CHECK(std::ranges::none_of(session.roster(), [&](const SessionMember& each) { return each.id == eve.id(); }));
    CHECK(session.roster()[cleo].role == Role::speaker);
    CHECK(session.epoch_authenticator() == meeting.parties[0].session.epoch_authenticator());
  }
}

TEST_CASE("a commit of ours that an insider and the relay seal once more is ours all the same, and ends no session", "[session][attack]") {
  Stage stage;
  Party& ada = stage.meeting.parties[0];
  const std::uint64_t before = ada.session.epoch();
  const SessionStep step = ada.session.rotate(stage.meeting.at());
  REQUIRE(step.send.size() == 1);
  Bytes again = stage.eve.sealed_again(step.send[0].message);
  REQUIRE(again != step.send[0].message);
  stage.smuggle(std::move(again));
  for (const Party& party : stage.meeting.parties) {
    CHECK(party.session.epoch() == before + 1);
    CHECK(party.session.epoch_authenticator() == ada.session.epoch_authenticator());
    CHECK_FALSE(party.saw<SessionEnded>());
    CHECK_FALSE(party.saw<MessageRefused>());
  }
  stage.check_alive();
}

TEST_CASE("whoever loses a right while its change waits is told that the change came to nothing", "[session]") {
  Meeting meeting(Stage::of(RoomMode::moderated));
  const std::size_t bob = meeting.enter("Bob");
  const std::size_t cleo = meeting.enter("Cleo");
  Party& ada = meeting.parties[0];
  Party& moderator = meeting.parties[bob];
  meeting.take(0, *Room(ada.session).set_role(moderator.session.self(), Role::moderator, meeting.at()));
  meeting.settle();
  SessionStep demoting = *Room(ada.session).set_role(moderator.session.self(), Role::speaker, meeting.at());
  SessionStep locking = *Room(moderator.session).lock(true, meeting.at());
  meeting.take(0, std::move(demoting));
  meeting.take(bob, std::move(locking));
  meeting.settle();
  const auto failed = moderator.all<ChangeFailed>();
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].error.code == ErrorCode::forbidden_by_policy);
  CHECK_FALSE(Room(meeting.parties[cleo].session).settings().locked);
  // What others have done already, or who has left already, is no failure.
  SessionStep removal = *ada.session.remove(meeting.parties[cleo].session.self(), meeting.at());
  const MemberId cleos = meeting.parties[cleo].session.self();
  meeting.take(0, std::move(removal));
  meeting.take(0, *ada.session.remove(cleos, meeting.at()));
  meeting.settle();
  CHECK_FALSE(ada.saw<ChangeFailed>());
}

TEST_CASE("a change that is taken back before anybody has read it holds as it was said last", "[session]") {
  Meeting meeting(Stage::of(RoomMode::moderated));
  const std::size_t bob = meeting.enter("Bob");
  const MemberId bobs = meeting.parties[bob].session.self();
  Room ada(meeting.parties[0].session);
  const auto role = [&] { return meeting.parties[bob].session.roster()[1].role; };
  const Role before = role();
  SECTION("behind a commit that is under way") { meeting.take(0, meeting.parties[0].session.rotate(meeting.at())); }
  SECTION("at once") {}
  meeting.take(0, *ada.set_role(bobs, Role::moderator, meeting.at()));
  meeting.take(0, *ada.set_role(bobs, before, meeting.at()));
  meeting.settle();
  CHECK(role() == before);
  meeting.take(0, *ada.set_role(bobs, Role::moderator, meeting.at()));
  meeting.take(0, *ada.set_role(bobs, before, meeting.at()));
  meeting.take(0, *ada.set_role(bobs, Role::moderator, meeting.at()));
  meeting.settle();
  CHECK(role() == Role::moderator);
}

TEST_CASE("two moderators at once: both changes come to stand, one after the other, and where they contradict each other the first in the log", "[session][attack]") {
  Meeting meeting(Stage::of(RoomMode::moderated));
  const std::size_t bob = meeting.enter("Bob");
  const std::size_t cleo = meeting.enter("Cleo");
  const std::size_t dan = meeting.enter("Dan");
  const MemberId dans = meeting.parties[dan].session.self();
  for (const std::size_t each : {bob, cleo}) {
    meeting.take(0, *Room(meeting.parties[0].session).set_role(meeting.parties[each].session.self(), Role::moderator, meeting.at()));
  }
  meeting.settle();
  const std::uint64_t before = meeting.parties[0].session.epoch();
  SessionStep locking = *Room(meeting.parties[bob].session).lock(true, meeting.at());
  SessionStep giving = *Room(meeting.parties[cleo].session).set_role(dans, Role::speaker, meeting.at());
  meeting.take(bob, std::move(locking));
  meeting.take(cleo, std::move(giving));
  meeting.settle();
  for (Party& party : meeting.parties) {
    CHECK(Room(party.session).settings().locked);
    CHECK(party.session.roster()[dan].role == Role::speaker);
    CHECK(party.session.epoch() == before + 2);
  }
  SessionStep removing = *Room(meeting.parties[bob].session).ban(dans, meeting.at());
  SessionStep raising = *Room(meeting.parties[cleo].session).give(dans, Right::publish_screen, meeting.at());
  meeting.take(bob, std::move(removing));
  meeting.take(cleo, std::move(raising));
  meeting.settle();
  CHECK(meeting.parties[dan].saw<SessionEnded>());
  for (const std::size_t at : {std::size_t{0}, bob, cleo}) {
    CHECK(meeting.parties[at].session.roster().size() == 3);
    CHECK(meeting.parties[at].session.epoch_authenticator() == meeting.parties[0].session.epoch_authenticator());
  }
}

TEST_CASE("what is asked while a commit of ours is under way is judged by what that commit leaves", "[session]") {
  Meeting meeting(Stage::of(RoomMode::stage));
  const std::size_t bob = meeting.enter("Bob");
  const std::size_t cleo = meeting.enter("Cleo");
  Party& ada = meeting.parties[0];
  const MemberId bobs = meeting.parties[bob].session.self();
  SECTION("who was invited is being let in") {
    const auto owner = std::move(*Identity::from_seed(Bytes(32, 8)));  // the first that the meeting made
    REQUIRE(owner.hash() == meeting.owner_hash);
    SessionConfig invited = meeting.seeded();
    invited.invitation = *Room(ada.session).invite(owner, "Dora", {}, {Meeting::wall.value + 3600});
    auto joining = Joining::begin(invited, meeting.identity(), "Dora", meeting.at());
    REQUIRE(joining.ok());
    meeting.take(0, *ada.session.admit(7, joining->key_package(), meeting.at()));
  }
  SECTION("somebody is being removed for good") {
    meeting.take(0, *Room(ada.session).ban(meeting.parties[cleo].session.self(), meeting.at()));
  }
  REQUIRE(meeting.log.size() > ada.read);
  auto floor = Room(ada.session).give(bobs, Right::publish_audio, meeting.at());
  REQUIRE(floor.ok());
  meeting.take(0, std::move(*floor));
  meeting.settle();
  CHECK(meeting.parties[bob].session.roster()[1].rights.has(Right::publish_audio));
  CHECK_FALSE(ada.saw<ChangeFailed>());
}
