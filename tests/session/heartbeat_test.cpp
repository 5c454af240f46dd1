// P7: a relay that drops, delays, forks or withholds is noticed within 10 s, named, and the meeting fails closed.
#include <catch2/catch.hpp>

#include "session/meeting.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

bool seals(Session& session) {
  Bytes out(200);
  auto sealer = session.make_sealer(static_cast<std::uint8_t>(session.epoch() % 16));
  return sealer.ok() && sealer->seal(Bytes(10, 1), {}, out).ok();
}

/// Who is doubted by somebody, by name.
std::vector<std::string> doubted_by(const Party& party) {
  std::vector<std::string> names;
  for (const auto& doubt : party.all<MemberDoubted>()) names.push_back(doubt.display_name);
  return names;
}

}  // namespace

TEST_CASE("members who hear each other doubt nobody, through minutes and epochs", "[session][sim]") {
  SessionConfig config;
  config.key_rotation = 20s;
  Meeting meeting(config);
  meeting.enter("Bob");
  meeting.enter("Cleo");
  meeting.pass(120s);
  for (const Party& party : meeting.parties) {
    CHECK_FALSE(party.saw<MemberDoubted>());
    CHECK_FALSE(party.saw<SessionSuspended>());
    CHECK_FALSE(party.saw<MessageRefused>());
  }
}

TEST_CASE("a member whose messages are held back is named within 10 s, and its frames are dropped", "[session][sim][attack]") {
  Meeting meeting;
  const std::size_t bob = meeting.enter("Bob");
  const std::size_t cleo = meeting.enter("Cleo");
  const std::size_t dan = meeting.enter("Dan");
  meeting.pass(5s);
  Party& watcher = meeting.parties[cleo];
  auto sealer = *meeting.parties[bob].session.make_sealer(0);
  Bytes sealed(100), out(100);
  const std::size_t size = *sealer.seal(Bytes(10, 1), {}, sealed);
  std::vector<Bytes> of_bob;
  // The relay cannot tell whose message is whose, but its connections can: what Bob sends is kept from Cleo.
  const std::size_t before = meeting.log.size();
  for (int i = 0; i < 100; ++i) {
    meeting.now += 100ms;
    for (std::size_t each = 0; each < meeting.parties.size(); ++each) {
      const std::size_t from = meeting.log.size();
      if (meeting.now >= meeting.parties[each].session.next_deadline()) meeting.take(each, meeting.parties[each].session.tick(meeting.at()));
      if (each == bob) {
        for (std::size_t entry = from; entry < meeting.log.size(); ++entry) of_bob.push_back(meeting.log[entry].message);
      }
    }
    watcher.withheld = [&](const ToLog& entry) { return std::find(of_bob.begin(), of_bob.end(), entry.message) != of_bob.end(); };
    meeting.settle();
  }
  CHECK(meeting.log.size() > before);
  const auto names = doubted_by(watcher);
  CHECK(std::find(names.begin(), names.end(), "Bob") != names.end());
  CHECK(watcher.opener.open(std::nullopt, ByteView(sealed).first(size), {}, out).status != FrameStatus::opened);
  CHECK_FALSE(meeting.parties[dan].saw<SessionSuspended>());
}

TEST_CASE("who is cut off from the room stops sealing and opening within 10 s, and goes on when it hears again", "[session][sim][attack]") {
  Meeting meeting;
  const std::size_t bob = meeting.enter("Bob");
  meeting.pass(5s);
  Party& victim = meeting.parties[bob];
  auto from_ada = *meeting.parties[0].session.make_sealer(0);
  auto from_bob = *victim.session.make_sealer(0);
  std::deque<ToLog> held;
  victim.withheld = [&](const ToLog& entry) {
    held.push_back(entry);
    return true;
  };
  meeting.pass(10s);
  CHECK(victim.session.suspended());
  CHECK(victim.saw<SessionSuspended>());
  CHECK(doubted_by(victim) == std::vector<std::string>{"Ada", "Bob"});
  Bytes sealed(100), out(100);
  CHECK(from_bob.seal(Bytes(10, 1), {}, sealed).error().code == ErrorCode::diverged);
  const std::size_t size = *from_ada.seal(Bytes(10, 1), {}, sealed);
  const OpenedFrame frame = victim.opener.open(std::nullopt, ByteView(sealed).first(size), {}, out);
  CHECK(frame.status == FrameStatus::suspended);
  CHECK(frame.error().code == ErrorCode::diverged);

  victim.withheld = {};
  for (const ToLog& entry : held) meeting.take(bob, victim.session.handle(entry.message, meeting.at()));
  meeting.pass(4s);
  CHECK_FALSE(victim.session.suspended());
  CHECK(victim.saw<SessionResumed>());
  CHECK(from_bob.seal(Bytes(10, 1), {}, sealed).ok());
}

