// Attacks that have a name in the literature or a list of incidents, and no test of their own elsewhere.
#include <algorithm>

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

}  // namespace

TEST_CASE("welcome with a different roster: a newcomer whom a moderator leads into a fork is cut off, and seals and opens nothing", "[session][attack]") {
  Meeting meeting(moderated());
  (void)meeting.enter("Bob");
  Raider eve(meeting.config, 200);
  REQUIRE(eve.enter(meeting));
  meeting.take(0, *Room(meeting.parties[0].session).set_role(eve.id(), Role::moderator, meeting.at()));
  meeting.settle();
  eve.follow(meeting);
  const Victim vera(meeting);
  std::vector<mls::Proposal> proposals;
  proposals.emplace_back(mls::Add{std::make_shared<const mls::KeyPackage>(*wire::decode<mls::KeyPackage>(vera.joining.key_package()))});
  proposals.emplace_back(mls::Remove{mls::LeafIndex{1}});  // Bob
  (void)eve.commit(std::move(proposals));                  // nobody else ever sees it
  auto session = vera.joining.complete(eve.welcome, meeting.owner_hash, meeting.at());
  REQUIRE(session.ok());  // Eve may admit: a Welcome says no more than that
  Party party{std::move(*session)};
  party.read = meeting.log.size();
  meeting.parties.push_back(std::move(party));
  meeting.pass(20s);
  const Party& led_astray = meeting.parties.back();
  CHECK(led_astray.session.suspended());
  CHECK(led_astray.saw<SessionSuspended>());
  CHECK(std::ranges::any_of(led_astray.all<MemberDoubted>(), [](const MemberDoubted& doubt) { return doubt.member == 0; }));
}

TEST_CASE("key compromise impersonation: a stolen identity key lets nobody be forged to its owner, nor take the owner's seat", "[session][attack]") {
  Meeting meeting(moderated());
  const room::Identity stolen = Raider::identity_of(77);  // Vera's
  const Victim vera(meeting);
  auto policy = room::RoomPolicy::founding(RoomMode::moderated, meeting.owner_hash);
  policy.put(room::Grant{stolen.hash(), Role::owner, 0, 0});
  CHECK(vera.fault(meeting, ghost_room(meeting.config, Raider::identity_of(66), policy, vera.joining.key_package())) == ErrorCode::identity_mismatch);
  (void)vera.fault(meeting, ghost_room(meeting.config, stolen, policy, vera.joining.key_package()));
  meeting.take(0, *meeting.parties[0].session.admit(5, vera.joining.key_package(), meeting.at()));
  meeting.settle();
  Raider thief(meeting.config, 300, 77, "Vera", {});
  CHECK(meeting.parties[0].session.inspect(thief.key_package, meeting.at()).error().code == ErrorCode::forbidden_by_policy);
  CHECK_FALSE(thief.enter(meeting));
}

TEST_CASE("sender keys: who was removed reads and says nothing later, with all that it held", "[session][attack]") {
  Meeting meeting;
  const std::size_t bob = meeting.enter("Bob");
  Raider eve(meeting.config, 200);
  REQUIRE(eve.enter(meeting));
  const MemberId eves = eve.id();
  const FrameInfo info{7, 1, true, false, false, 0, 0, 3, 0};
  const Bytes before = eve.seal(eves, 0, info, Bytes(80, 2), 5);
  meeting.take(0, *meeting.parties[0].session.remove(eves, meeting.at()));
  meeting.settle();
  Bytes out(before.size());
  CHECK_FALSE(meeting.parties[bob].opener.open(info, before, out).opened());
  meeting.pass(3s);  // in an open room frames of the epoch before open for 2 s, and are not signed: until then it could forge, with the relay
  CHECK_FALSE(meeting.parties[bob].opener.open(info, eve.seal(0, 0, info, Bytes(80, 2), 5), out).opened());  // as Ada
  const ToLog word = *meeting.parties[0].session.say(as_bytes("after"));
  CHECK_FALSE(eve.group().unprotect(word.message).ok());
  eve.follow(meeting);
  CHECK_FALSE(eve.group().unprotect(word.message).ok());
}

