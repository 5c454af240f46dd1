// What a dishonest speaker does to be neither compared nor asked.
#include "conclave/room.h"
#include "session/listener.h"
#include "session/meeting.h"

using namespace conclave;
using namespace conclave::session;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

/// How long it takes until somebody who speaks at this pace and states nothing is told of; 0 s: never.
Duration told_after(Duration pace) {
  Listener listener;
  listener.pace = pace;
  listener.wait(250ms);
  listener.hear(0);
  for (Duration waited{}; waited < 120s; waited += 250ms) {
    if (!listener.wait(250ms).empty()) return waited;
  }
  return {};
}

}  // namespace

TEST_CASE("who pauses between its words is told of all the same: a pause counts five seconds", "[session][attack]") {
  for (const Duration pace : {1000ms, 3000ms, 5000ms, 6000ms, 8750ms}) {
    CAPTURE(pace.count());
    const Duration took = told_after(pace);
    CHECK(took >= 8s);
    CHECK(took <= 2 * pace + 8s);
  }
}

TEST_CASE("an outage that nobody was named for, at whose end everything due is stated, accuses nobody", "[session]") {
  Listener listener;
  listener.pace = 1s;
  for (int outage = 0; outage < 6; ++outage) {
    const auto n = static_cast<std::uint64_t>(outage) * 100;
    listener.wait(2s);
    for (std::uint64_t i = 0; i < 50; ++i) listener.hear(n + i);
    CHECK(listener.wait(4500ms).empty());  // on a log that is slow as well
    listener.speaks = false;
    CHECK(listener.wait(8s).empty());
    listener.speaks = true;
    listener.witness.note_word(*listener.who);  // what was said in vain comes first
    listener.last_word = listener.now;
    CHECK(listener.witness.review(listener.now).empty());
    listener.now += 500ms;
    CHECK(listener.witness.review(listener.now).empty());
    listener.state(stating(n, n + 50));
    CHECK(listener.wait(1s).empty());
  }
  CHECK(listener.witness.counters().confirmed == 300);
}

TEST_CASE("a statement far ahead makes nothing late: what was not stated is told, and what was is still compared", "[session][attack]") {
  constexpr std::uint64_t far = std::uint64_t{1} << 61;
  Listener listener;
  listener.state(stating(0, 10));
  listener.state(stating(far, far + 513));
  listener.hear(3, 2);
  listener.hear(20);
  const auto doubts = listener.wait(12s);
  REQUIRE(doubts.size() == 2);
  CHECK(doubts[0].kind == FrameDoubt::Kind::equivocated);
  CHECK(doubts[1].kind == FrameDoubt::Kind::unstated);
  listener.hear(21);  // nor later, when what is far ahead was long ago
  CHECK(listener.wait(12s).size() == 1);
  CHECK(listener.witness.counters().late == 0);
}

TEST_CASE("who states so much that what it stated before is displaced is told of, and takes nothing back", "[session][attack]") {
  Listener listener;
  listener.state(stating(0, 10));
  for (std::uint64_t n = 1'000; n < 1'000 + FrameWitness::max_stated; n += 1'000) listener.state(stating(n, n + 1'000));
  listener.hear(3, 2);
  listener.state(stating(0, 10, 2));
  const auto doubts = listener.wait(1s);
  REQUIRE(doubts.size() == 1);
  CHECK(doubts[0].kind == FrameDoubt::Kind::unstated);
  listener.hear(4, 2);
  CHECK(listener.wait(1s).size() == 1);
  CHECK(listener.witness.counters().confirmed == 0);
}

