// A disk that does not keep up: what tells of something unwritten waits for it, and nothing else does.
#include "harness.h"
#include "memory_store.h"

using namespace conclave;
using namespace conclave::relay;
using namespace conclave::relay::testing;

namespace {

/// Writes everything down at once, until it stalls.
class StallingStore final : public RoomStore {
 public:
  void put_room(const RoomId& room, ByteView gate_key, ByteView lane_key, ByteView card) override { ++changes_, rooms_.put_room(room, gate_key, lane_key, card); }
  void put_seat(const RoomId& room, const Seat& seat) override { ++changes_, rooms_.put_seat(room, seat); }
  void drop_seat(const RoomId& room, std::uint64_t peer) override { ++changes_, rooms_.drop_seat(room, peer); }
  void forget_room(const RoomId& room) override { ++changes_, rooms_.forget_room(room); }
  [[nodiscard]] std::uint64_t told() const override {
    return most_ = std::max(most_, changes_ + (log_ == nullptr ? 0 : log_->extent(room_number(1)).end));
  }
  [[nodiscard]] std::uint64_t written() const override { return stalled_at_.value_or(told()); }

  void watch(const MemoryCommitLog& log) { log_ = &log; }
  void stall() { stalled_at_ = told(); }
  void go_on() { stalled_at_.reset(); }

 private:
  MemoryStore rooms_;
  const MemoryCommitLog* log_ = nullptr;
  std::uint64_t changes_ = 0;
  mutable std::uint64_t most_ = 0;
  std::optional<std::uint64_t> stalled_at_;
};

/// A host and a member, whose seats are kept, and a disk that has just stalled.
struct Scene {
  explicit Scene(const Limits& limits = {}) : relay(limits, &store) {
    store.watch(relay.log());
    host = relay.open();
    member = relay.join(host);
    relay.send(member, transport::KeepSeat{transport::seat_digest(seat_token(1))});
    relay.publish(host, {{7, 1, 7}});
    relay.subscribe(member, {{7, 7}});
    relay.forget_received();
    store.stall();
  }
  void say(std::uint8_t what, std::size_t size = 4) { relay.send(host, transport::Broadcast{Bytes(size, what)}); }
  void go_on() {
    store.go_on();
    relay.say_written();
  }

  StallingStore store;
  Harness relay;
  ConnectionId host = 0;
  ConnectionId member = 0;
};

}  // namespace

TEST_CASE("what tells of something that is not written down yet waits for the disk, and nothing else does", "[relay]") {
  Scene scene;
  for (std::uint8_t word = 1; word <= 3; ++word) scene.say(word);
  CHECK(scene.relay.all<transport::LogEntry>(scene.member).empty());
  scene.relay.send_media(scene.host, media_packet(7, 1));
  CHECK(scene.relay.media(scene.member).size() == 1);
  scene.relay.publish(scene.host, {{7, 1, 7}, {8, 1, 7}});
  scene.relay.advance(1s);
  CHECK_FALSE(scene.relay.all<transport::StreamsAvailable>(scene.member).empty());
  CHECK(scene.relay.all<transport::HelloAccepted>(scene.relay.visit()).size() == 1);
  CHECK(scene.relay.relay().messages_waiting() == 6);  // three entries for two members

  scene.go_on();
  const auto entries = scene.relay.all<transport::LogEntry>(scene.member);
  REQUIRE(entries.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(entries[i].message == Bytes(4, static_cast<std::uint8_t>(i + 1)));
  CHECK(scene.relay.relay().messages_waiting() == 0);
  CHECK(scene.relay.counters().messages_held == 6);
  scene.say(4);
  CHECK(scene.relay.all<transport::LogEntry>(scene.member).size() == 4);
}

TEST_CASE("a room that is not written down yet is not open to its founder", "[relay]") {
  Scene scene;
  const auto founder = scene.relay.open(room_number(2));
  CHECK(scene.relay.all<transport::HelloAccepted>(founder).size() == 1);
  CHECK(scene.relay.all<transport::RoomOpened>(founder).empty());
  scene.go_on();
  CHECK(scene.relay.all<transport::RoomOpened>(founder).size() == 1);
}

TEST_CASE("a connection is closed behind its last words, however long these wait", "[relay]") {
  Scene scene;
  scene.say(1);
  scene.relay.send(scene.host, transport::CloseRoom{});
  CHECK_FALSE(scene.relay.closed(scene.member));
  CHECK(scene.relay.all<transport::RoomClosed>(scene.member).empty());
  scene.go_on();
  CHECK(scene.relay.all<transport::LogEntry>(scene.member).size() == 1);
  CHECK(scene.relay.all<transport::RoomClosed>(scene.member).size() == 1);
  CHECK(scene.relay.closed(scene.member));
}

TEST_CASE("nothing is said to a connection that broke while its messages waited", "[relay]") {
  Scene scene;
  scene.say(1);
  scene.relay.disconnect(scene.member);
  CHECK(scene.relay.relay().messages_waiting() == 1);  // the host's own
  scene.go_on();
  CHECK(scene.relay.all<transport::LogEntry>(scene.member).empty());
  CHECK(scene.relay.all<transport::LogEntry>(scene.host).size() == 1);
}

TEST_CASE("a disk that stands still costs no more memory than slow members do, and their seats are kept", "[relay][attack]") {
  Limits limits;
  limits.broadcasts = limits.messages = {.per_second = 1e6, .burst = 1e6};
  limits.log_bytes_sent = {.per_second = 1e9, .burst = 1e9};
  Scene scene(limits);
  for (std::size_t sent = 0; sent <= Holdback::most_held + limits.broadcast_bytes; sent += limits.broadcast_bytes) scene.say(1, limits.broadcast_bytes);
  CHECK(scene.relay.closed(scene.member));
  CHECK(scene.relay.close_code(scene.member) == ErrorCode::limit_exceeded);
  CHECK(scene.relay.counters().connections_slow == 2);
  CHECK(scene.relay.relay().seats_away() == 1);
  CHECK(scene.relay.relay().messages_waiting() == 0);
}

TEST_CASE("a connection that is closed in the turn in which too much waits for it is closed all the same", "[relay][attack]") {
  Limits limits;
  limits.broadcasts = limits.messages = {.per_second = 1e6, .burst = 1e6};
  limits.log_bytes_sent = {.per_second = 1e9, .burst = 1e9};
  std::size_t fits = 1, too_much = limits.broadcast_bytes;
  const auto filled = [&](std::size_t last) {  // as far as it goes, and then one of `last`
    auto scene = std::make_unique<Scene>(limits);
    const std::size_t whole = Holdback::most_held / (limits.broadcast_bytes + 64);
    for (std::size_t i = 0; i < whole; ++i) scene->say(1, limits.broadcast_bytes);
    REQUIRE_FALSE(scene->relay.closed(scene->member));
    scene->say(1, last);
    return scene;
  };
  while (too_much - fits > 1) {
    const std::size_t middle = (fits + too_much) / 2;
    const auto scene = filled(middle);
    (scene->relay.closed(scene->member) ? too_much : fits) = middle;
  }
  const auto scene = filled(fits);
  REQUIRE_FALSE(scene->relay.closed(scene->member));
  scene->relay.send(scene->host, transport::CloseRoom{});  // one word more, and the end
  CHECK(scene->relay.closed(scene->member));
  CHECK(scene->relay.closed(scene->host));
}
