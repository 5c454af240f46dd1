// What a room's policy does to frames, words and newcomers, end to end.
#include <algorithm>

#include "conclave/room.h"
#include "conclave/transcript.h"
#include "room/ticket.h"
#include "session/raider.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

SessionConfig of(RoomMode mode) {
  SessionConfig config;
  config.mode = mode;
  return config;
}

FrameStatus fate(Party& party, ByteView sealed, const FrameInfo& info) {
  Bytes out(sealed.size());
  return party.opener.open(info, sealed, out).status;
}

Bytes whole(FrameSealer& sealer, const FrameInfo& info) { return to_bytes(sealer.seal(info, Bytes(80, 1))->bytes()); }

}  // namespace

TEST_CASE("screen share by a listener: its frames never reach a decoder, with the relay's help", "[session][attack]") {
  Meeting meeting(of(RoomMode::stage));
  const std::size_t bob = meeting.enter("Bob");
  Raider eve(meeting.config, 200);
  REQUIRE(eve.enter(meeting));
  const FrameInfo info{7, 1, true, false, false, 0, 0, 3, 0};
  for (std::uint8_t stream = 0; stream < max_streams; ++stream) {
    const Bytes frame = eve.seal(eve.id(), stream, info, Bytes(1000, 0xAB));
    CHECK(fate(meeting.parties[0], frame, info) == FrameStatus::no_right);
    CHECK(fate(meeting.parties[bob], frame, info) == FrameStatus::no_right);
  }
  CHECK(meeting.parties[bob].session.make_sealer(0).error().code == ErrorCode::not_permitted);
}

TEST_CASE("the floor is given and taken: who has it is heard, and from the next epoch on who lost it is not", "[session][attack]") {
  Meeting meeting(of(RoomMode::stage));
  const std::size_t bob = meeting.enter("Bob");
  const MemberId bobs = meeting.parties[bob].session.self();
  const FrameInfo info{7, 1, true, false, false, 0, 0, 3, 0};
  meeting.append(*Room(meeting.parties[bob].session).raise_hand(true));
  meeting.settle();
  CHECK(meeting.parties[0].session.roster()[1].hand_raised);
  meeting.take(0, *Room(meeting.parties[0].session).give(bobs, Right::publish_audio, meeting.at()));
  meeting.settle();
  auto sealer = *meeting.parties[bob].session.make_sealer(0);
  CHECK(fate(meeting.parties[0], whole(sealer, info), info) == FrameStatus::opened);
  CHECK_FALSE(meeting.parties[bob].session.make_sealer(1).ok());

  Raider eve(meeting.config, 200);
  REQUIRE(eve.enter(meeting));
  sealer = *meeting.parties[bob].session.make_sealer(0);
  const Bytes before = eve.seal(bobs, 0, info, Bytes(80, 2));
  meeting.take(0, *Room(meeting.parties[0].session).take(bobs, Right::publish_audio, meeting.at()));
  meeting.settle();
  eve.follow(meeting);
  CHECK(fate(meeting.parties[0], before, info) == FrameStatus::no_right);                              // of the epoch that ends
  CHECK(fate(meeting.parties[0], eve.seal(bobs, 0, info, Bytes(80, 2)), info) == FrameStatus::no_right);  // whether or not it complies
  CHECK_FALSE(sealer.seal(info, Bytes(80, 1)).ok());
}

TEST_CASE("the floor that is taken while it is still being given is not had", "[session]") {
  Meeting meeting(of(RoomMode::stage));
  const std::size_t bob = meeting.enter("Bob");
  const MemberId bobs = meeting.parties[bob].session.self();
  SessionStep given = *Room(meeting.parties[0].session).give(bobs, publishing_rights, meeting.at());
  SessionStep taken = *Room(meeting.parties[0].session).take(bobs, publishing_rights, meeting.at());
  meeting.take(0, std::move(given));
  meeting.take(0, std::move(taken));
  meeting.settle();
  CHECK((Room(meeting.parties[bob].session).own_rights() & publishing_rights) == Rights());
}