TEST_CASE("scattered statements are bounded, and excuse nothing", "[session][attack]") {
  Listener listener;
  for (std::uint64_t n = 0; n < 1'000; n += 2) listener.state(stating(n, n + 1));
  listener.wait(FrameWitness::memory + 1s);
  for (std::uint64_t n = 1; n < 1'000; n += 2) listener.hear(n);
  CHECK_FALSE(listener.wait(12s).empty());
}

TEST_CASE("who fills its share of a listener's memory is told of what is heard there", "[session][attack]") {
  Listener listener;
  const auto anything = [](const StatedFrames&) { return true; };
  for (std::uint64_t context = 0; context < 2 * FrameWitness::max_share; context += 2) {
    FrameStatement statement;
    statement.add({7, 3, context, 0}, 0, UnitDigest{});
    listener.witness.state({3, listener.who, 7, statement}, anything);
  }
  const SignedUnit outside{{7, 3, 2 * FrameWitness::max_share, 0}, Bytes(32, 1), Bytes(64, 9)};
  FrameStatement of_it;
  of_it.add(outside.place, 0, UnitDigest{});
  listener.witness.state({3, listener.who, 7, of_it}, anything);
  listener.witness.hear(stated_room, outside, listener.who);
  listener.witness.hear(stated_room, {{7, 3, 0, 0}, Bytes(32, 2), Bytes(64, 9)}, listener.who);
  const auto doubts = listener.wait(1s);
  CHECK(doubts.size() == 2);
}

TEST_CASE("what is stated of another history is not of this one", "[session][attack]") {
  Listener listener;
  FrameStatement fork = stating(0, 10, 2);
  fork.runs[0].history.fill(1);
  listener.hear(0);
  listener.state(fork);
  listener.state(stating(0, 10));
  listener.hear(1);
  CHECK(listener.wait(1s).empty());
  CHECK(listener.witness.counters().confirmed == 2);
}

namespace {

SessionConfig a_stage() {
  SessionConfig config;
  config.mode = RoomMode::stage;
  return config;
}

/// Bob has the floor of Ada's stage, and Cleo listens.
struct Floor {
  Meeting meeting{a_stage()};
  std::size_t bob = meeting.enter("Bob");
  std::size_t cleo = meeting.enter("Cleo");
  std::vector<FrameDoubt> doubts{};

  Floor() { give(); }
  [[nodiscard]] MemberId bobs() const { return meeting.parties[bob].session.self(); }
  void give() {
    meeting.take(0, *Room(meeting.parties[0].session).give(bobs(), Right::publish_audio, meeting.at()));
    meeting.settle();
  }
  void open(FrameSealer& sealer, std::uint16_t number) {
    const FrameInfo info{7, number, true, true, false, 0, 0, 7, 0};
    const Bytes sealed = to_bytes(sealer.seal(info, Bytes(80, 1))->bytes());
    Bytes out(sealed.size());
    CHECK(meeting.parties[cleo].opener.open(info, sealed, out).opened());
  }
  void pass(int seconds) {
    for (int second = 0; second < seconds; ++second) {
      meeting.pass(1s);
      Party& listener = meeting.parties[cleo];
      for (const FramesStated& stated : listener.all<FramesStated>()) listener.opener.hear_statement(stated);
      std::erase_if(listener.events, [](const SessionEvent& event) { return std::holds_alternative<FramesStated>(event); });
      for (FrameDoubt& doubt : listener.opener.review_statements(meeting.now)) doubts.push_back(std::move(doubt));
    }
  }
};

}  // namespace

TEST_CASE("who gives up the floor and keeps its seat is asked for what it said with it", "[session][attack]") {
  Floor floor;
  FrameSealer sealer = *floor.meeting.parties[floor.bob].session.make_sealer(0);
  for (std::uint16_t n = 0; n < 5; ++n) floor.open(sealer, n);
  floor.pass(1);
  floor.meeting.take(0, *Room(floor.meeting.parties[0].session).take(floor.bobs(), Right::publish_audio, floor.meeting.at()));
  floor.pass(14);
  REQUIRE(floor.doubts.size() == 1);
  CHECK(floor.doubts[0].kind == FrameDoubt::Kind::unstated);
  CHECK(floor.doubts[0].member == floor.bobs());
}

TEST_CASE("what is stated while its sender is not listened to counts as stated", "[session][attack]") {
  Floor floor;
  Party& listener = floor.meeting.parties[floor.cleo];
  const auto listen = [&](std::uint16_t streams) {
    listener.session.allow_streams(floor.bobs(), streams);
    listener.opener.update(listener.session.frame_keys());
  };
  listen(0);
  session::FrameStatement lies;  // on frames that nobody heard yet
  FrameSealer sealer = *floor.meeting.parties[floor.bob].session.make_sealer(0);
  FrameSealer twin = *floor.meeting.parties[floor.bob].session.make_sealer(4);
  const FrameInfo info{7, 0, true, true, false, 0, 0, 7, 0};
  (void)twin.seal(info, Bytes(80, 1));
  auto statement = *session::FrameStatement::parse(twin.take_statement());
  statement.runs.at(0).context = 0;  // other digests than those of the frames that come
  floor.meeting.append(*floor.meeting.parties[floor.bob].session.state_frames({wire::encode(statement)}));
  floor.pass(1);
  listen(0xFFFF);
  for (std::uint16_t n = 0; n < 5; ++n) floor.open(sealer, n);
  floor.pass(13);
  REQUIRE(floor.doubts.size() == 2);
  CHECK(floor.doubts[0].kind == FrameDoubt::Kind::equivocated);  // of the first
  CHECK(floor.doubts[1].kind == FrameDoubt::Kind::unstated);     // of the others
}

TEST_CASE("a statement that comes before an epoch's keys is taken once", "[session]") {
  Floor floor;
  Party& listener = floor.meeting.parties[floor.cleo];
  FrameSealer sealer = *floor.meeting.parties[floor.bob].session.make_sealer(0);
  for (std::uint16_t n = 0; n < 5; ++n) floor.open(sealer, n);
  auto statement = *session::FrameStatement::parse(sealer.take_statement());
  session::StatedFrames nobodys = statement.runs.at(0);
  nobodys.context = 4 * 2;  // of a stream that the listener has no right of Bob's for: counted as unwatched, once
  nobodys.context += 2;
  statement.runs.push_back(nobodys);
  const auto bob = floor.meeting.parties[floor.bob].session.roster()[floor.bobs()].identity_key;
  listener.opener.hear_statement({floor.bobs(), wire::encode(statement), bob, listener.session.epoch() + 1});
  CHECK(listener.opener.statements().confirmed == 5);
  floor.meeting.take(0, floor.meeting.parties[0].session.rotate(floor.meeting.at()));
  floor.pass(1);
  CHECK(listener.opener.statements().confirmed == 5);
  CHECK(listener.opener.statements().unwatched == 5);
}
