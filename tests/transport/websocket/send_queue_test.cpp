#include "transport/websocket/send_queue.h"

#include <catch2/catch.hpp>

#include "support/processor_time.h"

using namespace conclave;
using namespace conclave::transport;
using namespace conclave::transport::websocket;
using std::chrono::milliseconds;

namespace {

struct Picture {
  std::uint16_t frame = 0;
  std::uint8_t temporal = 0;
  bool keyframe = false;
  bool discardable = false;
  bool sync = false;
  std::uint8_t spatial = 0;
  std::size_t size = 1000;
};

MediaPacket packet_of(const Picture& picture, bool start = true) {
  MediaPacket packet;
  packet.header.frame.stream_id = 5;
  packet.header.frame.frame_number = picture.frame;
  packet.header.frame.temporal_layer = picture.temporal;
  packet.header.frame.spatial_layer = picture.spatial;
  packet.header.frame.keyframe = picture.keyframe;
  packet.header.frame.discardable = picture.discardable;
  packet.header.frame.layer_sync = picture.sync;
  packet.header.frame.priority = 3;
  packet.header.start = start;
  packet.payload = SealedPayload::received(Bytes(picture.size, 1));
  return packet;
}

MediaPacket sound(std::uint16_t frame) {
  MediaPacket packet = packet_of({.frame = frame, .keyframe = true, .size = 80});
  packet.header.frame.stream_id = 9;
  packet.header.frame.priority = 7;
  return packet;
}

FrameKind kind_of(const OutgoingFrame& frame) { return static_cast<FrameKind>(frame.head()[0]); }

/// What leaves at `now`: frame numbers of media; 1000 + kind for the others.
std::vector<unsigned> drained(SendQueue& queue, Time now) {
  std::vector<unsigned> order;
  while (const auto frame = queue.next(now)) {
    if (kind_of(*frame) != FrameKind::media) order.push_back(1000u + frame->head()[0]);
    else order.push_back(hop::read_media_header(frame->head().subspan(1)).frame.frame_number);
  }
  return order;
}

using Order = std::vector<unsigned>;
constexpr Time begin{std::chrono::seconds(100)};

}  // namespace

TEST_CASE("feedback goes first, then sound, then the base layer; messages and pictures take turns", "[transport][websocket]") {
  SendQueue queue;
  queue.push_media(packet_of({.frame = 1, .temporal = 2}), begin);
  queue.push_media(packet_of({.frame = 2, .spatial = 1}), begin);
  queue.push_media(packet_of({.frame = 3}), begin);
  REQUIRE(queue.push_message(Channel::handshake, Bytes(10, 1)));
  queue.push_media(sound(4), begin);
  queue.push_feedback(Bytes(20, 2), begin);
  CHECK(drained(queue, begin) == Order{1004, 4, 3, 1001, 2, 1});
  CHECK(queue.empty());
}

TEST_CASE("sound waits for no more than a kilobyte of a large message", "[transport][websocket]") {
  SendQueue queue;
  REQUIRE(queue.push_message(Channel::handshake, Bytes(max_message_size, 1)));
  REQUIRE(queue.next(begin)->rest().size() <= max_chunk);
  queue.push_media(sound(1), begin);
  CHECK(kind_of(*queue.next(begin)) == FrameKind::media);
  std::size_t bytes = 0;
  while (const auto frame = queue.next(begin)) {
    CHECK(frame->rest().size() <= max_chunk);
    bytes += frame->rest().size();
  }
  CHECK(bytes > max_message_size - max_chunk);
}

TEST_CASE("a picture that waited too long goes whole, and with it what cannot be decoded without it", "[transport][websocket]") {
  SendQueue queue;
  queue.push_media(packet_of({.frame = 1}), begin);
  queue.push_media(packet_of({.frame = 1}, false), begin);
  queue.push_media(packet_of({.frame = 2, .temporal = 1}), begin + milliseconds(200));
  queue.push_media(packet_of({.frame = 3}), begin + milliseconds(250));
  CHECK(drained(queue, begin + milliseconds(301)).empty());
  CHECK(queue.stale() == 4);
  queue.push_media(packet_of({.frame = 4}), begin + milliseconds(310));
  queue.push_media(packet_of({.frame = 5, .keyframe = true}, false), begin + milliseconds(310));  // not a keyframe's beginning
  CHECK(drained(queue, begin + milliseconds(310)).empty());
  queue.push_media(packet_of({.frame = 6, .keyframe = true}), begin + milliseconds(320));
  queue.push_media(packet_of({.frame = 7, .temporal = 1}), begin + milliseconds(320));
  CHECK(drained(queue, begin + milliseconds(320)) == Order{6, 7});
  CHECK(queue.media_bytes() == 0);
}

