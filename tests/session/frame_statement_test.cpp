// What is noticed when signed frames and what their sender states of them are held against each other.
#include "session/frame_statement.h"

#include <catch2/catch.hpp>

#include "base/bytes.h"

using namespace conclave;
using namespace conclave::session;
using namespace std::chrono_literals;

namespace {

const room::RoomId room_id{4, 2};

SignedUnit unit(std::uint64_t counter, std::uint8_t content = 1) { return {{7, 3, 0, counter}, Bytes(32, content), Bytes(64, 9)}; }
FramePlace place(std::uint64_t counter) { return {7, 3, 0, counter}; }

/// A speaker's statement of the frames from `first` to before `end`, with this content.
FrameStatement stating(std::uint64_t first, std::uint64_t end, std::uint8_t content = 1) {
  FrameStatement statement;
  for (std::uint64_t n = first; n < end; ++n) statement.add(place(n), n, unit(n, content).digest(room_id));
  return statement;
}

struct Listener {
  FrameWitness witness;
  Time now{1000s};
  void hear(std::uint64_t counter, std::uint8_t content = 1) { witness.hear(room_id, unit(counter, content)); }
  void state(const FrameStatement& statement) {
    witness.state(3, statement, [](std::uint64_t epoch, std::uint64_t) { return epoch == 7; });
  }
  /// What is noticed while time passes.
  std::vector<FrameDoubt> wait(Duration time) {
    std::vector<FrameDoubt> all;
    for (const Time end = now + time; now < end; now += 250ms) {
      for (FrameDoubt& doubt : witness.review(now)) all.push_back(std::move(doubt));
    }
    return all;
  }
};

}  // namespace

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
  CHECK(evidence->stated == unit(4).digest(room_id));
  CHECK(listener.wait(20s).empty());
}

TEST_CASE("who states nothing, states late, or leaves out what it said is told within ten seconds", "[session][attack]") {
  Listener silent;
  silent.hear(0);
  CHECK(silent.wait(8s).empty());
  const auto told = silent.wait(2s);
  REQUIRE(told.size() == 1);
  CHECK(told[0].kind == FrameDoubt::Kind::unstated);

  Listener left_out;
  for (std::uint64_t n = 0; n < 50; ++n) left_out.hear(n);
  left_out.state(stating(0, 20));
  left_out.state(stating(21, 50));
  CHECK(left_out.wait(250ms).size() == 1);
  CHECK(left_out.witness.counters().unstated == 1);

  Listener late;  // a statement each second, of what was said twelve seconds before
  std::size_t doubts = 0;
  for (std::uint64_t second = 0; second < 20; ++second) {
    for (std::uint64_t n = 0; n < 10; ++n) late.hear(second * 10 + n);
    if (second >= 12) late.state(stating((second - 12) * 10, (second - 11) * 10));
    doubts += late.wait(1s).size();
    if (second == 9) CHECK(doubts > 0);
  }
}

TEST_CASE("what is said first counts, and a number that was passed over is not stated any more", "[session][attack]") {
  Listener listener;
  listener.state(stating(0, 10));
  listener.state(stating(0, 10, 2));  // takes nothing back
  listener.hear(3);
  CHECK(listener.witness.counters().confirmed == 1);
  listener.state(stating(1'000'000, 1'000'001));
  listener.hear(20);
  CHECK(listener.witness.counters().unstated == 1);
  listener.state(stating(20, 21));
  CHECK(listener.witness.counters().confirmed == 1);
}

TEST_CASE("what a listener holds of a speaker who floods is bounded, and the flood is told", "[session][attack]") {
  Listener listener;
  for (std::uint64_t n = 0; n < 100'000; ++n) listener.hear(n);
  CHECK(listener.witness.counters().unstated == 100'000 - FrameWitness::max_waiting);
  for (std::uint64_t n = 100'000; n < 200'000; n += 1'000) listener.state(stating(n, n + 1'000));
  for (std::uint64_t context = 0; context < 1'000; ++context) listener.witness.hear(room_id, {{7, 3, context, 0}, Bytes(32, 1), Bytes(64, 9)});
  CHECK(listener.witness.streams() == FrameWitness::max_streams);
  CHECK(listener.witness.review(listener.now).size() <= FrameWitness::max_streams);
  listener.witness.forget([](std::uint32_t sender) { return sender == 3; });
  CHECK(listener.witness.streams() == 0);
}

TEST_CASE("streams that nobody heard or may send take no place, and those that have ended are forgotten", "[session]") {
  Listener listener;
  FrameStatement elsewhere;
  elsewhere.add({8, 3, 0, 0}, 0, UnitDigest{});
  listener.state(elsewhere);
  CHECK(listener.witness.streams() == 0);
  listener.hear(0);
  listener.state(stating(0, 50));
  CHECK(listener.witness.streams() == 1);
  CHECK(listener.wait(20s).empty());
  CHECK(listener.witness.streams() == 0);
  CHECK(listener.witness.counters().missed == 49);
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
