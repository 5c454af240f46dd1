#include "conclave/session.h"

#include <catch2/catch.hpp>

#include "session/meeting.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

TEST_CASE("a crowd that is removed at once goes at a pace that a log takes, and goes", "[session][sim]") {
  SessionConfig config;
  config.commit_interval = 250ms;
  config.commit_burst = 30;
  Meeting meeting(config);
  for (int i = 0; i < 28; ++i) meeting.enter("Guest " + std::to_string(i));
  const auto commits = [&] { return std::ranges::count_if(meeting.log, [](const ToLog& entry) { return entry.commit; }); };
  REQUIRE(commits() == 28);
  std::vector<MemberId> all;
  for (const SessionMember& member : meeting.parties[0].session.roster()) {
    if (member.id != meeting.parties[0].session.self()) all.push_back(member.id);
  }
  for (const MemberId member : all) meeting.take(0, meeting.parties[0].session.remove(member, meeting.at()).value());
  meeting.settle();
  CHECK(commits() > 28 + 20);
  CHECK(commits() <= 30 + 24 + 1);
  meeting.pass(5s);
  CHECK(meeting.parties[0].session.roster().size() == 1);
}

TEST_CASE("a room is founded, joined, spoken in and left, through messages alone", "[session]") {
  Meeting meeting;
  const std::size_t bob = meeting.enter("Bob");
  Party& ada = meeting.parties[0];
  CHECK(ada.all<MemberEntered>().size() == 1);
  CHECK(ada.session.epoch_authenticator() == meeting.parties[bob].session.epoch_authenticator());
  CHECK(ada.session.owner() == ada.session.self());
  CHECK(meeting.parties[bob].session.roster()[0].role == Role::owner);
  CHECK(meeting.parties[bob].session.roster()[1].display_name == "Bob");

  meeting.append(*meeting.parties[bob].session.say(as_bytes("hello")));
  meeting.settle();
  const auto heard = ada.all<MessageOpened>();
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].sender == meeting.parties[bob].session.self());
  CHECK(equal(heard[0].content, as_bytes("hello")));
  CHECK_FALSE(meeting.parties[bob].saw<MessageRefused>());

  meeting.take(0, *ada.session.remove(meeting.parties[bob].session.self(), meeting.at()));
  meeting.settle();
  CHECK(ada.saw<MemberGone>());
  REQUIRE(meeting.parties[bob].saw<SessionEnded>());
  CHECK(meeting.parties[bob].all<SessionEnded>()[0].error.code == ErrorCode::refused);
  CHECK_FALSE(meeting.parties[bob].session.make_sealer(0).ok());
}

TEST_CASE("keys rotate by themselves, and on every removal", "[session]") {
  SessionConfig config;
  config.key_rotation = 30s;
  Meeting meeting(config);
  meeting.enter("Bob");
  const std::size_t cleo = meeting.enter("Cleo");
  const std::uint64_t before = meeting.parties[0].session.epoch();
  meeting.pass(31s);
  const std::uint64_t after = meeting.parties[0].session.epoch();
  CHECK(after >= before + 3);  // each member once
  meeting.take(0, *meeting.parties[0].session.remove(meeting.parties[cleo].session.self(), meeting.at()));
  meeting.settle();
  CHECK(meeting.parties[0].session.epoch() == after + 1);
  CHECK(meeting.parties[0].session.epoch_authenticator() == meeting.parties[1].session.epoch_authenticator());
  CHECK(meeting.parties[0].session.epoch_authenticator() != meeting.parties[cleo].session.epoch_authenticator());
}

TEST_CASE("who was verified stays so through epochs, and not when somebody else takes the seat", "[session]") {
  Meeting meeting;
  const std::size_t bob = meeting.enter("Bob");
  Session& ada = meeting.parties[0].session;
  CHECK(ada.safety_code()->digits == meeting.parties[bob].session.safety_code()->digits);
  CHECK_FALSE(ada.roster()[1].verified);
  ada.set_verified(ada.roster()[1].id, true);
  meeting.take(0, ada.rotate(meeting.at()));
  meeting.settle();
  CHECK(ada.roster()[1].verified);
  meeting.take(0, *ada.remove(ada.roster()[1].id, meeting.at()));
  meeting.settle();
  meeting.enter("Cleo");
  CHECK(ada.roster()[1].display_name == "Cleo");
  CHECK_FALSE(ada.roster()[1].verified);
}

TEST_CASE("of two who commit at once both get their way, one after the other", "[session]") {
  Meeting meeting;
  const std::size_t bob = meeting.enter("Bob");
  const std::uint64_t before = meeting.parties[0].session.epoch();
  meeting.take(0, meeting.parties[0].session.rotate(meeting.at()));
  meeting.take(bob, meeting.parties[bob].session.rotate(meeting.at()));
  meeting.settle();
  CHECK(meeting.parties[0].session.epoch() == before + 2);
  CHECK(meeting.parties[0].session.epoch_authenticator() == meeting.parties[bob].session.epoch_authenticator());
}

TEST_CASE("a configuration that cannot be is refused", "[session]") {
  const auto ada = *Identity::generate();
  const auto found = [&](const SessionConfig& config) { return Session::found(config, ada, "Ada", {}).error().code; };
  SessionConfig config;
  config.frame_suites.clear();
  CHECK(found(config) == ErrorCode::invalid_argument);
  config.frame_suites = {static_cast<FrameSuite>(3)};  // tags of four bytes
  CHECK(found(config) == ErrorCode::invalid_argument);
  config = {};
  config.suite = 99;
  CHECK(found(config) == ErrorCode::unsupported);
  CHECK(Identity::from_seed(Bytes(31)).error().code == ErrorCode::invalid_argument);
}
