// What is noticed when signed frames and what their sender states of them are held against each other.
#include "session/listener.h"

using namespace conclave;
using namespace conclave::session;
using namespace conclave::test;
using namespace std::chrono_literals;

TEST_CASE("frames that were lost, late or reordered raise no alarm, and every one that was heard is held against the statement", "[session]") {
  Listener listener;
  std::vector<FrameDoubt> doubts;
  std::uint64_t heard = 0;
  for (std::uint64_t second = 0; second < 60; ++second) {
    for (std::uint64_t n = second * 50; n < second * 50 + 50; ++n) {
      if (n % 7 == 0 || (n > 400 && n < 700)) continue;  // one in seven lost, and six seconds
      listener.hear(n % 50 == 49 ? n - 1 : n % 50 == 48 ? n + 1 : n);
      ++heard;
    }
    listener.state(stating(second * 50, second * 50 + 50));
    if (second % 9 == 3) listener.hear((second * 50 + 6) / 7 * 7), ++heard;  // one that was lost comes after it was stated
    for (FrameDoubt& doubt : listener.wait(1s)) doubts.push_back(std::move(doubt));
  }
  CHECK(doubts.empty());
  CHECK(listener.witness.counters().confirmed >= heard - 20);
  CHECK(listener.witness.counters().equivocated == 0);
  CHECK(listener.witness.counters().missed > 0);
}

TEST_CASE("a frame that is not the one that was stated is told whether it came before or after the statement", "[session][attack]") {
  const bool before = GENERATE(true, false);
  CAPTURE(before);
  Listener listener;
  if (before) listener.hear(4, 2);
  listener.state(stating(0, 50));
  if (!before) listener.hear(4, 2);
  const auto doubts = listener.wait(250ms);
  REQUIRE(doubts.size() == 1);
  CHECK(doubts[0].kind == FrameDoubt::Kind::equivocated);
  CHECK(doubts[0].member == 3);
  CHECK(doubts[0].stream == 0);
  const auto evidence = wire::decode<FrameEvidence>(doubts[0].evidence);
  REQUIRE(evidence.ok());
  CHECK(evidence->counter == 4);
  CHECK(evidence->stated == unit(4).digest(stated_room));
  CHECK(listener.wait(20s).empty());
}

TEST_CASE("who goes on speaking and states nothing, or leaves out what it said, is told within twelve seconds", "[session][attack]") {
  Listener silent;
  silent.hear(0);
  CHECK(silent.wait(8s).empty());
  const auto told = silent.wait(4s);
  REQUIRE(told.size() == 1);
  CHECK(told[0].kind == FrameDoubt::Kind::unstated);
  CHECK(told[0].display_name == "Eve");
  CHECK(told[0].evidence.empty());

  Listener left_out;
  for (std::uint64_t n = 0; n < 50; ++n) left_out.hear(n);
  left_out.state(stating(0, 20));
  left_out.state(stating(21, 50));
  CHECK(left_out.wait(8s).empty());
  CHECK(left_out.wait(4s).size() == 1);
  CHECK(left_out.witness.counters().unstated == 1);
}

