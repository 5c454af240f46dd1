// What happens in a call, told as the struct of the C interface: what honest members cannot bring about from outside.
#include <catch2/catch.hpp>

#include "report.h"

using namespace conclave;

namespace {

FrameDoubt doubt_of(FrameDoubt::Kind kind) {
  FrameDoubt doubt;
  doubt.kind = kind;
  doubt.member = 7;
  doubt.identity_key = Bytes(32, 9);
  doubt.stream = 1;
  doubt.epoch = 5;
  if (kind == FrameDoubt::Kind::equivocated) doubt.evidence = Bytes(207, 3);
  return doubt;
}

}  // namespace

TEST_CASE("a speaker that is doubted is told of by name, with the evidence", "[c][abi]") {
  const auto proven = c::event_of(SpeakerDoubted{"Eve", doubt_of(FrameDoubt::Kind::equivocated)});
  CHECK((proven.kind == CONCLAVE_EVENT_SPEAKER_DOUBTED && proven.flag == CONCLAVE_FRAMES_EQUIVOCATED && proven.member == 7));
  CHECK((proven.id == 5 && proven.stream == 1 && std::string(proven.name) == "Eve"));
  CHECK((proven.identity_key_size == 32 && proven.identity_key[31] == 9 && proven.evidence_size == 207 && proven.evidence[206] == 3));
  const auto unproven = c::event_of(SpeakerDoubted{"Eve", doubt_of(FrameDoubt::Kind::unstated)});
  CHECK((unproven.kind == CONCLAVE_EVENT_SPEAKER_DOUBTED && unproven.flag == CONCLAVE_FRAMES_UNSTATED && unproven.evidence_size == 0));
}

TEST_CASE("a seat that is kept is told of with why", "[c][abi]") {
  const auto kept = c::event_of(SeatKept{7, "Eve", {ErrorCode::not_permitted, "no right", 3}});
  CHECK((kept.kind == CONCLAVE_EVENT_SEAT_KEPT && kept.member == 7 && std::string(kept.name) == "Eve"));
  CHECK((kept.code == CONCLAVE_NOT_PERMITTED && std::string(kept.detail) == "no right" && kept.has_participant == 1 && kept.participant == 3));
}

TEST_CASE("whom contacts and organisations know is told with the knock", "[c][abi]") {
  KnockReceived knock{11, "Bob", true, "Roberta", {Acquaintance::key_changed, false, "Bob", false}, "University", "Bob Babbage"};
  const auto told = c::event_of(knock);
  CHECK((told.kind == CONCLAVE_EVENT_KNOCK && told.id == 11 && told.flag == 1 && std::string(told.text) == "Roberta"));
  CHECK((told.acquaintance == CONCLAVE_KEY_CHANGED && std::string(told.known_as) == "Bob" && told.verified == 0));
  CHECK((std::string(told.verified_by) == "University" && std::string(told.certified_as) == "Bob Babbage"));
}

TEST_CASE("what was counted of statements stands in a call's report", "[c][abi]") {
  ClientReport report;
  report.conference.statements = {1, 2, 3, 4, 5, 6};
  const auto told = c::report_of(report);
  CHECK((told.frames_confirmed == 1 && told.frames_equivocated == 2 && told.frames_unstated == 3));
  CHECK((told.frames_missed == 4 && told.frames_late == 5 && told.frames_unwatched == 6));
}