TEST_CASE("a removal that is held back from a member is noticed by it within 10 s, though the removed one goes on talking to it",
          "[session][sim][attack]") {
  Meeting meeting;
  const std::size_t bob = meeting.enter("Bob");
  const std::size_t eve = meeting.enter("Eve");
  meeting.pass(5s);
  Party& victim = meeting.parties[bob];
  victim.withheld = [](const ToLog& entry) { return entry.commit; };
  meeting.parties[eve].withheld = victim.withheld;  // the relay is on her side
  meeting.take(0, *meeting.parties[0].session.remove(meeting.parties[eve].session.self(), meeting.at()));
  meeting.pass(10s);
  CHECK(victim.session.epoch() < meeting.parties[0].session.epoch());
  CHECK(victim.session.suspended());
  CHECK_FALSE(seals(victim.session));
}

TEST_CASE("two halves of a room that are shown different commits fail closed", "[session][sim][attack]") {
  Meeting meeting;
  const std::size_t bob = meeting.enter("Bob");
  meeting.pass(5s);
  // Ada reads her own rotation alone, Bob his.
  SessionStep ada = meeting.parties[0].session.rotate(meeting.at());
  SessionStep of_bob = meeting.parties[bob].session.rotate(meeting.at());
  const Bytes of_ada = ada.send.at(0).message, bobs = of_bob.send.at(0).message;
  meeting.parties[0].withheld = [&](const ToLog& entry) { return entry.message == bobs; };
  meeting.parties[bob].withheld = [&](const ToLog& entry) { return entry.message == of_ada; };
  meeting.take(0, std::move(ada));
  meeting.take(bob, std::move(of_bob));
  meeting.settle();
  CHECK(meeting.parties[0].session.epoch() == meeting.parties[bob].session.epoch());
  CHECK(meeting.parties[0].session.epoch_authenticator() != meeting.parties[bob].session.epoch_authenticator());
  meeting.pass(10s);
  for (Party& party : meeting.parties) {
    CHECK(party.session.suspended());
    CHECK_FALSE(seals(party.session));
  }
}

TEST_CASE("a single message that is kept from a member shows in the next heartbeat, with the proof's name", "[session][sim][attack]") {
  Meeting meeting;
  const std::size_t bob = meeting.enter("Bob");
  meeting.pass(5s);
  const ToLog word = *meeting.parties[0].session.say(as_bytes("to all"));
  meeting.parties[bob].withheld = [&](const ToLog& entry) { return entry.message == word.message; };
  meeting.append(word);
  meeting.pass(8s);
  CHECK(meeting.parties[bob].saw<MemberDoubted>());
  CHECK(meeting.parties[bob].all<MemberDoubted>()[0].doubt == Doubt::diverged);
  CHECK(meeting.parties[bob].all<MemberDoubted>()[0].display_name == "Ada");
  CHECK(meeting.parties[bob].session.suspended());
}

TEST_CASE("a member that goes on lying about the history is doubted alone, and suspends nobody", "[session][sim][attack]") {
  Meeting meeting;
  meeting.enter("Bob");
  meeting.enter("Cleo");
  const std::size_t mallory = meeting.enter("Mallory");
  meeting.pass(5s);
  // Mallory reads garbage of her own making, and so tells another history than everybody else.
  Bytes garbage = meeting.log.back().message;
  garbage.back() ^= 1;
  static_cast<void>(meeting.parties[mallory].session.handle(garbage, meeting.at()));
  meeting.pass(8s);
  for (std::size_t i = 0; i < mallory; ++i) {
    CHECK(doubted_by(meeting.parties[i]) == std::vector<std::string>{"Mallory"});
    CHECK_FALSE(meeting.parties[i].session.suspended());
  }
}
