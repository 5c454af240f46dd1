#include <random>

#include "harness.h"

using namespace conclave;
using namespace conclave::relay;
using namespace conclave::relay::testing;

namespace {

/// Two in a call, each receiving the other, and a third member with bad intentions.
struct Raid {
  explicit Raid(Harness& relay) : host(relay.open()), peer(relay.join(host)), raider(relay.join(host)) {
    relay.publish(host, {{100, 3, 4}, {101, 1, 7}});
    relay.publish(peer, {{200, 3, 4}});
    relay.subscribe(host, {{200, 7}});
    relay.subscribe(peer, {{100, 7}, {101, 7}});
    relay.advance(1s);
    relay.forget_received();
  }

  /// The honest two still hear each other.
  void check_call_goes_on(Harness& relay) {
    relay.forget_received();
    relay.send_media(host, media_packet(100, sequence_));
    relay.send_media(peer, media_packet(200, sequence_));
    ++sequence_;
    relay.send(peer, transport::Broadcast{{42}});
    CHECK(relay.media(peer).size() == 1);
    CHECK(relay.media(host).size() == 1);
    CHECK(relay.last<transport::LogEntry>(host).message == Bytes{42});
    CHECK_FALSE(relay.closed(host));
    CHECK_FALSE(relay.closed(peer));
  }

  ConnectionId host, peer, raider;

 private:
  std::uint32_t sequence_ = 5000;
};

}  // namespace

TEST_CASE("nobody publishes under the stream id of another", "[relay][attack]") {
  Harness relay;
  Raid raid(relay);
  relay.publish(raid.raider, {{100, 1, 7}, {300, 1, 7}});
  CHECK(relay.counters().streams_taken == 1);
  CHECK_FALSE(relay.closed(raid.raider));  // an honest member may meet this by chance: it sees whose the id is
  CHECK(relay.last<transport::StreamsAvailable>(raid.raider).streams.size() == 3);
  relay.send_media(raid.raider, media_packet(100, 1));
  CHECK(relay.media(raid.peer).empty());
  CHECK(relay.counters().media_foreign_stream == 1);
  relay.publish(raid.raider, {});  // does not retract what is not its own
  raid.check_call_goes_on(relay);
}

TEST_CASE("media from who is not a member, or for a stream that is not published, goes nowhere", "[relay][attack]") {
  Harness relay;
  Raid raid(relay);
  const auto visitor = relay.visit();
  const auto waiting = relay.knock();
  for (const auto outsider : {visitor, waiting, relay.connect(), ConnectionId{9999}}) relay.send_media(outsider, media_packet(100, 1));
  CHECK(relay.counters().media_not_member == 3);
  relay.send_media(raid.raider, media_packet(777, 1));
  CHECK(relay.counters().media_foreign_stream == 1);
  CHECK(relay.media(raid.peer).empty());
  raid.check_call_goes_on(relay);
}

TEST_CASE("feedback about streams that one does not receive moves nobody", "[relay][attack]") {
  Harness relay;
  Raid raid(relay);
  relay.send_media(raid.host, media_packet(100, 1));
  relay.send_feedback(raid.raider, {transport::KeyframeRequest{100}, transport::Nack{100, {1}}});
  relay.send_feedback(relay.visit(), {transport::KeyframeRequest{100}});
  CHECK(relay.feedback<transport::KeyframeRequest>(raid.host).empty());
  CHECK(relay.media(raid.raider).empty());
  CHECK(relay.counters().feedback_foreign_stream == 3);
  raid.check_call_goes_on(relay);
}

TEST_CASE("who is outside can do nothing that a member can, and is closed for trying", "[relay][attack]") {
  const transport::ClientMessage deeds[] = {
      transport::RefuseKnock{1}, transport::AppendCommit{0, {1}, {}}, transport::Broadcast{{1}}, transport::Publish{{{100, 1, 0}}},
      transport::Subscribe{{{100, 7}}}, transport::CloseRoom{}, transport::KeepSeat{Bytes(32, 1)}};
  for (const auto& deed : deeds) {
    Harness relay;
    Raid raid(relay);
    const auto waiting = relay.knock();
    const auto entries = relay.all<transport::LogEntry>(raid.host).size();
    for (const auto outsider : {relay.connect(), relay.visit(), waiting}) {
      relay.send(outsider, deed);
      CHECK(relay.closed(outsider));
    }
    CHECK(relay.all<transport::LogEntry>(raid.host).size() == entries);
    CHECK(relay.counters().out_of_place == 3);
    raid.check_call_goes_on(relay);
  }
}