TEST_CASE("a member whose whole state was copied is safe again after its next path: the thief reads and says nothing", "[session][attack]") {
  Meeting meeting;
  const std::size_t bob = meeting.enter("Bob");
  const Bytes key(32, 4);
  const Bytes copy = *meeting.parties[bob].session.save(key, 1);
  Session thief = *Session::restore(copy, key, 1, meeting.config, meeting.at());
  meeting.take(bob, meeting.parties[bob].session.rotate(meeting.at()));
  const std::size_t from = meeting.log.size() - 1;
  meeting.settle();
  meeting.append(*Room(meeting.parties[0].session).chat("after"));
  meeting.settle();
  REQUIRE(meeting.parties[bob].saw<ChatReceived>());
  for (std::size_t at = from; at < meeting.log.size(); ++at) {
    const SessionStep step = thief.handle(meeting.log[at].message, meeting.at());
    CHECK(std::ranges::none_of(step.events, [](const SessionEvent& event) { return std::holds_alternative<ChatReceived>(event); }));
  }
  CHECK(thief.epoch_authenticator() != meeting.parties[bob].session.epoch_authenticator());
}

TEST_CASE("a relay without any key cannot say in a member's name what nobody sealed: neither the app nor the record names anybody", "[session][attack]") {
  Meeting meeting;
  const std::size_t bob = meeting.enter("Bob");
  const auto bytes = [](std::uint8_t size, std::uint8_t value) {
    Bytes out(1 + std::size_t{size}, value);
    out[0] = size;
    return out;
  };
  Bytes forged{0, 1, 0, 1, 16};  // mls10, public message, group id
  forged.insert(forged.end(), meeting.config.room_id.begin(), meeting.config.room_id.end());
  for (int shift = 56; shift >= 0; shift -= 8) forged.push_back(static_cast<std::uint8_t>(meeting.parties[0].session.epoch() >> shift));
  const Bytes claim{1, 0, 0, 0, static_cast<std::uint8_t>(meeting.parties[bob].session.self()), 0, 3, 0, 0};  // of the member Bob: a commit of nothing
  for (const Bytes& part : {claim, bytes(32, 7), bytes(32, 8), bytes(32, 9)}) forged.insert(forged.end(), part.begin(), part.end());
  SessionStep step = meeting.parties[0].session.handle(forged, meeting.at());
  REQUIRE(step.events.size() == 1);
  const auto* refused = std::get_if<MessageRefused>(&step.events.front());
  REQUIRE(refused != nullptr);
  CHECK(refused->error.detail == "a commit that is not sealed");
  CHECK_FALSE(refused->error.participant);
}

TEST_CASE("short tags: no room uses tags of four bytes, whoever offers them, and no frame opens whose tag was cut", "[session][attack]") {
  const auto four_bytes = static_cast<FrameSuite>(3);  // AES_128_CTR_HMAC_SHA256_32
  REQUIRE(sframe::find_cipher_suite(3)->tag_size == 4);
  SessionConfig wanting;
  wanting.frame_suites = {four_bytes};
  const Identity ada = *Identity::generate();
  CHECK(Session::found(wanting, ada, "Ada", {}).error().code == ErrorCode::invalid_argument);
  CHECK(Joining::begin(wanting, ada, "Ada", {}).error().code == ErrorCode::invalid_argument);

  Meeting meeting;  // nor can a founder gone bad lead anybody into such a room
  const Victim vera(meeting);
  SessionConfig short_tags = meeting.config;
  short_tags.frame_suites = {four_bytes};
  const room::Identity founder = Raider::identity_of(8);
  REQUIRE(founder.hash() == meeting.owner_hash);
  const auto policy = room::RoomPolicy::founding(RoomMode::open, founder.hash());
  CHECK(vera.fault(meeting, ghost_room(short_tags, founder, policy, vera.joining.key_package())) == ErrorCode::unsupported);

  const std::size_t bob = meeting.enter("Bob");
  auto sealer = *meeting.parties[0].session.make_sealer(0);
  Bytes sealed(max_sealed_size(80)), out(200);
  sealed.resize(*sealer.seal(Bytes(80, 1), {}, sealed));
  FrameOpener& opener = meeting.parties[bob].opener;
  for (std::size_t cut = 1; cut < sealed.size(); ++cut) {
    CHECK_FALSE(opener.open(std::nullopt, ByteView(sealed).first(sealed.size() - cut), {}, out).opened());
  }
  CHECK(opener.open(std::nullopt, sealed, {}, out).opened());
}
