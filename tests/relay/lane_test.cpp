#include "relay/lane.h"

#include <catch2/catch.hpp>
#include <random>

#include "harness.h"
#include "support/processor_time.h"

using namespace conclave;
using namespace conclave::relay;
using namespace conclave::relay::testing;

namespace {

std::vector<std::uint32_t> numbers_of(const std::vector<MediaPacket>& packets) {
  std::vector<std::uint32_t> out;
  for (const auto& packet : packets) out.push_back(packet.header.stream_sequence);
  return out;
}

/// A host that publishes stream 100 with three temporal layers, and one member who takes the lowest.
struct Listening {
  explicit Listening(Harness& relay) : host(relay.open()), guest(relay.join(host)) {
    relay.publish(host, {{100, 3, 4}});
    relay.subscribe(guest, {{100, 0}});
  }
  ConnectionId host, guest;
};

MediaPacket of_layer(std::uint32_t sequence, std::uint8_t layer) { return media_packet(100, sequence, 100, layer); }

}  // namespace

TEST_CASE("a lane numbers what it carries without gaps, and finds it again", "[relay]") {
  std::mt19937 random(3);
  Lane lane;
  std::vector<std::uint64_t> carried;
  const std::uint64_t begin = 1 << 24;
  for (std::uint64_t sequence = begin; sequence < begin + 5000; ++sequence) {
    if (random() % 3 == 0) lane.skip(sequence);
    else carried.push_back(sequence);
    lane.pass(sequence);
  }
  for (std::size_t i = carried.size() - 500; i < carried.size(); ++i) {
    CHECK(lane.number(carried[i]) == begin + i);
    CHECK(lane.sequence(begin + i) == carried[i]);
  }
  CHECK(lane.next_number() == begin + carried.size());
}

TEST_CASE("a lane's number is found again in a few steps, however many were left out", "[relay][attack]") {
  const auto look_up = [](std::uint64_t left_out) {
    Lane lane;
    for (std::uint64_t sequence = 1; sequence <= 2 * left_out; ++sequence) {
      if (sequence % 2 == 0) lane.skip(sequence);
      lane.pass(sequence);
    }
    const std::uint64_t end = lane.next_number();
    return conclave::test::processor_seconds([&] {
      for (int i = 0; i < 100'000; ++i) {
        if (lane.sequence(end - 1 - static_cast<std::uint64_t>(i % 4)) % 2 == 0) throw std::logic_error("that one was left out");
      }
    });
  };
  const double few = look_up(8);
  const double many = look_up(1000);
  CAPTURE(few, many);
  CHECK(many < 15 * few);
}

TEST_CASE("a receiver of fewer layers sees the uplink's losses, and nothing else as a loss", "[relay]") {
  Harness relay;
  const Listening call(relay);
  for (const std::uint32_t sequence : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U}) relay.send_media(call.host, of_layer(sequence, sequence % 3 == 0 ? 0 : 1));
  CHECK(numbers_of(relay.media(call.guest)) == std::vector<std::uint32_t>{0, 1, 3, 5});  // 4 and 7 may have been of its layer
  relay.forget_received();
  relay.send_feedback(call.guest, {transport::Nack{100, {3, 1}}});
  REQUIRE(relay.media(call.guest).size() == 2);
  CHECK(relay.media(call.guest)[0].payload.bytes()[0] == 6);
  CHECK(relay.media(call.guest)[1].payload.bytes()[0] == 3);
}

TEST_CASE("numbers go on when a receiver changes its layer, and old ones are not answered by the wrong packets", "[relay]") {
  Harness relay;
  const Listening call(relay);
  std::uint32_t sequence = 0;
  const auto send = [&](int frames) {
    for (int i = 0; i < frames; ++i, ++sequence) relay.send_media(call.host, of_layer(sequence, sequence % 3 == 0 ? 0 : 2));
  };
  send(12);
  relay.subscribe(call.guest, {{100, 7}});
  send(6);
  relay.subscribe(call.guest, {{100, 1}});
  send(9);
  const auto numbers = numbers_of(relay.media(call.guest));
  REQUIRE(numbers.size() == 4 + 6 + 3);
  for (std::size_t i = 0; i < numbers.size(); ++i) CHECK(numbers[i] == i);
  const auto sent = relay.media(call.guest);
  relay.forget_received();
  transport::Nack all{100, {}};
  for (std::uint32_t number = 0; number < 13; ++number) all.sequences.push_back(number);
  relay.send_feedback(call.guest, {all});
  REQUIRE(relay.media(call.guest).size() == 13);
  for (std::size_t i = 0; i < 13; ++i) {
    CHECK(relay.media(call.guest)[i].header.stream_sequence == sent[i].header.stream_sequence);
    CHECK(equal(relay.media(call.guest)[i].payload.bytes(), sent[i].payload.bytes()));
  }
}

TEST_CASE("numbers of a receiver of few layers run over the end of their 24 bits", "[relay]") {
  Harness relay;
  const Listening call(relay);
  const std::uint32_t begin = (1 << 24) - 6;
  for (std::uint32_t i = 0; i < 12; ++i) relay.send_media(call.host, of_layer(begin + i, i % 2 == 0 ? 0 : 1));
  const auto numbers = numbers_of(relay.media(call.guest));
  REQUIRE(numbers.size() == 6);
  for (std::uint32_t i = 0; i < 6; ++i) CHECK(numbers[i] == ((begin + i) & 0xffffff));
}
