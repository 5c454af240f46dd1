#include "harness.h"

using namespace conclave;
using namespace conclave::relay;
using namespace conclave::relay::testing;

namespace {

/// A host that publishes stream 100 with three temporal layers, and two members.
struct Call {
  explicit Call(Harness& relay) : host(relay.open()), first(relay.join(host)), second(relay.join(host)) {
    relay.publish(host, {{100, 3, 4}});
    relay.advance(100ms);
  }
  ConnectionId host, first, second;
};

/// A packet of a frame that cannot be decoded without earlier ones.
MediaPacket delta_packet(std::uint32_t sequence) {
  MediaPacket packet = media_packet(100, sequence);
  packet.header.frame.keyframe = false;
  return packet;
}

std::vector<std::uint32_t> sequences(const std::vector<MediaPacket>& packets) {
  std::vector<std::uint32_t> out;
  for (const auto& packet : packets) out.push_back(packet.header.stream_sequence);
  return out;
}

}  // namespace

TEST_CASE("members learn of the streams of the others, with the ids of their connections", "[relay]") {
  Harness relay;
  const Call call(relay);
  const auto host_id = relay.last<transport::HelloAccepted>(call.host).connection;
  for (const auto member : {call.first, call.second}) {
    const auto available = relay.last<transport::StreamsAvailable>(member);
    REQUIRE(available.streams.size() == 1);
    CHECK(available.streams[0].connection == host_id);
    CHECK(available.streams[0].stream.stream_id == 100);
    CHECK(available.streams[0].stream.temporal_layers == 3);
    CHECK(available.streams[0].stream.priority == 4);
  }
  CHECK(relay.last<transport::StreamsAvailable>(call.host).streams.empty());
  const auto late = relay.join(call.host);
  CHECK(relay.last<transport::StreamsAvailable>(late).streams.size() == 1);
  relay.publish(call.host, {});
  relay.advance(100ms);
  CHECK(relay.last<transport::StreamsAvailable>(late).streams.empty());
}

TEST_CASE("a burst of changes makes few lists of streams, and the last is right", "[relay]") {
  Harness relay;
  const Call call(relay);
  relay.forget_received();
  for (std::uint16_t i = 0; i < 20; ++i) relay.publish(call.first, {{static_cast<std::uint16_t>(i + 1), 1, 7}});
  relay.advance(100ms);
  CHECK(relay.all<transport::StreamsAvailable>(call.second).size() == 2);
  CHECK(relay.last<transport::StreamsAvailable>(call.second).streams[0].stream.stream_id == 20);
}

TEST_CASE("media goes from its publisher to its subscribers alone", "[relay]") {
  Harness relay;
  const Call call(relay);
  relay.subscribe(call.first, {{100, 7}});
  relay.send_media(call.host, media_packet(100, 1));
  REQUIRE(relay.media(call.first).size() == 1);
  CHECK(relay.media(call.first)[0].payload.bytes().size() == 100);
  CHECK(relay.media(call.second).empty());
  CHECK(relay.media(call.host).empty());
  relay.subscribe(call.first, {});
  relay.send_media(call.host, media_packet(100, 2));
  CHECK(relay.media(call.first).size() == 1);
}

TEST_CASE("a forwarded packet keeps what the header says", "[relay]") {
  Harness relay;
  const Call call(relay);
  relay.subscribe(call.first, {{100, 7}});
  auto packet = media_packet(100, 77, 50, 2);
  packet.header.frame.frame_number = 4711;
  relay.send_media(call.host, packet);
  const auto& header = relay.media(call.first).at(0).header;
  CHECK(header.frame == packet.header.frame);
  CHECK(header.stream_sequence == 77);
  CHECK((header.start && header.end && !header.retransmission));
}

TEST_CASE("a subscription may come before its stream", "[relay]") {
  Harness relay;
  const Call call(relay);
  relay.subscribe(call.second, {{200, 7}});
  relay.publish(call.first, {{200, 1, 7}});
  relay.send_media(call.first, media_packet(200, 1));
  CHECK(relay.media(call.second).size() == 1);
}

TEST_CASE("higher temporal layers are dropped for who did not ask for them", "[relay]") {
  Harness relay;
  const Call call(relay);
  relay.subscribe(call.first, {{100, 1}});
  relay.subscribe(call.second, {{100, 7}});
  for (std::uint32_t i = 0; i < 12; ++i) relay.send_media(call.host, media_packet(100, i, 100, static_cast<std::uint8_t>(i % 3)));
  CHECK(sequences(relay.media(call.first)) == std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 6, 7});  // no gap to be taken for a loss
  CHECK(relay.media(call.second).size() == 12);
  CHECK(relay.counters().media_layer_dropped == 4);
  relay.subscribe(call.first, {{100, 0}});
  relay.send_media(call.host, media_packet(100, 12, 100, 1));
  CHECK(relay.media(call.first).size() == 8);
}

TEST_CASE("a NACK is answered from the ring of the stream, to who asked and for what it takes", "[relay]") {
  Harness relay;
  const Call call(relay);
  relay.subscribe(call.first, {{100, 1}});
  relay.subscribe(call.second, {{100, 7}});
  for (std::uint32_t i = 0; i < 6; ++i) relay.send_media(call.host, media_packet(100, i, 100, static_cast<std::uint8_t>(i % 3)));
  relay.forget_received();
  relay.send_feedback(call.first, {transport::Nack{100, {1, 2, 3, 999}}});
  CHECK(sequences(relay.media(call.first)) == std::vector<std::uint32_t>{1, 2, 3});  // by the receiver's own numbers
  CHECK(relay.media(call.first)[1].payload.bytes()[0] == 3);
  CHECK(relay.media(call.first)[0].header.retransmission);
  CHECK(relay.media(call.second).empty());
  CHECK(relay.counters().retransmissions == 3);
  CHECK(relay.counters().nacks_unanswered == 1);
}