TEST_CASE("whose words do not come, or come all at once after an outage, is not accused of what was heard before", "[session]") {
  Listener dead;
  dead.wait(4s);
  dead.hear(0);
  dead.speaks = false;
  CHECK(dead.wait(60s).empty());
  dead.speaks = true;  // it is back, in another process, and knows nothing of what it said
  CHECK(dead.wait(60s).empty());
  CHECK(dead.witness.counters().unstated == 0);
  dead.hear(1);
  CHECK(dead.wait(12s).size() == 1);

  Listener offline;  // for 20 s, and then reads all at once
  offline.hear(0);
  offline.wait(1s);
  offline.speaks = false;
  CHECK(offline.wait(20s).empty());
  offline.speaks = true;
  offline.state(stating(0, 1));
  CHECK(offline.wait(20s).empty());
  CHECK(offline.witness.counters().confirmed == 1);

  Listener restated;  // what got lost is stated anew before the speaker goes on
  for (std::uint64_t n = 0; n < 30; ++n) restated.hear(n);
  restated.state(stating(0, 10));
  restated.wait(4s);
  restated.state(stating(20, 30));
  restated.wait(1s);
  restated.state(stating(0, 30));
  CHECK(restated.wait(20s).empty());
  CHECK(restated.witness.counters().confirmed == 30);

  Listener after_many;
  after_many.hear(0);
  after_many.state(stating(1, 1'500));
  after_many.state(stating(0, 1));
  CHECK(after_many.wait(20s).empty());
  CHECK(after_many.witness.counters().confirmed == 1);
}

TEST_CASE("what is said first counts, also after a silence, and what is forgotten is late", "[session][attack]") {
  Listener listener;
  listener.state(stating(0, 10));
  listener.hear(3);
  CHECK(listener.wait(5s).empty());
  listener.state(stating(0, 10, 2));  // takes nothing back
  listener.hear(4);
  CHECK(listener.witness.counters().confirmed == 2);
  listener.hear(5, 2);
  CHECK(listener.wait(1s).size() == 1);
  listener.state(stating(10, 500));
  listener.wait(FrameWitness::memory + 1s);
  listener.hear(6);  // a relay alone can keep it back for so long
  CHECK(listener.wait(60s).empty());
  CHECK(listener.witness.counters().late == 1);
  CHECK(listener.witness.counters().unstated == 0);
}

TEST_CASE("what a listener holds of a speaker who floods is bounded, and the flood is told", "[session][attack]") {
  Listener listener;
  for (std::uint64_t n = 0; n < 100'000; ++n) listener.hear(n);
  CHECK(listener.witness.counters().unwatched == 100'000 - FrameWitness::max_waiting);
  CHECK(listener.wait(12s).size() == 1);
  for (std::uint64_t n = 100'000; n < 200'000; n += 1'000) listener.state(stating(n, n + 1'000));
  for (std::uint64_t context = 0; context < 1'000; ++context) listener.witness.hear(stated_room, {{7, 3, context, 0}, Bytes(32, 1), Bytes(64, 9)}, listener.who);
  CHECK(listener.witness.streams() == FrameWitness::max_share);
  listener.end_epoch(FrameWitness::Seat::gone);
  CHECK(listener.witness.streams() == 0);
}

TEST_CASE("a publisher who states all that it can in every epoch takes no other's place, and makes nobody else doubted", "[session][attack]") {
  FrameWitness witness;
  const auto may_send = [](const StatedFrames& run) { return run.context % 8 == 0; };
  const auto eve = std::make_shared<const Speaker>(Speaker{Bytes(32, 5), "Eve"});
  Time now{1000s};
  for (std::uint64_t second = 0; second < 40; ++second, now += 1s) {
    FrameStatement filling;
    for (std::uint64_t context = 0; context < 32; ++context) filling.add({second % 8, 3, context, second}, second, UnitDigest{});
    witness.state({3, eve, 8, filling}, may_send);
    for (std::uint32_t other = 10; other < 40; ++other) {
      const auto who = std::make_shared<const Speaker>(Speaker{Bytes(32, static_cast<std::uint8_t>(other)), "other"});
      const SignedUnit said{{second / 5, other, 0, second}, Bytes(32, 1), Bytes(64, 9)};
      FrameStatement statement;
      statement.add(said.place, second, said.digest(stated_room));
      witness.hear(stated_room, said, who);
      witness.state({other, who, 8, statement}, may_send);
    }
    CHECK(witness.review(now).empty());
  }
  CHECK(witness.counters().confirmed == 40 * 30);
  CHECK(witness.counters().unwatched > 0);
  CHECK(witness.streams() <= FrameWitness::max_share + 30 * 8);
}

TEST_CASE("five publishers and a new epoch every 400 ms accuse nobody", "[session]") {
  FrameWitness witness;
  Time now{1000s};
  FrameStatement due[5];
  for (std::uint64_t frame = 0; frame < 1'000; ++frame, now += 20ms) {  // 20 s
    const std::uint64_t epoch = frame / 20;
    for (std::uint32_t sender = 0; sender < 5; ++sender) {
      const auto who = std::make_shared<const Speaker>(Speaker{Bytes(32, static_cast<std::uint8_t>(sender)), "speaker"});
      for (const std::uint64_t context : {std::uint64_t{0}, std::uint64_t{2}}) {
        const SignedUnit said{{epoch, sender, context, frame}, Bytes(32, 1), Bytes(64, 9)};
        witness.hear(stated_room, said, who);
        due[sender].add(said.place, frame, said.digest(stated_room));
      }
      if (due[sender].runs.size() < 40) continue;
      witness.state({sender, who, epoch, std::exchange(due[sender], {})}, [=](const StatedFrames& run) { return run.epoch + 4 > epoch; });
    }
    if (frame % 20 == 0) {
      witness.retain([=](std::uint64_t number, std::uint32_t, const Speaker&) { return number + 4 > epoch ? FrameWitness::Seat::held : FrameWitness::Seat::ended; });
    }
    if (frame % 50 == 0) CHECK(witness.review(now).empty());
  }
  CHECK(witness.counters().confirmed > 9'000);
  CHECK(witness.counters().unwatched == 0);
  CHECK(witness.streams() < 5 * 2 * 10);
}

TEST_CASE("a unit belongs to who had the seat when it was heard", "[session][attack]") {
  Listener listener;
  const auto dan = std::make_shared<const Speaker>(Speaker{Bytes(32, 6), "Dan"});
  const auto anything = [](const StatedFrames&) { return true; };
  for (std::uint64_t n = 0; n < 10; ++n) listener.hear(n);
  listener.witness.state({3, dan, 8, stating(0, 10, 2)}, anything);  // Dan has Eve's seat now, and states other frames of that epoch
  CHECK(listener.witness.review(listener.now).empty());
  FrameStatement ahead;
  ahead.add({9, 3, 0, 0}, 0, UnitDigest{});
  listener.witness.state({3, listener.who, 8, ahead}, anything);  // Eve states what Dan will say once it has her seat
  listener.witness.hear(stated_room, {{9, 3, 0, 0}, Bytes(32, 1), Bytes(64, 9)}, dan);
  CHECK(listener.witness.review(listener.now).empty());
  listener.state(stating(0, 10, 2));
  const auto doubts = listener.witness.review(listener.now);
  REQUIRE(doubts.size() == 1);
  CHECK(doubts[0].display_name == "Eve");
  CHECK(doubts[0].identity_key == Bytes(32, 5));
}

TEST_CASE("streams that nobody heard or may send take no place, and those whose epoch is over are forgotten", "[session]") {
  Listener listener;
  FrameStatement elsewhere;
  elsewhere.add({8, 3, 0, 0}, 0, UnitDigest{});
  elsewhere.add({7, 3, 8, 0}, 0, UnitDigest{});
  listener.state(elsewhere);
  CHECK(listener.witness.streams() == 0);
  listener.hear(0);
  listener.state(stating(0, 50));
  CHECK(listener.wait(5s).empty());
  CHECK(listener.witness.streams() == 1);
  listener.hear(50);
  listener.end_epoch(FrameWitness::Seat::ended);
  listener.wait(1s);
  CHECK(listener.witness.counters().missed == 49);
  listener.state(stating(50, 51));
  CHECK(listener.wait(1s).empty());
  CHECK(listener.witness.streams() == 0);
  CHECK(listener.witness.counters().confirmed == 2);
}

TEST_CASE("a statement that is cut, too long or out of bounds is none", "[session][fuzz]") {
  const Bytes whole = wire::encode(stating(0, 5));
  REQUIRE(FrameStatement::parse(whole).ok());
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(FrameStatement::parse(ByteView(whole).first(size)).ok());
  Bytes longer = whole;
  longer.push_back(0);
  CHECK_FALSE(FrameStatement::parse(longer).ok());
  FrameStatement wrong;
  wrong.runs.push_back({7, 0, 0, Bytes(15)});
  CHECK_FALSE(FrameStatement::parse(wire::encode(wrong)).ok());
  wrong.runs = {{7, 32, 0, Bytes(16)}};
  CHECK_FALSE(FrameStatement::parse(wire::encode(wrong)).ok());
  wrong.runs = {{7, 0, std::uint64_t{1} << 63, Bytes(16)}};
  CHECK_FALSE(FrameStatement::parse(wire::encode(wrong)).ok());
  wrong.runs = {{7, 0, 0, Bytes(16 * (FrameStatement::max_digests + 1))}};
  CHECK_FALSE(FrameStatement::parse(wire::encode(wrong)).ok());
  wrong.runs.assign(FrameStatement::max_runs + 1, {7, 0, 0, Bytes(16)});
  CHECK_FALSE(FrameStatement::parse(wire::encode(wrong)).ok());
}

TEST_CASE("what nobody takes of a sealer's statement is bounded", "[session]") {
  FrameStatement statement;
  for (std::uint64_t n = 0; n < 10'000; ++n) statement.add(place(n), n, UnitDigest{});
  CHECK(statement.digests() <= FrameStatement::max_digests);
  FrameStatement scattered;
  for (std::uint64_t n = 0; n < 1'000; ++n) scattered.add(place(2 * n), 2 * n, UnitDigest{});
  CHECK(scattered.runs.size() <= FrameStatement::max_runs);
}

TEST_CASE("a statement that grew too long forgets its oldest frames and no others, and of too many runs the shortest", "[session]") {
  FrameStatement statement = stating(0, FrameStatement::max_digests);
  for (std::uint64_t n = 5'000; n < 5'010; ++n) statement.add(place(n), n, UnitDigest{});
  CHECK(statement.digests() == FrameStatement::max_digests);
  REQUIRE(statement.runs.size() == 2);
  CHECK(statement.runs[0].first == 10);
  CHECK(Bytes(statement.runs[0].digests.begin(), statement.runs[0].digests.begin() + 16) == Bytes(stating(10, 11).runs[0].digests));
  CHECK(statement.runs[1].count() == 10);
  statement.append(stating(6'000, 6'000 + FrameStatement::max_digests - 3));
  CHECK(statement.digests() == FrameStatement::max_digests);
  REQUIRE(statement.runs.size() == 2);
  CHECK(statement.runs[0].first == 5'007);
  CHECK(FrameStatement::parse(wire::encode(statement)).ok());

  FrameStatement scattered = stating(0, 500);
  for (std::uint64_t n = 0; n < 200; ++n) scattered.add(place(1'000 + 2 * n), 1'000 + 2 * n, UnitDigest{});
  CHECK(scattered.runs.size() == FrameStatement::max_runs);
  CHECK(scattered.runs[0].count() == 500);
  CHECK(scattered.runs.back().first == 1'398);
}

TEST_CASE("who goes before its silence could be noticed is counted and not told; who stated something else is told all the same", "[session][attack]") {
  Listener listener;
  for (std::uint64_t n = 0; n < 3; ++n) listener.hear(n);
  CHECK(listener.wait(7s).empty());  // its patience would end a second later
  listener.hear(3, 2);
  listener.state(stating(3, 4));
  listener.end_epoch(FrameWitness::Seat::gone);
  CHECK(listener.witness.counters().unstated == 3);
  const auto doubts = listener.wait(20s);
  REQUIRE(doubts.size() == 1);
  CHECK(doubts[0].kind == FrameDoubt::Kind::equivocated);
}
