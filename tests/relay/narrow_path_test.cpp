// Receivers with narrow paths, in virtual time: what they get, and what the others and the publishers notice of it.
#include <memory>

#include "harness.h"
#include "transport/simulated_path.h"

using namespace conclave;
using namespace conclave::relay;
using namespace conclave::relay::testing;
using namespace conclave::test;

namespace {

constexpr Duration picture_period = 50ms;

/// Publishers of a picture in two sizes and of sound each, and one receiver behind a path.
class Meeting {
 public:
  explicit Meeting(const PathShape& shape, std::uint16_t publishers = 2, bool sounds = true, bool early = true) : path_(shape, 3), sounds_(sounds) {
    host_ = relay_.open();
    for (std::uint16_t i = 0; i < publishers; ++i) {
      publishers_.push_back(relay_.join(host_));
      relay_.publish(publishers_.back(), {{static_cast<std::uint16_t>(2 * i), 3, 3, 2}, {static_cast<std::uint16_t>(2 * i + 1), 1, 7}});
      state_.push_back({});
      relay_.advance(250ms);
    }
    other_ = relay_.join(host_);
    subscribe(early ? arrive() : other_);  // somebody takes the pictures
  }
  ConnectionId arrive() {
    receiver_ = relay_.join(host_);
    subscribe(receiver_);
    return receiver_;
  }
  void subscribe(ConnectionId who, std::optional<std::uint16_t> favourite = std::nullopt) {
    std::vector<transport::Subscription> all;
    for (std::uint16_t id = 0; id < 2 * publishers_.size(); ++id) all.push_back({id, 7, 3, id == favourite ? std::uint8_t{3} : std::uint8_t{0}});
    relay_.subscribe(who, all);
  }

  void run(Duration duration) {
    for (const Time end = relay_.now() + duration; relay_.now() < end;) {
      for (std::size_t i = 0; i < publishers_.size(); ++i) publish(i);
      relay_.advance(5ms);
      carry();
    }
  }
  SimulatedPath& path() { return path_; }
  Harness& relay() { return relay_; }
  ConnectionId receiver() const { return receiver_; }
  ConnectionId publisher(std::size_t i) const { return publishers_[i]; }

  struct Seen {
    std::size_t sounds = 0;
    std::size_t pictures = 0;      ///< frames of the size
    std::size_t large = 0;
    std::uint8_t highest_layer = 0;
    Duration longest_gap{};        ///< between two frames of the lowest layer of any stream
    std::size_t bytes = 0;
    std::map<std::uint16_t, std::size_t> by_sound{};
  };
  /// Since the last time that this was asked.
  Seen take_seen() {
    last_frame_.clear();
    return std::exchange(seen_, {});
  }
  std::uint8_t wanted(std::size_t publisher) {
    const auto all = relay_.all<transport::LayersWanted>(publishers_[publisher]);
    return all.empty() ? 3 : all.back().streams.at(0).spatial_layers;
  }

 private:
  struct Publisher {
    std::uint32_t picture = 0;
    std::uint32_t picture_sequence = 0;
    std::uint32_t sound_sequence = 0;
    std::array<std::size_t, 2> place{};
    std::uint8_t keyframes = 3;  ///< of these sizes
    std::size_t requests = 0;
    Time next_picture{};
    Time next_sound{};
  };

