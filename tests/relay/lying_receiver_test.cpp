// Receivers that lie about their paths: what they get by it, what others notice; and that parity says what was sent, whatever changes meanwhile.
#include <map>
#include <random>

#include "harness.h"
#include "transport/fec/recovery.h"
#include "transport/path_estimator.h"

using namespace conclave;
using namespace conclave::relay;
using namespace conclave::relay::testing;

namespace {

constexpr std::uint16_t pictures = 100;
constexpr std::uint16_t sound = 101;

/// Publishes pictures of two sizes with three temporal layers, and sound; each packet has a payload of its own.
class Publisher {
 public:
  Publisher(Harness& relay, ConnectionId self, std::uint32_t seed) : relay_(relay), self_(self), random_(seed) {
    relay_.publish(self_, {{pictures, 3, 3, 2}, {sound, 1, 7}});
  }

  /// Every 5 ms.
  void step() {
    if (steps_ % 4 == 0) send(sound, sound_sequence_++, {}, 110, true, true);
    if (steps_ % 8 == 0) picture();
    ++steps_;
  }
  /// Of its own packets, so many in a hundred get lost or come late.
  int lost_up = 0;

 private:
  void picture() {
    constexpr std::array<std::uint8_t, 4> layers{0, 2, 1, 2};
    for (std::uint8_t size = 0; size < 2; ++size) {
      FrameInfo info;
      info.spatial_layer = size;
      info.temporal_layer = layers[frame_ / 2 % 4];
      info.keyframe = frame_ / 2 % 10 == 0;
      const std::size_t packets = (info.keyframe ? 6U : 1U) + size;
      for (std::size_t i = 0; i < packets; ++i) send(pictures, picture_sequence_++, info, 200 + random_() % 700, i == 0, i + 1 == packets);
      ++frame_;
    }
  }
  void send(std::uint16_t stream, std::uint32_t sequence, FrameInfo info, std::size_t size, bool start, bool end) {
    MediaPacket packet = media_packet(stream, sequence);
    if (stream == pictures) packet.header.frame = info;
    packet.header.frame.stream_id = stream;
    packet.header.frame.priority = stream == sound ? 7 : 3;
    packet.header.frame.frame_number = static_cast<std::uint16_t>(stream == sound ? sequence : frame_);
    packet.header.start = start;
    packet.header.end = end;
    Bytes payload(size);
    for (auto& byte : payload) byte = static_cast<std::uint8_t>(random_());
    packet.payload = SealedPayload::received(payload);
    const auto fate = static_cast<int>(random_() % 100);
    if (fate < lost_up) return;
    if (fate < 2 * lost_up) late_.push_back(std::move(packet));
    else relay_.send_media(self_, std::move(packet));
    if (late_.size() < 4) return;
    for (MediaPacket& each : std::exchange(late_, {})) relay_.send_media(self_, std::move(each));
  }

  Harness& relay_;
  ConnectionId self_;
  std::mt19937 random_;
  std::size_t steps_ = 0;
  std::uint32_t sound_sequence_ = 0xffff00;  // over the end of their 24 bits
  std::uint32_t picture_sequence_ = 0xfff800;
  std::uint32_t frame_ = 0;
  std::vector<MediaPacket> late_;
};

/// Says every 50 ms what it wants to be believed.
class Reporter {
 public:
  Reporter(Harness& relay, ConnectionId self) : relay_(relay), self_(self) {}

  void step(std::uint32_t came, std::uint32_t lost, std::uint32_t bytes, Duration queue = {}) {
    report_.packets += came;
    report_.lost += lost;
    report_.bytes += bytes;
    if (++steps_ % 10 != 0) return;
    report_.least_transit = static_cast<std::uint32_t>(queue / 64us) + 2000;
    const auto sent = relay_.now() - 100ms;
    report_.last_send_time = static_cast<std::uint32_t>(sent.time_since_epoch() / 64us) & 0xffffff;
    relay_.send_feedback(self_, {report_});
  }

