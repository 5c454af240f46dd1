// A speaker that signs different frames for different listeners, with the relay's help.
#include "conclave/room.h"
#include "conclave/transcript.h"
#include "session/frame_statement.h"
#include "session/raider.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

/// Eve has the floor of Ada's stage; Bob and Cleo are the two halves of the hall.
struct Hall {
  explicit Hall(FrameSigning how) : meeting(stage()), bob(meeting.enter("Bob")), cleo(meeting.enter("Cleo")), eve(meeting.config, 200), signing(how) {
    REQUIRE(eve.enter(meeting));
    if (how != FrameSigning::per_frame) meeting.take(0, *Room(meeting.parties[0].session).set_signing(how, meeting.at()));
    meeting.take(0, *Room(meeting.parties[0].session).give(eve.id(), Right::publish_audio, meeting.at()));
    meeting.settle();
    eve.follow(meeting);
    crypto::SeededRandom again(200);
    key.emplace(*crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, again));  // that of its leaf
  }
  static SessionConfig stage() {
    SessionConfig config;
    config.mode = RoomMode::stage;
    return config;
  }
  static FrameInfo info(std::uint64_t counter) { return {7, static_cast<std::uint16_t>(counter), true, true, false, 0, 0, 7, 0}; }

  /// Frame `counter` as Eve signs it; what is to be stated of it goes into `statement`.
  Bytes frame(std::uint64_t counter, std::uint8_t content, session::FrameSigner& signer, session::FrameStatement& statement) {
    Bytes plaintext(80, content);
    const session::FramePlace place{eve.group().epoch(), eve.id(), session::kid_context(0, FrameMode::whole), counter, eve.history()};
    REQUIRE(signer.sign(*key, place, session::frame_metadata(info(counter)), plaintext).ok());
    const std::uint64_t number = signing == FrameSigning::batched ? counter / session::frames_per_batch : counter;
    if (signer.signed_now()) statement.add(place, number, *signer.signed_now());
    return eve.seal(eve.id(), 0, info(counter), plaintext, counter);
  }
  void open(std::size_t party, std::uint64_t counter, const Bytes& sealed) {
    Bytes out(sealed.size());
    const OpenedFrame opened = meeting.parties[party].opener.open(info(counter), sealed, out);
    CHECK((opened.opened() || opened.status == FrameStatus::held));
    while (meeting.parties[party].opener.next_proven()) ++heard[party];
    heard[party] += opened.opened() ? 1 : 0;
  }
  void state(const session::FrameStatement& statement) {
    ToLog entry;
    entry.message = *eve.group().protect(wire::encode(session::ContentKind::frames, statement), {}, eve.random());
    meeting.append(std::move(entry));
  }
  /// A second passes: everybody reads the log, and looks at what it says of frames.
  void second() {
    meeting.pass(1s);
    for (std::size_t party : {bob, cleo}) {
      Party& who = meeting.parties[party];
      for (const FramesStated& stated : who.all<FramesStated>()) who.opener.hear_statement(stated);
      std::erase_if(who.events, [](const SessionEvent& event) { return std::holds_alternative<FramesStated>(event); });
      for (FrameDoubt& doubt : who.opener.review_statements(meeting.now)) doubts[party].push_back(std::move(doubt));
    }
  }

  Meeting meeting;
  std::size_t bob;
  std::size_t cleo;
  Raider eve;
  FrameSigning signing;
  std::optional<crypto::SignaturePrivateKey> key;
  std::map<std::size_t, std::size_t> heard;
  std::map<std::size_t, std::vector<FrameDoubt>> doubts;
};

}  // namespace

