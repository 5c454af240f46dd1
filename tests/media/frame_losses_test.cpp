#include "media/frame_losses.h"

#include <array>
#include <catch2/catch.hpp>
#include <random>

#include "media/hop_losses.h"
#include "support/sealed.h"

using namespace conclave;
using namespace conclave::media;
using namespace conclave::test;

namespace {

/// What one receiver gets of a stream in two sizes and three layers: numbered without gaps by the relay, whatever it leaves out.
class Forwarded {
 public:
  std::uint8_t size = 1;      ///< that it takes
  std::uint8_t layers = 2;    ///< the highest
  int packets = 1;            ///< of a frame

  /// The next picture, in both sizes; packets of ours that `lose` says are lost on our hop, and never come.
  template <class Lose>
  void picture(Lose lose) {
    constexpr std::array<std::uint8_t, 4> pattern{0, 2, 1, 2};
    const std::uint8_t layer = pattern[pictures_++ % 4U];
    for (std::uint8_t each = 0; each < 2; ++each) {
      const std::uint16_t number = frame_number_++;
      if (each != size || layer > layers) continue;
      for (int part = 0; part < packets; ++part) {
        MediaHeader header;
        header.frame.frame_number = number;
        header.stream_sequence = sequence_++ & 0xFF'FFFF;
        header.start = part == 0;
        header.end = part + 1 == packets;
        if (lose(part)) ++hop_losses_;
        else losses.push(header, hop_losses_);
      }
    }
  }
  void pictures(int count) {
    for (int i = 0; i < count; ++i) picture([](int) { return false; });
  }
  void lost_pictures(int count) {
    for (int i = 0; i < count; ++i) picture([](int) { return true; });
  }
  /// A packet that the relay missed, and that was of a layer we do not get: its number is spent.
  void spend_number() { ++sequence_; }
  void lose_elsewhere() { ++hop_losses_; }

  FrameLosses losses;

 private:
  std::uint64_t hop_losses_ = 0;
  std::uint32_t sequence_ = 0xFF'FFF0;
  std::uint16_t frame_number_ = 65'500;
  std::uint32_t pictures_ = 0;
};

}  // namespace

TEST_CASE("changes of size and of layers are no losses", "[media]") {
  Forwarded stream;
  for (int i = 0; i < 40; ++i) {
    stream.pictures(8);
    stream.size = static_cast<std::uint8_t>(i % 2);
    stream.layers = static_cast<std::uint8_t>(i % 3);
    stream.packets = 1 + i % 4;
  }
  CHECK(stream.losses.lost() == 0);
}

TEST_CASE("frames that are lost are counted one by one, whatever layers there are and however many packets a frame has", "[media]") {
  const int packets = GENERATE(1, 2, 5);
  const std::uint8_t layers = GENERATE(as<std::uint8_t>(), 0, 1, 2);
  const std::uint8_t size = GENERATE(as<std::uint8_t>(), 0, 1);
  CAPTURE(packets, int(layers), int(size));
  const int of_ours = layers == 2 ? 1 : layers == 1 ? 2 : 4;  // pictures to one that we get
  Forwarded stream;
  stream.packets = packets;
  stream.layers = layers;
  stream.size = size;
  stream.pictures(40);
  std::uint64_t lost = 0;
  for (const int burst : {1, 1, 2, 3, 1, 7, 1, 1}) {
    stream.lost_pictures(burst * of_ours);
    lost += static_cast<std::uint64_t>(burst);
    stream.pictures(4 * of_ours);
    CHECK(stream.losses.lost() == lost);
  }
  stream.pictures(1'000);
  CHECK(stream.losses.lost() == lost);
}

TEST_CASE("a frame of which parts are lost counts once", "[media]") {
  Forwarded stream;
  stream.packets = 5;
  stream.pictures(10);
  stream.picture([](int part) { return part == 1 || part == 3; });
  stream.pictures(1);
  CHECK(stream.losses.lost() == 1);
  stream.picture([](int part) { return part >= 3; });
  stream.picture([](int part) { return part < 2; });
  stream.pictures(1);
  CHECK(stream.losses.lost() == 3);
  stream.picture([](int part) { return part >= 3; });
  stream.lost_pictures(2);
  stream.picture([](int part) { return part < 2; });
  stream.pictures(600);
  CHECK(stream.losses.lost() == 7);
}

TEST_CASE("numbers that a relay spent on what was not for us are no losses, one of ours that it missed is", "[media]") {
  Forwarded stream;
  stream.size = 1;
  stream.pictures(20);
  for (int i = 0; i < 10; ++i) {
    stream.spend_number();
    stream.pictures(3);
  }
  CHECK(stream.losses.lost() == 0);
  stream.lose_elsewhere();  // on our hop, of another stream
  stream.pictures(3);
  CHECK(stream.losses.lost() == 0);
}

TEST_CASE("what comes again, or is made of parity, was not lost", "[media]") {
  FrameLosses losses;
  const auto packet = [](std::uint32_t sequence, bool again) {
    MediaHeader header;
    header.stream_sequence = sequence;
    header.frame.frame_number = static_cast<std::uint16_t>(sequence);
    header.start = header.end = true;
    header.retransmission = again;
    return header;
  };
  for (const std::uint32_t sequence : {10U, 11U, 14U}) losses.push(packet(sequence, false), sequence == 14 ? 2 : 0);
  CHECK(losses.lost() == 2);
  losses.push(packet(13, true), 2);
  CHECK(losses.lost() == 1);
  losses.push(packet(12, true), 2);
  losses.push(packet(12, true), 2);
  CHECK(losses.lost() == 0);
  losses.push(packet(16, false), 3);
  losses.restart();
  losses.push(packet(1'000'000, false), 9);
  losses.push(packet(1'000'001, false), 9);
  CHECK(losses.lost() == 1);
}

TEST_CASE("hostile numbers neither grow what is kept of frames without bound nor stall it", "[media][attack]") {
  std::mt19937 random(7);
  FrameLosses losses;
  std::uint64_t before = 0;
  for (int i = 0; i < 50'000; ++i) {
    MediaHeader header;
    header.stream_sequence = static_cast<std::uint32_t>(random()) & (i % 3 == 0 ? 0xFF'FFFFU : 0xFFFU);
    header.frame.frame_number = static_cast<std::uint16_t>(random());
    header.start = random() % 2 == 0;
    header.end = random() % 2 == 0;
    header.retransmission = random() % 3 == 0;
    losses.push(header, random() % 4);
    if (i % 1'000 == 0) before = losses.lost();
  }
  CHECK(losses.lost() - before < 1'000 * static_cast<std::uint64_t>(FrameLosses::max_gap));
}

TEST_CASE("what the hop has lost only grows: also where a packet comes late, and over another connection", "[media]") {
  HopLosses losses;
  MediaHeader header;
  for (const auto& [lost, total] : std::vector<std::pair<std::uint32_t, std::uint64_t>>{{0, 0}, {1, 1}, {0, 1}, {1, 2}, {4, 5}, {4, 5}, {0, 5}, {2, 7}}) {
    header.hop_lost = lost;
    losses.note(header);
    CHECK(losses.total() == total);
  }
}