  /// As a client does: obeys requests for keyframes and what is wanted.
  void publish(std::size_t i) {
    Publisher& own = state_[i];
    const auto requests = relay_.feedback<transport::KeyframeRequest>(publishers_[i]);
    for (; own.requests < requests.size(); ++own.requests) own.keyframes |= requests[own.requests].spatial_layers;
    if (sounds_ && relay_.now() >= own.next_sound) {
      own.next_sound = relay_.now() + 20ms;
      relay_.send_media(publishers_[i], media_packet(static_cast<std::uint16_t>(2 * i + 1), own.sound_sequence++, 110));
    }
    if (relay_.now() < own.next_picture) return;
    own.next_picture = relay_.now() + picture_period;
    for (std::uint8_t size = 0; size < 2; ++size) {
      const bool wanted_now = (wanted(i) >> size & 1) != 0;
      if (!wanted_now) own.keyframes = static_cast<std::uint8_t>(own.keyframes | 1U << size);
      else send_frame(i, own, size);
    }
    ++own.picture;
  }
  void send_frame(std::size_t i, Publisher& own, std::uint8_t size) {
    constexpr std::array<std::uint8_t, 4> layers{0, 2, 1, 2};
    const bool keyframe = (own.keyframes >> size & 1) != 0;
    if (keyframe) own.place[size] = 0;
    own.keyframes = static_cast<std::uint8_t>(own.keyframes & ~(1U << size));
    const std::uint8_t layer = layers[own.place[size]++ % 4];
    const std::size_t bytes = (size == 0 ? 250U : 2000U) * (keyframe ? 4U : layer == 0 ? 2U : 1U);
    const std::size_t packets = (bytes + 999) / 1000;
    for (std::size_t part = 0; part < packets; ++part) {
      MediaPacket packet = media_packet(static_cast<std::uint16_t>(2 * i), own.picture_sequence++ & 0xffffff, bytes / packets, layer);
      packet.header.frame.keyframe = keyframe;
      packet.header.frame.discardable = layer == 2;
      packet.header.frame.spatial_layer = size;
      packet.header.frame.frame_number = static_cast<std::uint16_t>(own.picture * 2 + size);
      packet.header.start = part == 0;
      packet.header.end = part + 1 == packets;
      relay_.send_media(publishers_[i], packet);
    }
  }

  void carry() {
    for (const MediaPacket& packet : relay_.take_media(receiver_)) {
      path_.send(packet.payload.size(), relay_.now());
      seen_.bytes += packet.payload.size() + 66;
      const FrameInfo& frame = packet.header.frame;
      if (packet.header.fec || packet.header.retransmission) continue;  // beside the others, where the queue loses some
      check_number(packet);
      if (frame.stream_id % 2 == 1) {
        ++seen_.sounds;
        ++seen_.by_sound[frame.stream_id];
        continue;
      }
      if (!packet.header.start) continue;
      ++seen_.pictures;
      seen_.large += frame.spatial_layer;
      seen_.highest_layer = std::max(seen_.highest_layer, frame.temporal_layer);
      if (frame.temporal_layer != 0) continue;
      const auto [last, fresh] = last_frame_.try_emplace(frame.stream_id, relay_.now());
      seen_.longest_gap = std::max(seen_.longest_gap, relay_.now() - last->second);
      last->second = relay_.now();
    }
    while (const auto report = path_.take_report(relay_.now())) relay_.send_feedback(receiver_, {*report});
  }
  /// Whatever the relay leaves out, the receiver's numbers have no gap.
  void check_number(const MediaPacket& packet) {
    const auto [next, fresh] = next_number_.try_emplace(packet.header.frame.stream_id, packet.header.stream_sequence);
    CHECK(packet.header.stream_sequence == next->second);
    next->second = (packet.header.stream_sequence + 1) & 0xffffff;
  }

  Harness relay_;
  SimulatedPath path_;
  bool sounds_;
  ConnectionId host_{};
  ConnectionId receiver_{};
  ConnectionId other_{};
  std::vector<ConnectionId> publishers_;
  std::vector<Publisher> state_;
  std::map<std::uint16_t, Time> last_frame_;
  std::map<std::uint16_t, std::uint32_t> next_number_;
  Seen seen_;
};

}  // namespace