TEST_CASE("equivocation: a speaker that signs different frames for two halves of the hall is named within ten seconds, with proof", "[session][attack]") {
  Hall hall(GENERATE(FrameSigning::per_frame, FrameSigning::batched));
  CAPTURE(hall.signing);
  session::FrameSigner to_bob(hall.meeting.config.room_id, hall.signing);
  session::FrameSigner to_cleo(hall.meeting.config.room_id, hall.signing);
  std::uint64_t counter = 0;
  for (int second = 0; second < 4; ++second) {
    session::FrameStatement said_to_bob, said_to_cleo;
    for (int i = 0; i < 51; ++i, ++counter) {
      const bool lies = second == 2 && i >= 12 && i < 30;  // a word of 0.4 s
      hall.open(hall.bob, counter, hall.frame(counter, 1, to_bob, said_to_bob));
      hall.open(hall.cleo, counter, hall.frame(counter, lies ? 2 : 1, to_cleo, said_to_cleo));
    }
    hall.state(said_to_bob);
    hall.second();
    CHECK(hall.doubts[hall.cleo].size() == (second >= 2 ? 1U : 0U));
  }
  CHECK(hall.doubts[hall.bob].empty());
  CHECK(hall.heard[hall.bob] == 204);
  CHECK(hall.heard[hall.cleo] == 204);
  REQUIRE(hall.doubts[hall.cleo].size() == 1);
  const FrameDoubt doubt = hall.doubts[hall.cleo][0];
  CHECK(doubt.kind == FrameDoubt::Kind::equivocated);
  CHECK(doubt.member == hall.eve.id());
  CHECK(hall.meeting.parties[hall.cleo].opener.statements().equivocated == (hall.signing == FrameSigning::batched ? 6U : 18U));

  // Whoever is in the room can check the proof, and it proves nothing against anybody else or when it is touched.
  for (std::size_t party : {std::size_t{0}, hall.bob}) {
    const auto proven = hall.meeting.parties[party].session.check_evidence(doubt.evidence);
    REQUIRE(proven.ok());
    CHECK(*proven == hall.eve.id());
  }
  auto forged = *wire::decode<session::FrameEvidence>(doubt.evidence);
  forged.sender = hall.meeting.parties[0].session.self();
  CHECK_FALSE(hall.meeting.parties[hall.bob].session.check_evidence(wire::encode(forged)).ok());
  forged = *wire::decode<session::FrameEvidence>(doubt.evidence);
  forged.stated = forged.unit().digest(hall.meeting.config.room_id);
  CHECK_FALSE(hall.meeting.parties[hall.bob].session.check_evidence(wire::encode(forged)).ok());
  for (std::size_t at = 0; at < doubt.evidence.size() - 16; ++at) {  // the last 16 are what was stated: everybody has read that
    Bytes changed = doubt.evidence;
    changed[at] ^= 1;
    CHECK_FALSE(hall.meeting.parties[hall.bob].session.check_evidence(changed).ok());
  }

  // And it stands in the record.
  Session& judge = hall.meeting.parties[hall.cleo].session;
  judge.record(doubt, hall.meeting.at());
  const auto record = read_transcript(*Room(judge).export_record(*Identity::from_seed(Bytes(32, 9))));
  REQUIRE(record.ok());
  CHECK(record->lines.back().find("signed other frames than it stated") != std::string::npos);
}

TEST_CASE("equivocation without a statement is told, too, and so is one about another epoch's frames", "[session][attack]") {
  Hall hall(FrameSigning::per_frame);
  session::FrameSigner signer(hall.meeting.config.room_id, hall.signing);
  const bool elsewhere = GENERATE(false, true);
  CAPTURE(elsewhere);
  session::FrameStatement statement;
  for (std::uint64_t counter = 0; counter < 50; ++counter) hall.open(hall.bob, counter, hall.frame(counter, 1, signer, statement));
  for (session::StatedFrames& run : statement.runs) elsewhere ? run.epoch += 1 : run.context += 8;
  for (int second = 0; second < 13; ++second) {
    if (second % 3 == 0) hall.state(statement);  // who says nothing in the log at all is named for that
    hall.second();
  }
  REQUIRE(hall.doubts[hall.bob].size() == 1);
  CHECK(hall.doubts[hall.bob][0].kind == FrameDoubt::Kind::unstated);
  CHECK(hall.doubts[hall.bob][0].member == hall.eve.id());
  CHECK(hall.doubts[hall.cleo].empty());
}

TEST_CASE("who was removed cannot be accused by who has its seat next, and a statement is its signer's own", "[session][attack]") {
  Hall hall(FrameSigning::per_frame);
  session::FrameSigner signer(hall.meeting.config.room_id, hall.signing);
  session::FrameStatement honest, other;
  for (std::uint64_t counter = 0; counter < 10; ++counter) hall.open(hall.bob, counter, hall.frame(counter, 1, signer, honest));
  for (std::uint64_t counter = 0; counter < 10; ++counter) (void)hall.frame(counter, 2, signer, other);
  Party& cleo = hall.meeting.parties[hall.cleo];
  hall.meeting.append(*cleo.session.state_frames({wire::encode(other)}));  // of Eve's frames, signed by Cleo
  hall.state(honest);
  hall.second();
  CHECK(hall.doubts[hall.bob].empty());
  CHECK(hall.meeting.parties[hall.bob].opener.statements().confirmed == 10);

  for (std::uint64_t counter = 10; counter < 20; ++counter) hall.open(hall.bob, counter, hall.frame(counter, 1, signer, honest));
  hall.meeting.take(0, *hall.meeting.parties[0].session.remove(hall.eve.id(), hall.meeting.at()));
  hall.meeting.settle();
  const std::size_t dan = hall.meeting.enter("Dan");
  CHECK(hall.meeting.parties[dan].session.self() == hall.eve.id());
  hall.meeting.append(*hall.meeting.parties[dan].session.state_frames({wire::encode(other)}));
  for (int second = 0; second < 10; ++second) hall.second();
  CHECK(hall.doubts[hall.bob].empty());
}

