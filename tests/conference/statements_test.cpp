// Signed frames and what speakers state of them, through whole calls.
#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "conclave/transcript.h"
#include "conference/quiet_room.h"
#include "transport/codec.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t longest_other_word = 400;  // bytes: no heartbeat or chat of these calls is longer, no statement of a speaker shorter

SimulationConfig stage(double loss) {
  SimulationConfig config = quiet_room();
  config.guests_send = true;
  config.path.loss = loss;
  config.prepare = [](const std::string& name, ConferenceConfig& brings) {
    if (name == "Ada") brings.mode = RoomMode::stage;
  };
  return config;
}

/// The size of what a message says into the log; 0: nothing.
std::size_t said_in(ByteView message) {
  const auto decoded = transport::decode_client_message(message);
  const auto* word = decoded.ok() ? std::get_if<transport::Broadcast>(&*decoded) : nullptr;
  return word == nullptr ? 0 : word->message.size();
}

}  // namespace

TEST_CASE("three speakers on a stage state what they sign, on a path that loses frames: nobody is accused, and the log keeps its pace", "[conference][sim]") {
  CallSimulation call(stage(0.05));
  const auto guests = gather(call, {"Bob", "Cleo", "Dan"});
  for (const char* name : {"Bob", "Cleo"}) call.tell(call.host(), RoomCommand(SetRole{number_of(call.host(), name), Role::speaker}));
  const bool batched = GENERATE(false, true);
  if (batched) call.tell(call.host(), RoomCommand(ChangeSigning{FrameSigning::batched}));
  call.run_for(4s);
  std::size_t statements = 0, bytes = 0;
  call.watch = [&](ByteView message) {
    const std::size_t size = said_in(message);
    if (size <= longest_other_word) return;
    ++statements;
    bytes += size;
  };
  call.run_for(20s);
  CHECK(statements <= 3 * 21);  // one a second each: a relay takes fifty
  CHECK(statements >= 3 * 15);
  CHECK(bytes < statements * (batched ? 640 : 1'200));  // docs/figures/signatures.md: a digest of 16 bytes for each signature
  for (Party* party : {&call.host(), guests[0], guests[1], guests[2]}) {
    INFO(party->name);
    const StatementCounters counters = party->conference->report().statements;
    CHECK(counters.confirmed > 300);
    CHECK(counters.equivocated == 0);
    CHECK(counters.unstated == 0);
    CHECK(party->doubted.empty());
  }
}

TEST_CASE("a speaker whose statements never come is named within twelve seconds, and it stands in the record", "[conference][sim][attack]") {
  CallSimulation call(stage(0));
  const auto guests = gather(call, {"Bob", "Cleo"});
  call.run_for(3s);
  call.keeps_back = [&](Party& party, ByteView message) { return &party != &call.host() || said_in(message) <= longest_other_word; };
  const Time from = call.now();
  call.run_for(12s);
  for (Party* party : guests) {
    INFO(party->name);
    REQUIRE_FALSE(party->doubted.empty());
    const auto& [at, doubted] = party->doubted.front();
    CHECK(at - from <= 12s);
    CHECK(doubted.display_name == "Ada");
    CHECK(doubted.doubt.kind == FrameDoubt::Kind::unstated);
    CHECK(party->doubted.size() <= 2);
    CHECK(party->conference->report().statements.unstated > 0);
    CHECK_FALSE(party->ended);
  }
  call.tell(*guests[0], LeaveConference{});
  const auto record = read_transcript(guests[0]->conference->report().record);
  REQUIRE(record.ok());
  const auto told = [](const std::string& line) { return line.find("stated nothing of its frames") != std::string::npos; };
  CHECK(std::any_of(record->lines.begin(), record->lines.end(), told));
}

TEST_CASE("new keys, a floor that comes and goes, and connections that break for seconds accuse nobody", "[conference][sim]") {
  CallSimulation call(stage(0.02));
  const auto guests = gather(call, {"Bob", "Cleo", "Dan"});
  const MemberId bob = number_of(call.host(), "Bob");
  call.tell(call.host(), RoomCommand(SetRole{bob, Role::speaker}));
  call.run_for(3s);
  call.tell(call.host(), RotateKeys{});
  call.run_for(3s);
  call.tell(call.host(), RoomCommand(TakeRights{bob, publishing_rights}));
  call.run_for(3s);
  call.tell(call.host(), RoomCommand(GiveRights{bob, publishing_rights}));
  call.run_for(3s);
  for (Party* party : {guests[0], guests[1], &call.host()}) {  // a speaker, a listener, and who leads
    call.break_connection(*party);
    call.run_for(5s);
  }
  call.tell(call.host(), RoomCommand(ChangeSigning{FrameSigning::batched}));
  call.run_for(12s);
  for (Party* party : {&call.host(), guests[0], guests[1], guests[2]}) {
    INFO(party->name);
    REQUIRE_FALSE(party->ended);
    CHECK(party->doubted.empty());
    CHECK(party->conference->report().statements.equivocated == 0);
    CHECK(party->conference->report().statements.confirmed > 300);
  }
}

TEST_CASE("who is offline for longer than statements are waited for, speaks again after many epochs, or dies accuses nobody and is not accused", "[conference][sim]") {
  CallSimulation call(stage(0));
  const auto guests = gather(call, {"Bob", "Cleo", "Dan"});
  for (const char* name : {"Bob", "Dan"}) call.tell(call.host(), RoomCommand(SetRole{number_of(call.host(), name), Role::speaker}));
  call.run_for(4s);
  for (Party* party : {guests[0], guests[1]}) {  // a speaker, and a listener
    party->unreachable = true;
    call.break_connection(*party);
    for (int second = 0; second < 8; ++second) {
      call.run_for(1s);
      call.tell(call.host(), RotateKeys{});
    }
    party->unreachable = false;
    call.run_for(15s);
  }
  guests[2]->transport->cut(call.now());
  call.run_for(25s);
  for (Party* party : {&call.host(), guests[0], guests[1]}) {
    INFO(party->name);
    CHECK_FALSE(party->ended);
    CHECK(party->doubted.empty());
    CHECK(party->conference->report().statements.equivocated == 0);
    CHECK(party->conference->report().statements.confirmed > 300);
  }
}

TEST_CASE("who leaves has stated all that it said", "[conference][sim]") {
  CallSimulation call(stage(0));
  const auto guests = gather(call, {"Bob", "Cleo"});
  call.tell(call.host(), RoomCommand(SetRole{number_of(call.host(), "Bob"), Role::speaker}));
  call.run_for(4500ms);
  call.tell(*guests[0], LeaveConference{});
  REQUIRE(call.run_until([&] { return !guests[1]->left.empty(); }, 5s));
  call.run_for(1s);
  CHECK(guests[1]->conference->report().statements.unstated == 0);
  CHECK(guests[1]->conference->report().statements.confirmed > 300);
}