TEST_CASE("the relay asks the publisher for what it misses, a few times, and forwards what comes", "[relay]") {
  Harness relay;
  const Call call(relay);
  relay.subscribe(call.first, {{100, 7}});
  for (const std::uint32_t sequence : {0u, 1u, 4u, 3u}) relay.send_media(call.host, media_packet(100, sequence));
  relay.advance(9ms);
  CHECK(relay.feedback<transport::Nack>(call.host).empty());  // it may only be late
  relay.advance(2ms);
  REQUIRE(relay.feedback<transport::Nack>(call.host).size() == 1);
  CHECK(relay.feedback<transport::Nack>(call.host)[0].sequences == std::vector<std::uint32_t>{2});
  relay.advance(60ms);
  CHECK(relay.feedback<transport::Nack>(call.host).size() == 2);
  auto again = media_packet(100, 2);
  again.header.retransmission = true;
  relay.send_media(call.host, again);
  CHECK(relay.media(call.first).back().header.stream_sequence == 2);
  relay.advance(1s);
  CHECK(relay.feedback<transport::Nack>(call.host).size() == 2);
  CHECK(relay.relay().next_deadline() == never);
}

TEST_CASE("a packet that never comes is asked for three times", "[relay]") {
  Harness relay;
  const Call call(relay);
  relay.send_media(call.host, media_packet(100, 0xffffff));
  relay.send_media(call.host, media_packet(100, 1));  // 0 is missing, across the wrap
  relay.advance(5s);
  const auto nacks = relay.feedback<transport::Nack>(call.host);
  REQUIRE(nacks.size() == 3);
  CHECK(nacks[2].sequences == std::vector<std::uint32_t>{0});
  CHECK(relay.relay().next_deadline() == never);
}

TEST_CASE("a new subscriber is served from the next keyframe on, which the publisher is asked for at once", "[relay]") {
  Harness relay;
  const Call call(relay);
  relay.subscribe(call.first, {{100, 7}});
  CHECK(relay.feedback<transport::KeyframeRequest>(call.host).size() == 1);
  relay.send_media(call.host, delta_packet(1));
  CHECK(relay.media(call.first).empty());
  relay.send_media(call.host, media_packet(100, 2));
  relay.send_media(call.host, delta_packet(3));
  CHECK(sequences(relay.media(call.first)) == std::vector<std::uint32_t>{2, 3});
  relay.subscribe(call.second, {{100, 7}});
  relay.send_media(call.host, delta_packet(4));
  CHECK(relay.media(call.first).size() == 3);  // who is served goes on
  CHECK(relay.media(call.second).empty());
}

TEST_CASE("keyframe requests of many receivers reach the publisher as one per half second", "[relay]") {
  Harness relay;
  const Call call(relay);
  relay.subscribe(call.first, {{100, 7}});
  relay.subscribe(call.second, {{100, 7}});
  relay.advance(500ms);
  relay.forget_received();
  const auto before = relay.counters().keyframes_requested;
  for (int i = 0; i < 20; ++i) {
    relay.send_feedback(call.first, {transport::KeyframeRequest{100}});
    relay.send_feedback(call.second, {transport::KeyframeRequest{100}});
    relay.advance(50ms);
  }
  CHECK(relay.counters().keyframes_requested - before == 40);
  CHECK(relay.feedback<transport::KeyframeRequest>(call.host).size() == 2);  // after 500 and 1,000 ms
}

TEST_CASE("a keyframe that comes meanwhile settles the requests that wait", "[relay]") {
  Harness relay;
  const Call call(relay);
  relay.subscribe(call.first, {{100, 7}});
  relay.advance(10ms);
  relay.send_feedback(call.first, {transport::KeyframeRequest{100}});
  relay.send_media(call.host, media_packet(100, 1));
  relay.advance(2s);
  CHECK(relay.feedback<transport::KeyframeRequest>(call.host).size() == 1);
}

TEST_CASE("reports of receivers are taken, for streams that they receive", "[relay]") {
  Harness relay;
  const Call call(relay);
  relay.subscribe(call.first, {{100, 7}});
  relay.send_feedback(call.first, {transport::ReceiverReport{100, 5, 5, 0, 100, 0, 0}});
  relay.send_feedback(call.second, {transport::ReceiverReport{100, 5, 5, 0, 100, 0, 0}});
  CHECK(relay.counters().reports == 1);
  CHECK(relay.counters().feedback_foreign_stream == 1);
}

TEST_CASE("the streams and subscriptions of who leaves go with it", "[relay]") {
  Harness relay;
  const Call call(relay);
  relay.subscribe(call.first, {{100, 7}});
  relay.publish(call.first, {{200, 1, 7}});
  relay.send(call.first, transport::Leave{});
  relay.send_media(call.host, media_packet(100, 1));
  CHECK(relay.media(call.first).empty());
  relay.advance(100ms);
  CHECK(relay.last<transport::StreamsAvailable>(call.host).streams.empty());
}