TEST_CASE("equivocation of somebody who has left, and whose seat is another's by now, is that one's or nobody's", "[session][attack]") {
  Hall hall(FrameSigning::per_frame);
  const bool in_time = GENERATE(true, false);
  CAPTURE(in_time);
  session::FrameSigner signer(hall.meeting.config.room_id, hall.signing);
  session::FrameStatement heard, stated;
  for (std::uint64_t counter = 0; counter < 10; ++counter) hall.open(hall.cleo, counter, hall.frame(counter, 1, signer, heard));
  for (std::uint64_t counter = 0; counter < 10; ++counter) (void)hall.frame(counter, 2, signer, stated);
  const Bytes eve = hall.meeting.parties[hall.cleo].session.roster()[hall.eve.id()].identity_key;
  hall.state(stated);
  if (in_time) hall.second();
  hall.meeting.take(0, *hall.meeting.parties[0].session.remove(hall.eve.id(), hall.meeting.at()));
  const std::size_t dan = hall.meeting.enter("Dan");
  CHECK(hall.meeting.parties[dan].session.self() == hall.eve.id());
  for (int second = 0; second < 15; ++second) hall.second();
  REQUIRE(hall.doubts[hall.cleo].size() == (in_time ? 1U : 0U));
  if (!in_time) return;
  const FrameDoubt doubt = hall.doubts[hall.cleo][0];
  CHECK(doubt.identity_key == eve);
  Session& judge = hall.meeting.parties[hall.cleo].session;
  const auto lines = [&] { return read_transcript(*Room(judge).export_record(*Identity::from_seed(Bytes(32, 9))))->lines; };
  FrameDoubt other = doubt;
  other.epoch += 1;  // of when the seat was Dan's
  const std::size_t before = lines().size();
  judge.record(other, hall.meeting.at());
  CHECK(lines().size() == before);
  judge.record(doubt, hall.meeting.at());
  REQUIRE(lines().size() == before + 1);
  CHECK(lines().back().find("signed other frames than it stated") != std::string::npos);
  CHECK(lines().back().find("Dan") == std::string::npos);
}

TEST_CASE("what a session's own sealers state is what its listeners hear, over changes of keys and of the way of signing", "[session]") {
  Meeting meeting(Hall::stage());
  const std::size_t bob = meeting.enter("Bob");
  auto sealer = *meeting.parties[0].session.make_sealer(0);
  CHECK(sealer.take_statement().empty());
  std::uint16_t number = 0;
  std::uint64_t bytes = 0;
  for (int second = 0; second < 6; ++second) {
    if (second == 2) meeting.take(0, meeting.parties[0].session.rotate(meeting.at()));
    if (second == 4) meeting.take(0, *Room(meeting.parties[0].session).set_signing(FrameSigning::batched, meeting.at()));
    meeting.settle();
    if (second == 2 || second == 4) sealer.take_up(*meeting.parties[0].session.make_sealer(0));  // before what went before was stated
    for (int i = 0; i < 51; ++i, ++number) {
      const Bytes sealed = to_bytes(sealer.seal(Hall::info(number), Bytes(80, 1))->bytes());
      Bytes out(sealed.size());
      (void)meeting.parties[bob].opener.open(Hall::info(number), sealed, out);
      while (meeting.parties[bob].opener.next_proven()) {}
    }
    if (second % 2 == 0) continue;
    ToLog statement = *meeting.parties[0].session.state_frames({sealer.take_statement()});
    bytes = statement.message.size();
    meeting.append(std::move(statement));
    meeting.pass(1s);
    Party& listener = meeting.parties[bob];
    for (const FramesStated& stated : listener.all<FramesStated>()) listener.opener.hear_statement(stated);
    listener.events.clear();
    CHECK(listener.opener.review_statements(meeting.now).empty());
  }
  CHECK(meeting.parties[bob].opener.statements().confirmed == 4 * 51 + 2 * 17);
  CHECK(meeting.parties[bob].opener.statements().unstated == 0);
  CHECK(bytes < 102 / 3 * 16 + 320);  // of two seconds, in batches: docs/figures/signatures.md
  CHECK_FALSE(meeting.parties[0].session.state_frames({}).ok());
  CHECK_FALSE(meeting.parties[0].session.state_frames({Bytes(3, 1)}).ok());
}
