// P7 across changes of epochs: what some members read and others do not is noticed also where it was sealed in another epoch, or stood right before a commit.
#include "session/epoch_ends.h"
#include "session/raider.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

/// Ada leads, Bob is shown something else than Cleo and she.
struct SplitRoom {
  Meeting meeting;
  std::size_t bob = meeting.enter("Bob");
  std::size_t cleo = meeting.enter("Cleo");

  /// From here on the relay gives `to_bob` to Bob alone and `to_others` to everybody else, at the same place of the log.
  void split(const Bytes& to_bob, const Bytes& to_others) {
    for (std::size_t each = 0; each < meeting.parties.size(); ++each) {
      const Bytes hidden = each == bob ? to_others : to_bob;
      meeting.parties[each].withheld = [hidden](const ToLog& entry) { return entry.message == hidden; };
    }
    for (const Bytes& each : {to_bob, to_others}) {
      if (!each.empty()) meeting.append(ToLog{each, false, 0, {}});
    }
  }
  void rotate(int times) {
    for (int i = 0; i < times; ++i) {
      meeting.settle();
      meeting.take(0, meeting.parties[0].session.rotate(meeting.at()));
    }
    meeting.settle();
  }
  /// Within ten seconds both halves know, with proof, that they have not read the same.
  void check_noticed() {
    meeting.pass(10s);
    for (std::size_t each = 0; each < meeting.parties.size(); ++each) {
      INFO(each);
      const auto doubts = meeting.parties[each].all<MemberDoubted>();
      const std::string other = each == bob ? "Ada" : "Bob";
      CHECK(std::ranges::any_of(doubts, [&](const MemberDoubted& doubt) { return doubt.display_name == other && doubt.doubt == Doubt::diverged; }));
    }
    CHECK(meeting.parties[bob].session.suspended());
    CHECK_FALSE(meeting.parties[0].session.suspended());
  }
};

}  // namespace

TEST_CASE("statements sealed in the epoch before, one for each half of the room, are noticed within ten seconds", "[session][sim][attack]") {
  SplitRoom room;
  Raider eve(room.meeting.config, 200);
  REQUIRE(eve.enter(room.meeting));
  room.meeting.pass(4s);
  const Bytes one = eve.say(room::Hand{true}), other = eve.say(room::Hand{false});  // what they say does not matter: both are read and acted upon
  room.rotate(1);
  room.split(one, other);
  room.meeting.settle();
  CHECK(room.meeting.parties[room.bob].saw<HandChanged>());
  CHECK(room.meeting.parties[room.cleo].saw<HandChanged>());
  room.check_noticed();
}

TEST_CASE("two messages for two halves right before a commit, or before many, are noticed within ten seconds", "[session][sim][attack]") {
  const int epochs = GENERATE(1, 2, 8, 9, 20);
  CAPTURE(epochs);
  SplitRoom room;
  Raider eve(room.meeting.config, 200);
  REQUIRE(eve.enter(room.meeting));
  room.meeting.pass(4s);
  room.split(eve.say(room::Hand{true}), eve.say(room::Hand{false}));
  room.rotate(epochs);  // and nobody has said a heartbeat in between
  room.check_noticed();
}

TEST_CASE("how an epoch ended is told again while nobody could read who told it: held heartbeats behind quick commits hide no fork", "[session][sim][attack]") {
  SplitRoom room;
  room.meeting.pass(4s);
  const Bytes word = room.meeting.parties[room.cleo].session.say(as_bytes("to all"))->message;
  room.split({}, word);
  room.rotate(1);
  room.meeting.now += 3s;  // everybody says a heartbeat, which the relay holds until five commits stand before it
  std::vector<ToLog> held;
  for (Party& party : room.meeting.parties) {
    for (ToLog& entry : party.session.tick(room.meeting.at()).send) held.push_back(std::move(entry));
  }
  REQUIRE(held.size() >= room.meeting.parties.size());
  room.rotate(5);
  for (ToLog& entry : held) room.meeting.append(std::move(entry));
  room.meeting.settle();
  room.check_noticed();
}

TEST_CASE("a message that the relay keeps back until the next commit, and then from one member, is noticed within ten seconds", "[session][sim][attack]") {
  SplitRoom room;
  room.meeting.pass(4s);
  const Bytes word = room.meeting.parties[room.cleo].session.say(as_bytes("to all"))->message;
  room.rotate(1);
  room.split({}, word);
  room.meeting.settle();
  CHECK(room.meeting.parties[0].saw<MessageOpened>());
  room.check_noticed();
}