TEST_CASE("a wide path gets the best of everything, unpaced, and the small size rests after a while", "[relay][sim]") {
  Meeting meeting({.delay = 30ms, .jitter = 3ms});
  meeting.run(5s);
  (void)meeting.take_seen();
  CHECK(meeting.wanted(0) == 2);
  meeting.run(5s);
  const auto seen = meeting.take_seen();
  CHECK(seen.sounds == 2 * 250);
  CHECK(seen.large == seen.pictures);
  CHECK(seen.pictures == 2 * 100);
  CHECK(meeting.relay().counters().paths_narrowed == 0);
}

TEST_CASE("a narrow path gets all the sound and smaller pictures, without a freeze of a second", "[relay][sim]") {
  Meeting meeting({.delay = 40ms, .jitter = 2ms, .rate = 400e3, .queue = 300ms}, 3);
  meeting.run(3s);
  (void)meeting.take_seen();
  meeting.run(20s);
  const auto seen = meeting.take_seen();
  CHECK(seen.sounds >= 3 * 999);
  CHECK(seen.large * 10 < seen.pictures);  // on trial
  CHECK(seen.pictures > 3 * 80);
  CHECK(seen.longest_gap < 1s);
  CHECK(seen.bytes * 8 < 20 * 400'000);
  CHECK(meeting.relay().counters().paths_narrowed == 1);
  CHECK(meeting.relay().counters().layers_paused >= 3);  // nobody takes the large ones, but on trial
}

TEST_CASE("a path that narrows and widens again loses and gets back the large picture, never freezing for a second", "[relay][sim]") {
  Meeting meeting({.delay = 30ms}, 1);
  meeting.run(4s);
  meeting.path().change({.delay = 30ms, .rate = 250e3, .queue = 300ms});
  (void)meeting.take_seen();
  meeting.run(12s);
  const auto narrow = meeting.take_seen();
  CHECK(narrow.longest_gap < 1s);
  CHECK(narrow.large * 4 < narrow.pictures);
  meeting.path().change({.delay = 30ms});
  meeting.run(25s);
  (void)meeting.take_seen();
  meeting.run(15s);
  const auto seen = meeting.take_seen();
  CHECK(seen.large == seen.pictures);
  CHECK(seen.highest_layer == 2);
  CHECK(seen.longest_gap < 1s);
  CHECK(meeting.relay().counters().paths_widened == 1);
}

TEST_CASE("who comes to many pictures begins with the least of each, has the best within seconds over a wide path, and no flood over a narrow one", "[relay][sim]") {
  for (const double rate : {0.0, 400e3}) {
    Meeting meeting({.delay = 30ms, .rate = rate, .queue = 300ms}, 4, true, false);
    meeting.run(4s);
    meeting.arrive();
    meeting.run(200ms);
    CHECK(meeting.take_seen().large == 0);
    meeting.run(6s);
    const auto early = meeting.take_seen();
    CHECK(early.longest_gap < 1s);
    meeting.run(4s);
    const auto seen = meeting.take_seen();
    if (rate == 0) CHECK(seen.large == seen.pictures);
    else CHECK(seen.large * 10 < seen.pictures);
    CHECK(seen.longest_gap < 1s);
  }
}

TEST_CASE("one narrow path costs the others nothing", "[relay][sim]") {
  Meeting meeting({.delay = 40ms, .rate = 300e3, .queue = 300ms}, 2);
  const ConnectionId other = meeting.relay().join(1);
  meeting.subscribe(other);
  meeting.run(5s);
  (void)meeting.relay().take_media(other);
  meeting.run(5s);
  std::size_t large = 0;
  std::map<std::uint16_t, std::uint32_t> next;
  for (const MediaPacket& packet : meeting.relay().take_media(other)) {
    const auto [number, fresh] = next.try_emplace(packet.header.frame.stream_id, packet.header.stream_sequence);
    CHECK(packet.header.stream_sequence == number->second++);
    if (packet.header.frame.stream_id % 2 == 0 && packet.header.start) large += packet.header.frame.spatial_layer;
  }
  CHECK(large == 2 * 100);
  CHECK(meeting.wanted(0) == 3);
}

TEST_CASE("sounds that do not fit are left out whole, and the others stay whole", "[relay][sim]") {
  Meeting meeting({.delay = 20ms, .rate = 200e3, .queue = 200ms}, 5);
  meeting.run(8s);
  (void)meeting.take_seen();
  meeting.run(4s);
  const auto seen = meeting.take_seen();
  CHECK(seen.sounds >= 198);
  CHECK(seen.bytes * 8 < 4 * 210'000);
}

TEST_CASE("of sounds that do not fit those stay that the receiver ranks highest, whoever was there first", "[relay][sim]") {
  Meeting meeting({.delay = 20ms, .rate = 200e3, .queue = 200ms}, 5);
  meeting.run(8s);
  for (const std::uint16_t favourite : std::initializer_list<std::uint16_t>{9, 1, 5}) {
    meeting.subscribe(meeting.receiver(), favourite);
    meeting.run(2s);
    (void)meeting.take_seen();
    meeting.run(5s);
    const auto seen = meeting.take_seen();
    CAPTURE(favourite, seen.sounds);
    REQUIRE(seen.by_sound.contains(favourite));
    CHECK(seen.by_sound.at(favourite) >= 245);
    CHECK(seen.by_sound.size() < 5);
  }
}

TEST_CASE("a publisher hears which sizes nobody takes, two seconds later, and at once when one is wanted again", "[relay]") {
  Harness relay;
  const ConnectionId host = relay.open();
  const ConnectionId guest = relay.join(host);
  relay.publish(host, {{100, 3, 3, 3}, {101, 1, 7}});
  const auto told = [&] { return relay.last<transport::LayersWanted>(host).streams.at(0); };
  relay.advance(1900ms);
  CHECK(relay.all<transport::LayersWanted>(host).empty());
  relay.advance(200ms);
  REQUIRE(relay.all<transport::LayersWanted>(host).size() == 1);
  CHECK((told().stream_id == 100 && told().spatial_layers == 0));
  relay.subscribe(guest, {{100, 7, 1}, {101, 7}});
  CHECK(told().spatial_layers == 2);
  CHECK(relay.feedback<transport::KeyframeRequest>(host).back().spatial_layers != 0);
  relay.subscribe(guest, {{100, 7, 0}, {101, 7}});
  CHECK(told().spatial_layers == 3);
  relay.advance(3s);
  CHECK(told().spatial_layers == 1);
  CHECK(relay.counters().layers_paused == 2);
}

TEST_CASE("a receiver changes to another size at its keyframe, and to more temporal layers at a frame of the lowest", "[relay]") {
  Harness relay;
  const ConnectionId host = relay.open();
  const ConnectionId guest = relay.join(host);
  relay.publish(host, {{100, 3, 3, 2}});
  relay.subscribe(guest, {{100, 0, 0}});
  std::uint32_t sequence = 0;
  const auto send = [&](std::uint8_t spatial, std::uint8_t temporal, bool keyframe) {
    MediaPacket packet = media_packet(100, sequence++, 100, temporal);
    packet.header.frame.spatial_layer = spatial;
    packet.header.frame.keyframe = keyframe;
    relay.send_media(host, packet);
    return relay.take_media(guest).size();
  };
  CHECK(send(1, 0, true) == 0);
  CHECK(send(0, 0, true) == 1);
  CHECK(send(0, 2, false) == 0);
  relay.subscribe(guest, {{100, 7, 0}});
  CHECK(send(0, 2, false) == 0);
  CHECK(send(0, 0, false) == 1);
  CHECK(send(0, 2, false) == 1);
  relay.subscribe(guest, {{100, 7, 1}});
  CHECK(send(1, 0, false) == 0);
  CHECK(send(0, 0, false) == 1);
  CHECK(send(1, 0, true) == 1);
  CHECK(send(0, 0, false) == 0);
  CHECK(send(1, 2, false) == 1);
}
