// What a publisher, by its numbers, its names and its pace, can do to those who receive from it.
#include "harness.h"
#include "relay/stream.h"

using namespace conclave;
using namespace conclave::relay;
using namespace conclave::relay::testing;

namespace {

/// A path of some 200 kbit/s, by what its receiver says.
void make_narrow(Harness& relay, ConnectionId receiver) {
  for (std::uint32_t i = 1; i < 12; ++i) {
    relay.advance(50ms);
    relay.send_feedback(receiver, {transport::PathReport{10 * i, 0, 1000 * i, 1000 * i, 0, 0}});
  }
  REQUIRE(relay.counters().paths_narrowed == 1);
}

std::size_t of_stream(const std::vector<MediaPacket>& packets, std::uint16_t stream_id) {
  return static_cast<std::size_t>(std::ranges::count_if(packets, [&](const MediaPacket& each) { return each.header.frame.stream_id == stream_id; }));
}

void send_much(Harness& relay, ConnectionId publisher, std::uint16_t stream_id) {
  for (std::uint32_t i = 0; i < 40; ++i) relay.send_media(publisher, media_packet(stream_id, i, 1000));
}

std::vector<std::uint32_t> sequences_of(const std::vector<MediaPacket>& packets) {
  std::vector<std::uint32_t> out;
  for (const auto& packet : packets) out.push_back(packet.header.stream_sequence);
  return out;
}

/// The list of wide receivers that the next packet of `stream` goes to.
Receivers wide_receivers(Stream& stream, std::uint32_t sequence, TokenBucket& sound) {
  Outbox outbox;
  Counters counters;
  Turn turn{Time{1s}, outbox, counters};
  stream.receive(media_packet(stream.info().stream_id, sequence), sound, turn);
  for (const Output& each : outbox.take()) {
    const auto* media = std::get_if<SendMedia>(&each);
    if (media != nullptr && media->receivers->front().connection == 2) return media->receivers;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("what says that it is sound waits like a picture once it is more than sound, from its first bytes on", "[relay][attack]") {
  Harness relay;
  const ConnectionId host = relay.open();
  const ConnectionId guest = relay.join(host);
  relay.publish(host, {{200, 1, 7}});
  relay.subscribe(guest, {{200}, {201}, {202}});
  make_narrow(relay, guest);
  send_much(relay, host, 200);
  const auto first = of_stream(relay.take_media(guest), 200);
  CHECK((first >= 5 && first < 20));
  SECTION("also under another number") {
    relay.publish(host, {{201, 1, 7}});
    send_much(relay, host, 201);
    CHECK(of_stream(relay.take_media(guest), 201) < 5);
  }
  SECTION("and at once when it has several sizes") {
    relay.advance(3s);
    relay.publish(host, {{202, 1, 7, 2}});
    (void)relay.take_media(guest);
    send_much(relay, host, 202);
    CHECK(of_stream(relay.take_media(guest), 202) < 5);
  }
}

TEST_CASE("sound at the pace of sound never waits behind a narrow path", "[relay]") {
  Harness relay;
  const ConnectionId host = relay.open();
  const ConnectionId guest = relay.join(host);
  relay.publish(host, {{200, 1, 7}});
  relay.subscribe(guest, {{200}});
  make_narrow(relay, guest);
  for (std::uint32_t i = 0; i < 100; ++i) {
    relay.send_media(host, media_packet(200, i, 110));
    CHECK(relay.take_media(guest).size() == 1);
    relay.advance(20ms);
  }
}

TEST_CASE("a stream that ended leaves nothing behind on its way to a narrow path", "[relay]") {
  Harness relay;
  const ConnectionId host = relay.open();
  const ConnectionId guest = relay.join(host);
  relay.publish(host, {{200, 1, 3}});
  relay.subscribe(guest, {{200}});
  make_narrow(relay, guest);
  send_much(relay, host, 200);
  REQUIRE(of_stream(relay.take_media(guest), 200) < 40);
  relay.publish(host, {});
  relay.advance(5s);
  CHECK(relay.take_media(guest).empty());
}

TEST_CASE("a packet that comes late goes to those alone who were to get it then, under the number that it had then", "[relay]") {
  Harness relay;
  const ConnectionId host = relay.open();
  const ConnectionId early = relay.join(host);
  const ConnectionId changed = relay.join(host);
  relay.publish(host, {{100, 3, 4}});
  relay.subscribe(early, {{100, 7}});
  relay.subscribe(changed, {{100, 0}});
  const auto send = [&](std::uint32_t sequence) { relay.send_media(host, media_packet(100, sequence, 100, sequence % 3 == 0 ? 0 : 2)); };
  for (const std::uint32_t sequence : {0U, 1U, 2U, 3U, 5U}) send(sequence);
  relay.subscribe(changed, {{100, 7}});
  for (const std::uint32_t sequence : {6U, 7U, 4U, 8U}) send(sequence);
  CHECK(sequences_of(relay.media(early)) == std::vector<std::uint32_t>{0, 1, 2, 3, 5, 6, 7, 4, 8});
  const auto numbers = sequences_of(relay.media(changed));
  const std::set<std::uint32_t> different(numbers.begin(), numbers.end());
  CHECK(different.size() == numbers.size());
  CHECK(std::ranges::none_of(relay.media(changed), [](const MediaPacket& each) { return each.payload.bytes()[0] == 4; }));
}

TEST_CASE("what one narrow path gives up leaves the list of the others as it is", "[relay]") {
  Limits limits;
  Stream stream(limits, 1, 7, {100, 1, 3});
  TokenBucket sound({1e6, 1e6});
  Outbox outbox;
  Counters counters;
  Turn turn{Time{1s}, outbox, counters};
  NarrowPath narrow{{}, std::make_shared<const std::vector<Receiver>>(1, Receiver{3, 0})};
  stream.subscribe(2, {100}, {}, turn);
  stream.subscribe(3, {100}, {&narrow}, turn);
  const Receivers before = wide_receivers(stream, 1, sound);
  REQUIRE(before != nullptr);
  stream.note_drop(3, {100, 0, {(1 << 24) + 1}, false, 1}, turn);
  CHECK(wide_receivers(stream, 2, sound) == before);
  stream.note_drop(3, {100, (1 << 24) + 1, {}, true, 1}, turn);
  CHECK(std::ranges::distance(*wide_receivers(stream, 3, sound)) == 1);
}