TEST_CASE("forged speaker: a listener who holds the media keys, with the relay, is not heard as the speaker", "[session][attack]") {
  Meeting meeting(of(RoomMode::stage));
  const std::size_t bob = meeting.enter("Bob");
  Raider eve(meeting.config, 200);
  REQUIRE(eve.enter(meeting));
  const FrameInfo info{7, 1, true, false, false, 0, 0, 3, 0};
  auto sealer = *meeting.parties[0].session.make_sealer(0);
  const Bytes honest = whole(sealer, info);
  for (const std::uint64_t counter : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 40}) {
    const Bytes forgery = eve.seal(0, 0, info, Bytes(144, 9), counter);
    Bytes out(forgery.size(), 7);
    CHECK(meeting.parties[bob].opener.open(info, forgery, out).status == FrameStatus::forged);
    CHECK(std::count(out.begin(), out.end(), 9) == 0);
  }
  // Nor does it use up the speaker's counters, or push them out of the window.
  Bytes out(honest.size());
  const OpenedFrame opened = meeting.parties[bob].opener.open(info, honest, out);
  CHECK(opened.opened());
  CHECK(opened.size == 80);
  CHECK(fate(meeting.parties[bob], honest, info) == FrameStatus::replayed);
  CHECK(fate(meeting.parties[bob], whole(sealer, info), info) == FrameStatus::opened);
}

TEST_CASE("where frames are signed nobody seals codec-aware, and what a raider seals so is forged", "[session][attack]") {
  Meeting meeting(of(RoomMode::stage));
  const std::size_t bob = meeting.enter("Bob");
  Raider eve(meeting.config, 200);
  REQUIRE(eve.enter(meeting));
  const FrameInfo info{7, 1, true, false, false, 0, 0, 3, 0};
  Bytes opus(80, 9);
  opus[0] = 0x78;
  for (const FrameMode mode : {FrameMode::opus, FrameMode::vp8, FrameMode::vp9, FrameMode::av1, FrameMode::h264, FrameMode::h265}) {
    CHECK(meeting.parties[0].session.make_sealer(0, mode).error().code == ErrorCode::not_permitted);
  }
  const Bytes frame = eve.seal(0, 0, info, opus, 0, FrameMode::opus);
  Bytes out(frame.size(), 7);
  CHECK(meeting.parties[bob].opener.open(MemberId{0}, frame, session::frame_metadata(info), out, FrameMode::opus).status == FrameStatus::forged);
  CHECK(std::count(out.begin(), out.end(), 9) == 0);

  Meeting open_room(of(RoomMode::open));  // the same frame where nobody signs
  const std::size_t cleo = open_room.enter("Cleo");
  Raider mallory(open_room.config, 200);
  REQUIRE(mallory.enter(open_room));
  const Bytes unsigned_frame = mallory.seal(0, 0, info, opus, 0, FrameMode::opus);
  Bytes plain(unsigned_frame.size());
  CHECK(open_room.parties[cleo].opener.open(MemberId{0}, unsigned_frame, session::frame_metadata(info), plain, FrameMode::opus).opened());
}

TEST_CASE("a signed frame of any size fits where the documentation says", "[session]") {
  Meeting meeting(of(RoomMode::stage));
  const std::size_t bob = meeting.enter("Bob");
  auto sealer = *meeting.parties[0].session.make_sealer(1);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1200}, std::size_t{50'000}}) {
    const Bytes frame(size, 3);
    Bytes buffer(max_sealed_size(size));
    const auto sealed = sealer.seal(frame, {}, buffer);
    REQUIRE(sealed.ok());
    const OpenedFrame opened = meeting.parties[bob].opener.open(MemberId{0}, ByteView(buffer).first(*sealed), {}, buffer);
    REQUIRE(opened.opened());
    CHECK(std::ranges::equal(ByteView(buffer).first(opened.size), frame));
  }
}