TEST_CASE("what stands behind a keyframe that waits is kept", "[transport][websocket]") {
  SendQueue queue;
  queue.push_media(packet_of({.frame = 65'534}), begin);
  queue.push_media(packet_of({.frame = 65'535, .temporal = 1}), begin + milliseconds(200));
  queue.push_media(packet_of({.frame = 0, .keyframe = true}), begin + milliseconds(200));
  queue.push_media(packet_of({.frame = 1, .temporal = 1}), begin + milliseconds(200));
  CHECK(drained(queue, begin + milliseconds(301)) == Order{0, 1});
  CHECK(queue.stale() == 2);
}

TEST_CASE("a frame that no other needs is given up alone, and a layer comes back at its sync point", "[transport][websocket]") {
  SendQueue queue;
  queue.push_media(packet_of({.frame = 1, .temporal = 2, .discardable = true}), begin);
  queue.push_media(packet_of({.frame = 2, .temporal = 1}), begin + milliseconds(10));
  queue.push_media(packet_of({.frame = 3}), begin + milliseconds(290));
  CHECK(drained(queue, begin + milliseconds(305)) == Order{3, 2});
  queue.push_media(packet_of({.frame = 4, .temporal = 1}), begin + milliseconds(310));
  CHECK(drained(queue, begin + milliseconds(700)).empty());  // 4 is lost, and layers 1 and 2 with it
  for (std::uint16_t frame : {std::uint16_t{5}, std::uint16_t{6}}) queue.push_media(packet_of({.frame = frame, .temporal = static_cast<std::uint8_t>(frame - 4)}), begin + milliseconds(700));
  queue.push_media(packet_of({.frame = 7}), begin + milliseconds(700));
  queue.push_media(packet_of({.frame = 8, .temporal = 1, .sync = true}), begin + milliseconds(700));
  queue.push_media(packet_of({.frame = 9, .temporal = 2}), begin + milliseconds(700));
  CHECK(drained(queue, begin + milliseconds(700)) == Order{7, 8});
}

TEST_CASE("another size of the picture, and sound, outlive what one has lost", "[transport][websocket]") {
  SendQueue queue;
  queue.push_media(packet_of({.frame = 1, .spatial = 1}), begin);
  queue.push_media(packet_of({.frame = 2}), begin + milliseconds(200));
  queue.push_media(sound(3), begin);
  CHECK(drained(queue, begin + milliseconds(400)) == Order{3, 2});
  queue.push_media(sound(4), begin);
  CHECK(drained(queue, begin + milliseconds(1001)).empty());  // a second late: nobody can play it
}

TEST_CASE("what waits is bounded in bytes, and sound is the last that gives way", "[transport][websocket][attack]") {
  SendQueue queue;
  for (std::uint16_t i = 0; i < 50; ++i) queue.push_media(sound(i), begin);
  for (std::uint16_t i = 100; i < 4000; ++i) {
    queue.push_media(packet_of({.frame = i, .temporal = 2, .discardable = true}), begin);
    REQUIRE(queue.media_bytes() <= max_waiting_media);
  }
  const Order order = drained(queue, begin);
  REQUIRE(order.size() > 500);
  for (unsigned i = 0; i < 50; ++i) CHECK(order[i] == i);
  CHECK(order.back() == 3999);
  for (int i = 0; i < 1000; ++i) queue.push_feedback(Bytes(1100, 1), begin);
  CHECK(drained(queue, begin).size() == max_waiting_feedback);
}

TEST_CASE("who does not take its messages is told apart at eight megabytes", "[transport][websocket]") {
  SendQueue queue;
  CHECK(queue.push_message(Channel::control, Bytes(max_message_size, 1)));
  CHECK(queue.push_message(Channel::application, Bytes(max_message_size - 100, 1)));
  CHECK_FALSE(queue.push_message(Channel::control, Bytes(200, 1)));
}

TEST_CASE("packets with little or nothing in them are bounded too while nothing leaves", "[transport][websocket][attack]") {
  for (const std::size_t size : {0u, 1u}) {
    SendQueue queue;
    for (unsigned i = 0; i < 100'000; ++i) {
      const auto frame = static_cast<std::uint16_t>(i);
      MediaPacket packet = i % 2 == 0 ? sound(frame) : packet_of({.frame = frame, .temporal = 2, .discardable = true, .size = size});
      if (i % 2 == 0) packet.payload = SealedPayload::received(Bytes(size, 1));
      queue.push_media(packet, begin);
      REQUIRE(queue.media_packets() <= max_waiting_media_packets);
      REQUIRE(queue.media_bytes() <= max_waiting_media);
    }
    CHECK(queue.stale() + queue.media_packets() == 100'000);
    CHECK(drained(queue, begin).size() <= max_waiting_media_packets);
    CHECK(queue.media_bytes() == 0);
    CHECK(queue.media_packets() == 0);
  }
}

TEST_CASE("what is stale goes when something comes, though the socket never writes", "[transport][websocket][attack]") {
  SendQueue queue;
  for (std::uint16_t i = 0; i < 1000; ++i) queue.push_media(packet_of({.frame = i, .temporal = 2, .discardable = true, .size = 0}), begin + milliseconds(i));
  CHECK(queue.media_packets() <= 301);
  CHECK(queue.stale() + queue.media_packets() == 1000);
}

TEST_CASE("the rest of a frame that was given up is refused, wherever it stands and when it comes", "[transport][websocket]") {
  SendQueue queue;
  const Picture gone{.frame = 1, .temporal = 2, .discardable = true}, other{.frame = 2, .temporal = 2, .discardable = true};
  MediaPacket between = packet_of(other);
  between.header.frame.stream_id = 6;
  queue.push_media(packet_of(gone), begin);
  queue.push_media(packet_of(gone, false), begin);
  queue.push_media(between, begin + milliseconds(100));
  queue.push_media(packet_of(gone, false), begin + milliseconds(100));
  queue.push_media(packet_of(gone, false), begin + milliseconds(301));
  CHECK(queue.stale() == 3);
  CHECK(queue.media_packets() == 2);
  CHECK(drained(queue, begin + milliseconds(301)) == Order{2});
  CHECK(queue.stale() == 4);
  CHECK(queue.empty());
}

TEST_CASE("what gives way costs the same, however many pictures wait", "[transport][websocket][attack]") {
  const auto flood = [](unsigned pictures) {
    SendQueue queue;
    for (unsigned i = 0; i < 12'000; ++i) {  // keyframes that nobody takes: each that comes finds one that has become stale
      MediaPacket packet = packet_of({.frame = static_cast<std::uint16_t>(i / pictures), .keyframe = true, .size = 1});
      packet.header.frame.stream_id = static_cast<std::uint16_t>(i % pictures);
      queue.push_media(packet, begin + i * (stale_picture / pictures));
    }
    CHECK(queue.stale() > 6'000);
  };
  const double few = test::processor_seconds([&] { flood(40); });
  const double many = test::processor_seconds([&] { flood(4'000); });
  CAPTURE(few, many);
  CHECK(many < 25 * few);
}

TEST_CASE("of a picture whose layer was lost, what waits behind a keyframe and below the layer leaves", "[transport][websocket]") {
  SendQueue queue;
  queue.push_media(packet_of({.frame = 1, .temporal = 1}), begin);
  for (std::uint16_t frame = 2; frame < 6; ++frame) queue.push_media(packet_of({.frame = frame, .temporal = static_cast<std::uint8_t>(frame % 2)}), begin + milliseconds(100));
  queue.push_media(packet_of({.frame = 6, .keyframe = true}), begin + milliseconds(200));
  queue.push_media(packet_of({.frame = 7, .temporal = 1}), begin + milliseconds(200));
  CHECK(drained(queue, begin + milliseconds(301)) == Order{2, 4, 6, 7});
  CHECK(queue.stale() == 3);
  queue.push_media(packet_of({.frame = 8, .temporal = 1}), begin + milliseconds(310));
  CHECK(drained(queue, begin + milliseconds(310)) == Order{8});
}

TEST_CASE("parity leaves last, and neither takes a picture with it nor goes with one", "[transport][websocket]") {
  SendQueue queue;
  MediaPacket parity = packet_of({.frame = 0});
  parity.header.fec = true;
  parity.header.start = false;
  queue.push_media(parity, begin);
  queue.push_media(packet_of({.frame = 9, .temporal = 2, .discardable = true}), begin + milliseconds(290));
  CHECK(drained(queue, begin + milliseconds(301)) == Order{9});
  queue.push_media(packet_of({.frame = 0}), begin + milliseconds(302));
  CHECK(drained(queue, begin + milliseconds(302)) == Order{0});
  queue.push_media(packet_of({.frame = 0}), begin + milliseconds(303));
  queue.push_media(parity, begin + milliseconds(500));
  queue.push_media(packet_of({.frame = 1, .keyframe = true}), begin + milliseconds(500));
  CHECK(drained(queue, begin + milliseconds(610)) == Order{1, 0});
}