TEST_CASE("a flood of commits costs its sender the connection", "[relay][attack]") {
  Harness relay;
  Raid raid(relay);
  int sent = 0;
  for (; sent < 1000 && !relay.closed(raid.raider); ++sent) {
    relay.send(raid.raider, transport::AppendCommit{static_cast<std::uint64_t>(sent), Bytes(100, 1), {}});
  }
  CHECK(relay.close_code(raid.raider) == ErrorCode::limit_exceeded);
  CHECK(relay.counters().commits <= 2 + static_cast<std::uint64_t>(Limits{}.commits.burst));
  CHECK(relay.all<transport::PeerGone>(raid.host).size() == 1);
  raid.check_call_goes_on(relay);
}

TEST_CASE("a flood of large messages is stopped by its bytes and keeps the log bounded", "[relay][attack]") {
  Harness relay;
  Raid raid(relay);
  for (int i = 0; i < 100 && !relay.closed(raid.raider); ++i) {
    relay.send(raid.raider, transport::AppendCommit{1, Bytes(std::size_t{3} << 20, 1), {}});
    CHECK(relay.log().bytes_kept(room_number(1)) <= Limits{}.log_bytes);
  }
  CHECK(relay.close_code(raid.raider) == ErrorCode::limit_exceeded);
  CHECK(relay.counters().over_limit == 1);
  raid.check_call_goes_on(relay);
}

TEST_CASE("an oversized broadcast is refused", "[relay][attack]") {
  Harness relay;
  Raid raid(relay);
  relay.send(raid.raider, transport::Broadcast{Bytes(Limits{}.broadcast_bytes + 1, 1)});
  CHECK(relay.close_code(raid.raider) == ErrorCode::limit_exceeded);
  CHECK(relay.all<transport::LogEntry>(raid.host).empty());
  raid.check_call_goes_on(relay);
}

TEST_CASE("garbage from a member is dropped for a while, then the member", "[relay][attack]") {
  Harness relay;
  Raid raid(relay);
  std::mt19937 random(1);
  std::size_t sent = 0;
  for (; sent < 100 && !relay.closed(raid.raider); ++sent) {
    Bytes garbage(random() % 200);
    for (auto& byte : garbage) byte = static_cast<std::uint8_t>(random());
    relay.send_bytes(raid.raider, garbage);
  }
  CHECK(sent == Limits{}.strikes + 1);
  CHECK(relay.close_code(raid.raider) == ErrorCode::malformed);
  const auto stranger = relay.connect();
  relay.send_bytes(stranger, {1, 2, 3});
  CHECK(relay.closed(stranger));  // who has not even said Hello gets no patience
  raid.check_call_goes_on(relay);
}

TEST_CASE("a corrupted message now and then costs a member nothing but that message", "[relay]") {
  Harness relay;
  Raid raid(relay);
  for (std::uint8_t i = 0; i < 10; ++i) {
    relay.send_bytes(raid.peer, {0xff, i});
    raid.check_call_goes_on(relay);
  }
  CHECK(relay.counters().malformed == 10);
}

TEST_CASE("NACKs do not amplify beyond their pace", "[relay][attack]") {
  Harness relay;
  Raid raid(relay);
  relay.subscribe(raid.raider, {{100, 7}});
  for (std::uint32_t i = 0; i < 400; ++i) relay.send_media(raid.host, media_packet(100, i, 1000));
  relay.forget_received();
  transport::Nack nack{100, {}};
  for (std::uint32_t i = 200; i < 400; ++i) nack.sequences.push_back(i);
  for (int i = 0; i < 100; ++i) relay.send_feedback(raid.raider, {nack});
  CHECK(relay.media(raid.raider).size() == static_cast<std::size_t>(Limits{}.retransmissions.burst));
  CHECK(relay.counters().nacks_over_limit > 0);
  raid.check_call_goes_on(relay);
}