TEST_CASE("forged chat: a stage's audience writes nothing, and nobody writes as another one", "[session][attack]") {
  Meeting meeting(of(RoomMode::stage));
  const std::size_t bob = meeting.enter("Bob");
  Raider eve(meeting.config, 200);
  REQUIRE(eve.enter(meeting));
  meeting.append(ToLog{eve.say(room::Chat{to_bytes(as_bytes("violence"))}), false, 0, {}});
  meeting.settle();
  for (const std::size_t at : {std::size_t{0}, bob}) {
    CHECK_FALSE(meeting.parties[at].saw<ChatReceived>());
    CHECK(meeting.parties[at].all<MessageRefused>().back().error.participant == eve.id());
  }
  CHECK(Room(meeting.parties[bob].session).chat("may I?").error().code == ErrorCode::not_permitted);
  meeting.append(*Room(meeting.parties[0].session).chat("wel\u202ecome"));
  meeting.settle();
  const auto heard = meeting.parties[bob].all<ChatReceived>();
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].sender == meeting.parties[0].session.self());
  CHECK(heard[0].text == "welcome");
}

TEST_CASE("rejoin after removal: the identity does not come back, whoever asks for it", "[session][attack]") {
  Meeting meeting(of(RoomMode::moderated));
  meeting.enter("Bob");
  Raider eve(meeting.config, 200);
  REQUIRE(eve.enter(meeting));
  meeting.take(0, *Room(meeting.parties[0].session).ban(eve.id(), meeting.at()));
  meeting.settle();
  CHECK(Room(meeting.parties[0].session).settings().banned == 1);
  Raider again(meeting.config, 300, 200, "Somebody else", {});
  CHECK_FALSE(again.enter(meeting));
  CHECK(meeting.parties[0].saw<AdmissionFailed>());
  CHECK(meeting.parties[0].session.roster().size() == 2);
  Raider other(meeting.config, 301, "Eve");  // a new key is a stranger again: it takes a new admission
  CHECK(other.enter(meeting));
}

TEST_CASE("a personal invitation lets its holder in once, not the next one, and nobody after a removal", "[session][attack]") {
  Meeting meeting(of(RoomMode::moderated));
  const Identity& unused = meeting.identity();
  (void)unused;
  meeting.take(0, *Room(meeting.parties[0].session).set_entry(Entry::invited, meeting.at()));
  meeting.settle();
  Raider stranger(meeting.config, 199);
  CHECK_FALSE(stranger.enter(meeting));

  // The owner's identity is the first that the meeting made: seed 8.
  const room::Identity owner = Raider::identity_of(8);
  REQUIRE(owner.hash() == meeting.owner_hash);
  const auto ticket = *room::PersonalInvitation::issue(owner, meeting.config.room_id, {"Eve", {}, {Meeting::wall.value + 3600}}, stranger.random());
  const auto use = [&](std::uint64_t seed) { return *ticket.use(Raider::identity_of(seed).public_key()); };
  Raider eve(meeting.config, 200, 200, "Eve", use(200));
  REQUIRE(eve.enter(meeting));
  Raider friend_of_eve(meeting.config, 201, 201, "Eve", use(201));
  CHECK_FALSE(friend_of_eve.enter(meeting));
  meeting.take(0, *Room(meeting.parties[0].session).ban(eve.id(), meeting.at()));
  meeting.settle();
  Raider with_new_key(meeting.config, 202, 202, "Mallory", use(202));
  CHECK_FALSE(with_new_key.enter(meeting));
  Raider thief(meeting.config, 203, 203, "Bob", use(200));  // stolen as it was used: bound to another identity
  CHECK_FALSE(thief.enter(meeting));
  CHECK(meeting.parties[0].session.roster().size() == 1);
}

TEST_CASE("a locked room admits nobody until it is unlocked", "[session][attack]") {
  Meeting meeting(of(RoomMode::open));
  meeting.take(0, *Room(meeting.parties[0].session).lock(true, meeting.at()));
  meeting.settle();
  Raider eve(meeting.config, 200);
  CHECK_FALSE(eve.enter(meeting));
  meeting.take(0, *Room(meeting.parties[0].session).lock(false, meeting.at()));
  meeting.settle();
  CHECK(eve.enter(meeting));
}