 private:
  Harness& relay_;
  ConnectionId self_;
  transport::PathReport report_;
  std::size_t steps_ = 0;
};

std::size_t bytes_of(const std::vector<MediaPacket>& packets) {
  std::size_t sum = 0;
  for (const MediaPacket& packet : packets) sum += packet.payload.size() + transport::path_overhead;
  return sum;
}

bool same_content(const MediaPacket& a, const MediaPacket& b) {
  return a.header.frame == b.header.frame && a.header.start == b.header.start && a.header.end == b.header.end && equal(a.payload.bytes(), b.payload.bytes());
}

}  // namespace

TEST_CASE("a receiver that says that it loses half gets at most twice what was sent to it, and nobody else anything", "[relay][attack]") {
  for (const std::uint32_t bytes : {0U, 4'000'000U}) {  // of a path as wide as it likes
    Harness relay;
    const ConnectionId host = relay.open();
    const ConnectionId liar = relay.join(host);
    const ConnectionId honest = relay.join(host);
    Publisher publisher(relay, host, 5);
    for (const ConnectionId each : {liar, honest}) relay.subscribe(each, {{pictures}, {sound}});
    Reporter lies(relay, liar);
    Reporter truth(relay, honest);
    std::size_t to_liar = 0, to_honest = 0, beside = 0;
    for (int step = 0; step < 4000; ++step) {
      publisher.step();
      relay.advance(5ms);
      const auto arrived = relay.take_media(honest);
      to_honest += bytes_of(arrived);
      for (const MediaPacket& packet : arrived) beside += packet.header.fec || packet.header.retransmission ? 1 : 0;
      to_liar += bytes_of(relay.take_media(liar));
      lies.step(2, 2, bytes);
      truth.step(static_cast<std::uint32_t>(arrived.size()), 0, static_cast<std::uint32_t>(bytes_of(arrived)));
    }
    CAPTURE(bytes, to_liar, to_honest);
    CHECK(beside == 0);
    CHECK(to_liar <= 2 * to_honest);
    CHECK(relay.counters().paths_guarded == 1);
    CHECK(relay.feedback<transport::Nack>(host).empty());
  }
}

TEST_CASE("parity makes known what was sent under a number and nothing else, whatever layers and paths change in the middle of a block", "[relay][sim]") {
  std::size_t made = 0;
  for (std::uint32_t seed = 1; seed <= 6; ++seed) {
    Harness relay;
    const ConnectionId host = relay.open();
    const ConnectionId guest = relay.join(host);
    Publisher publisher(relay, host, seed);
    publisher.lost_up = seed % 2 == 0 ? 3 : 0;
    relay.subscribe(guest, {{pictures}, {sound}});
    Reporter reporter(relay, guest);
    std::mt19937 random(seed);
    std::map<std::uint16_t, transport::fec::Recovery> recovery;
    std::map<std::pair<std::uint16_t, std::uint32_t>, MediaPacket> sent;
    for (int step = 0; step < 3000; ++step) {
      publisher.step();
      relay.advance(5ms);
      if (random() % 60 == 0) relay.subscribe(guest, {{pictures, static_cast<std::uint8_t>(random() % 3), static_cast<std::uint8_t>(random() % 2)}, {sound}});
      std::uint32_t came = 0, lost = 0, bytes = 0;
      for (const MediaPacket& packet : relay.take_media(guest)) {
        const auto name = std::pair(packet.header.frame.stream_id, packet.header.stream_sequence);
        if (!packet.header.fec) REQUIRE(same_content(sent.try_emplace(name, packet).first->second, packet));
        if (random() % 14 == 0) {
          ++lost;
          continue;
        }
        ++came;
        bytes += static_cast<std::uint32_t>(packet.payload.size());
        for (const MediaPacket& each : recovery[name.first].push(packet)) {
          const auto found = sent.find({each.header.frame.stream_id, each.header.stream_sequence});
          REQUIRE(found != sent.end());
          REQUIRE(same_content(found->second, each));
          ++made;
        }
      }
      reporter.step(came, lost, bytes, step / 400 % 3 == 1 ? 20ms + 100us * (step % 400) : 0ms);
    }
    CHECK(relay.counters().parity_sent > 50);
  }
  CHECK(made > 100);
}
