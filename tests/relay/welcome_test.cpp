#include "harness.h"

using namespace conclave;
using namespace conclave::relay;
using namespace conclave::relay::testing;

namespace {

/// A host, a member, and somebody at the door.
struct DoorScene {
  explicit DoorScene(Harness& relay) : host(relay.open()), member(relay.join(host)), guest(relay.knock()) {
    knock_id = relay.last<transport::KnockArrived>(host).knock_id;
    relay.forget_received();
  }
  ConnectionId host, member, guest;
  std::uint64_t knock_id = 0;
};

}  // namespace

TEST_CASE("the Welcome of a commit that lost the race is replaced by that of the next one", "[relay]") {
  Harness relay;
  const DoorScene scene(relay);
  relay.send(scene.member, transport::AppendCommit{1, Bytes(10, 1), {}});  // wins epoch 1
  relay.admit(scene.host, scene.knock_id, 1, Bytes(5, 0xbb));              // loses
  CHECK(relay.all<transport::KnockAnswered>(scene.guest).empty());
  relay.advance(500ms);
  relay.admit(scene.host, scene.knock_id, 2, Bytes(5, 0xcc));
  REQUIRE(relay.all<transport::KnockAnswered>(scene.guest).size() == 1);
  CHECK(relay.last<transport::KnockAnswered>(scene.guest).welcome == Bytes(5, 0xcc));
  relay.advance(10s);
  CHECK(relay.all<transport::KnockAnswered>(scene.guest).size() == 1);
  CHECK(relay.all<transport::LogEntry>(scene.guest).empty());
}

TEST_CASE("a bogus commit that is appended first delays an admission and does not prevent it", "[relay][attack]") {
  Harness relay;
  const DoorScene scene(relay);
  relay.send(scene.member, transport::AppendCommit{1, Bytes(10, 0xff), {}});  // garbage: honest members skip it
  relay.admit(scene.host, scene.knock_id, 1, Bytes(5, 0xbb));                 // is the first that validates
  relay.send(scene.host, transport::Broadcast{{9}});
  relay.advance(1900ms);
  CHECK(relay.all<transport::KnockAnswered>(scene.guest).empty());
  relay.advance(200ms);
  CHECK(relay.last<transport::KnockAnswered>(scene.guest).welcome == Bytes(5, 0xbb));
  const auto entries = relay.all<transport::LogEntry>(scene.guest);
  REQUIRE(entries.size() == 1);  // what followed its commit, and nothing before
  CHECK(entries[0].message == Bytes{9});
  CHECK(relay.all<transport::LogEntry>(scene.host).back().index == entries[0].index);
}

TEST_CASE("epochs claimed in advance do not keep the door shut", "[relay][attack]") {
  Harness relay;
  const DoorScene scene(relay);
  for (std::uint64_t epoch = 1; epoch < 20; ++epoch) {
    relay.send(scene.member, transport::AppendCommit{epoch, Bytes(10, 0xff), {}});
    relay.advance(1s);
  }
  relay.admit(scene.host, scene.knock_id, 1);
  relay.advance(3s);
  CHECK(relay.last<transport::KnockAnswered>(scene.guest).admitted);
}

TEST_CASE("a Welcome from a member that may not admit reaches nobody", "[relay][attack]") {
  Harness relay;
  const DoorScene scene(relay);
  relay.admit(scene.member, scene.knock_id, 1);
  relay.advance(10s);
  CHECK(relay.all<transport::KnockAnswered>(scene.guest).empty());
  CHECK(relay.counters().welcomes_dropped == 1);
  relay.send(scene.member, transport::RefuseKnock{scene.knock_id});
  CHECK_FALSE(relay.closed(scene.guest));
  relay.admit(scene.host, scene.knock_id, 2);
  CHECK(relay.last<transport::KnockAnswered>(scene.guest).admitted);
}

TEST_CASE("a refusal while a Welcome is held settles the knock", "[relay]") {
  Harness relay;
  const DoorScene scene(relay);
  relay.send(scene.member, transport::AppendCommit{1, Bytes(10, 1), {}});
  relay.admit(scene.host, scene.knock_id, 1);
  relay.send(scene.host, transport::RefuseKnock{scene.knock_id});
  relay.advance(5s);
  REQUIRE(relay.all<transport::KnockAnswered>(scene.guest).size() == 1);
  CHECK_FALSE(relay.last<transport::KnockAnswered>(scene.guest).admitted);
}

TEST_CASE("who came in by a Welcome that turned out dead gets the next one for the same knock", "[relay]") {
  Harness relay;
  const DoorScene scene(relay);
  relay.send(scene.member, transport::AppendCommit{1, Bytes(10, 1), {}});
  relay.admit(scene.host, scene.knock_id, 1, Bytes(5, 0xbb));
  relay.advance(3s);  // the host was slow to make another
  relay.admit(scene.host, scene.knock_id, 2, Bytes(5, 0xcc));
  const auto answers = relay.all<transport::KnockAnswered>(scene.guest);
  REQUIRE(answers.size() == 2);
  CHECK(answers[1].welcome == Bytes(5, 0xcc));
}

TEST_CASE("a held Welcome that fell out of the log ends the knock instead of admitting to nothing", "[relay]") {
  Limits limits;
  limits.log_entries = 8;
  Harness relay(limits);
  const DoorScene scene(relay);
  relay.send(scene.member, transport::AppendCommit{1, Bytes(10, 1), {}});
  relay.admit(scene.host, scene.knock_id, 1);
  for (std::uint8_t i = 0; i < 20; ++i) relay.send(scene.host, transport::Broadcast{{i}});
  relay.advance(3s);
  CHECK_FALSE(relay.last<transport::KnockAnswered>(scene.guest).admitted);
  CHECK(relay.closed(scene.guest));
}

TEST_CASE("a room takes no more members than its limit", "[relay]") {
  Limits limits;
  limits.members = 2;
  Harness relay(limits);
  const DoorScene scene(relay);
  relay.admit(scene.host, scene.knock_id, 1);
  CHECK_FALSE(relay.last<transport::KnockAnswered>(scene.guest).admitted);
  CHECK(relay.closed(scene.guest));
}