TEST_CASE("what is kept from a newcomer in its first epoch is noticed by it and by the others", "[session][sim][attack]") {
  SplitRoom room;
  room.meeting.pass(4s);
  const std::size_t dan = room.meeting.enter("Dan");
  room.bob = dan;
  const Bytes word = room.meeting.parties[0].session.say(as_bytes("to all"))->message;
  room.split({}, word);
  room.rotate(3);
  room.meeting.pass(10s);
  Party& newcomer = room.meeting.parties[dan];
  CHECK(std::ranges::any_of(newcomer.all<MemberDoubted>(), [](const MemberDoubted& doubt) { return doubt.display_name == "Ada" && doubt.doubt == Doubt::diverged; }));
  CHECK(newcomer.session.suspended());
  const auto of_ada = room.meeting.parties[0].all<MemberDoubted>();
  CHECK(std::ranges::any_of(of_ada, [](const MemberDoubted& doubt) { return doubt.display_name == "Dan" && doubt.doubt == Doubt::diverged; }));
}

TEST_CASE("who read an epoch that is over differently stays doubted until the next, as within one", "[session][sim][attack]") {
  SplitRoom room;
  room.meeting.pass(4s);
  const Bytes word = room.meeting.parties[room.cleo].session.say(as_bytes("to all"))->message;
  room.split({}, word);
  room.rotate(1);
  room.meeting.pass(30s);
  CHECK(room.meeting.parties[room.bob].session.suspended());
  room.rotate(1);
  room.meeting.pass(7s);
  CHECK_FALSE(room.meeting.parties[room.bob].session.suspended());
}

TEST_CASE("late messages and heartbeats, commits that lost, entries that nobody reads and epochs that rain make nobody doubt anybody", "[session][sim]") {
  SplitRoom room;
  Meeting& meeting = room.meeting;
  meeting.pass(4s);
  for (int round = 0; round < 6; ++round) {
    std::deque<ToLog> late;
    for (Party& party : meeting.parties) late.push_back(*party.session.say(as_bytes("late")));
    meeting.now += 3100ms;
    for (Party& party : meeting.parties) {  // heartbeats that are on their way while the epoch ends
      for (ToLog& entry : party.session.tick(meeting.at()).send) late.push_back(std::move(entry));
    }
    SessionStep lost = meeting.parties[room.cleo].session.rotate(meeting.at());
    room.rotate(round % 3 == 0 ? 1 : 12);
    for (ToLog& entry : late) meeting.append(std::move(entry));
    meeting.append(ToLog{Bytes(40, 7), false, 0, {}});
    for (ToLog& entry : lost.send) meeting.append(std::move(entry));
    meeting.append(meeting.log[meeting.log.size() / 2]);  // the relay repeats itself
    if (round == 2) (void)meeting.enter("Dan");
    if (round == 3) {  // Bob's app is killed, and comes back from what it saved
      Party& bob = meeting.parties[room.bob];
      const Bytes saved = *bob.session.save(Bytes(32, 1), 1);
      bob.session = *Session::restore(saved, Bytes(32, 1), 1, meeting.seeded(), meeting.at());
    }
    meeting.pass(7s);
  }
  meeting.pass(20s);
  for (const Party& party : meeting.parties) {
    CHECK_FALSE(party.saw<MemberDoubted>());
    CHECK_FALSE(party.saw<SessionSuspended>());
  }
}

TEST_CASE("how epochs ended is compared as far as both have read them, whoever came first", "[session]") {
  const auto end = [](std::uint64_t epoch, bool other = false) {
    session::TraceHash hash{};
    hash[0] = static_cast<std::uint8_t>(epoch);
    hash[1] = other ? 1 : 0;
    return hash;
  };
  const auto read = [&](std::uint64_t from, std::uint64_t to, std::uint64_t different) {
    session::EpochEnds ends(from);
    for (std::uint64_t epoch = from; epoch < to; ++epoch) ends.add(end(epoch, epoch == different));
    return ends;
  };
  constexpr std::uint64_t nowhere = 1'000;
  for (const std::uint64_t from : {0U, 5U, 20U, 27U}) {
    const session::EpochEnds ours = read(from, 30, nowhere);
    for (const std::uint64_t told_from : {3U, 20U, 25U, 30U}) {
      for (std::uint64_t different = 3; different < 31; ++different) {
        const session::EpochEnds theirs = read(3, 30, different);
        std::uint64_t since = told_from;
        const Bytes ends = theirs.tell(since, 30);
        REQUIRE(ends.size() == session::EpochEnds::size_for(30 - since));
        const std::uint64_t listed = 30 - since > 8 ? 23 : since;
        const bool compared = different < 30 && different >= since && (from <= since || different >= std::max(listed, from));
        CHECK(ours.contradict(since, 30, ends) == compared);
      }
    }
  }
  std::uint64_t since = 0;
  const session::EpochEnds late = read(28, 30, nowhere);
  CHECK(late.tell(since, 30).size() == 64);
  CHECK(since == 28);
  CHECK_FALSE(session::Heartbeat{session::ContentKind::heartbeat, 0, {}, {}, 28, Bytes(63)}.sound(30));
  CHECK_FALSE(session::Heartbeat{session::ContentKind::heartbeat, 0, {}, {}, 31, {}}.sound(30));
  CHECK(session::Heartbeat{session::ContentKind::heartbeat, 0, {}, {}, 0, Bytes(256)}.sound(30));
}