TEST_CASE("a flood of media is cut to its pace and stays in a bounded ring", "[relay][attack]") {
  Harness relay;
  Raid raid(relay);
  relay.publish(raid.raider, {{300, 1, 0}});
  relay.subscribe(raid.host, {{200, 7}, {300, 7}});
  for (std::uint32_t i = 0; i < 20'000; ++i) relay.send_media(raid.raider, media_packet(300, i, 1100));
  CHECK(relay.counters().media_over_limit == 20'000 - static_cast<std::uint64_t>(Limits{}.media.burst));
  raid.check_call_goes_on(relay);
}

TEST_CASE("replayed and ancient packets are not forwarded again", "[relay][attack]") {
  Harness relay;
  Raid raid(relay);
  for (std::uint32_t i = 0; i < 1000; ++i) relay.send_media(raid.host, media_packet(100, i));
  relay.forget_received();
  for (std::uint32_t i = 0; i < 1000; ++i) relay.send_media(raid.host, media_packet(100, i));
  CHECK(relay.media(raid.peer).empty());
  CHECK(relay.counters().media_duplicate == Limits{}.ring_packets);
  CHECK(relay.counters().media_late == 1000 - Limits{}.ring_packets);
  raid.check_call_goes_on(relay);
}

TEST_CASE("wild jumps of the sequence neither stall nor grow anything", "[relay][attack]") {
  Harness relay;
  Raid raid(relay);
  std::mt19937 random(3);
  for (int i = 0; i < 4000; ++i) {
    relay.send_media(raid.host, media_packet(100, static_cast<std::uint32_t>(random()), 50, static_cast<std::uint8_t>(random() % 8)));
    if (i % 100 == 0) relay.advance(20ms);
  }
  relay.advance(1s);
  std::size_t asked = 0;
  for (const auto& nack : relay.feedback<transport::Nack>(raid.host)) asked += nack.sequences.size();
  CHECK(asked < 1000);
  relay.send_media(raid.peer, media_packet(200, 1));
  CHECK(relay.media(raid.host).size() == 1);
}

TEST_CASE("more streams or subscriptions than allowed are left out", "[relay][attack]") {
  Harness relay;
  Raid raid(relay);
  transport::Publish publish;
  for (std::uint16_t i = 0; i < 64; ++i) publish.streams.push_back({static_cast<std::uint16_t>(1000 + i), 1, 0});
  relay.send(raid.raider, publish);
  relay.advance(1s);
  CHECK(relay.last<transport::StreamsAvailable>(raid.host).streams.size() == 1 + Limits{}.streams_published);
  transport::Subscribe subscribe;
  for (std::uint16_t i = 0; i < 1024; ++i) subscribe.streams.push_back({i, 7});
  relay.send(raid.raider, subscribe);
  CHECK(relay.counters().streams_over_limit == (64 - Limits{}.streams_published) + (1024 - Limits{}.streams_subscribed));
  raid.check_call_goes_on(relay);
}

TEST_CASE("100,000 connections that say nothing leave the room as it was", "[relay][attack]") {
  Harness relay;
  Raid raid(relay);
  for (int i = 0; i < 100'000; ++i) relay.connect();
  CHECK(relay.relay().connection_count() == Limits{}.connections);
  raid.check_call_goes_on(relay);
  relay.advance(6s);
  CHECK(relay.relay().connection_count() == 3);
  raid.check_call_goes_on(relay);
}

TEST_CASE("the relay opens no more rooms than its limit", "[relay][attack]") {
  Limits limits;
  limits.rooms = 2;
  Harness relay(limits);
  relay.open(room_number(1));
  relay.open(room_number(2));
  const auto third = relay.open(room_number(3));
  CHECK(relay.close_code(third) == ErrorCode::limit_exceeded);
  CHECK(relay.relay().room_count() == 2);
}