TEST_CASE("the owner's end is the end for all, and nothing is accepted after it", "[session][attack]") {
  Meeting meeting(of(RoomMode::moderated));
  const std::size_t bob = meeting.enter("Bob");
  CHECK(Room(meeting.parties[bob].session).end(meeting.at()).error().code == ErrorCode::not_permitted);
  meeting.take(0, *Room(meeting.parties[0].session).end(meeting.at()));
  meeting.settle();
  for (Party& party : meeting.parties) CHECK(party.saw<SessionEnded>());
  CHECK_FALSE(meeting.parties[bob].session.say(as_bytes("x")).ok());
}

TEST_CASE("host disconnected and claimed: only a signed heir inherits, and only when nobody leads", "[session][attack]") {
  Meeting meeting(of(RoomMode::moderated));
  const std::size_t bob = meeting.enter("Bob");
  const std::size_t cleo = meeting.enter("Cleo");
  const auto hash_of = [&](std::size_t at) { return room::identity_hash(meeting.parties[0].session.roster()[at].identity_key); };
  meeting.take(0, *Room(meeting.parties[0].session).set_heirs({hash_of(bob), hash_of(cleo)}, 2, meeting.at()));
  meeting.settle();
  const std::size_t dora = meeting.enter("Dora");
  Raider eve(meeting.config, 200);
  REQUIRE(eve.enter(meeting));
  meeting.parties[0].gone = true;  // nobody hears the owner any more: nobody becomes owner by that, nor by saying so
  meeting.pass(20s);
  REQUIRE(meeting.parties[dora].session.suspended());
  meeting.take(bob, *Room(meeting.parties[bob].session).inherit(meeting.at()));  // one heir of two who must agree
  CHECK(Room(meeting.parties[dora].session).inherit(meeting.at()).error().code == ErrorCode::not_permitted);
  eve.follow(meeting);
  const std::uint64_t epoch = eve.group().epoch();
  meeting.append(ToLog{eve.commit_policy([&](room::RoomPolicy& p) { p.put({eve.hash(), Role::owner, 0, 0}); }), true, epoch, {}});
  meeting.pass(20s);
  for (const std::size_t at : {bob, cleo, dora}) {
    REQUIRE(meeting.parties[at].session.epoch() == epoch);
    for (const SessionMember& member : meeting.parties[at].session.roster()) CHECK((member.role == Role::owner) == (member.id == meeting.parties[0].session.self()));
  }
  // Heirs who could never act beside a leader who has a seat are none.
  CHECK(Room(meeting.parties[0].session).set_heirs({hash_of(bob)}, 0, meeting.at()).error().code == ErrorCode::invalid_argument);
}

TEST_CASE("the record of a meeting names who came, was given the floor and was removed, and anyone can verify it", "[session]") {
  Meeting meeting(of(RoomMode::stage));
  const std::size_t bob = meeting.enter("Bob");
  meeting.take(0, *Room(meeting.parties[0].session).give(meeting.parties[bob].session.self(), Right::publish_audio, meeting.at()));
  meeting.settle();
  meeting.take(0, *Room(meeting.parties[0].session).ban(meeting.parties[bob].session.self(), meeting.at()));
  meeting.settle();
  const Bytes file = *Room(meeting.parties[0].session).export_record(*Identity::from_seed(Bytes(32, 8)));
  const auto record = read_transcript(file);
  REQUIRE(record.ok());
  CHECK(record->signer == meeting.owner_hash);
  REQUIRE(record->lines.size() == 3);
  CHECK(record->lines[0].find("\"Bob\" came in") != std::string::npos);
  CHECK(record->lines[1].find("was given a role") != std::string::npos);
  CHECK(record->lines[2].find("\"Bob\" was removed") != std::string::npos);
}

TEST_CASE("an invitation is good for a year at most, whoever issues it", "[session]") {
  Meeting meeting(of(RoomMode::moderated));
  const Identity ada = *Identity::from_seed(Bytes(32, 8));
  const auto until = [&](std::uint64_t days) { return Room(meeting.parties[0].session).invite(ada, "Bob", {}, {meeting.at().wall.value + days * 86'400}); };
  REQUIRE(until(1).ok());
  CHECK(until(367).ok());
  CHECK(until(368).error().code == ErrorCode::invalid_argument);
  CHECK(until(std::uint64_t{1} << 40).error().code == ErrorCode::invalid_argument);
}
