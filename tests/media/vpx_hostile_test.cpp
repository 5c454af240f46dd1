#include <catch2/catch.hpp>

#include "media/picture.h"
#include "media/synthetic_picture.h"
#include "media/vpx_decoder.h"
#include "media/vpx_encoder.h"
#include "media/vpx_header.h"
#include "support/sealed.h"

using namespace conclave;
using namespace conclave::media;
using namespace conclave::test;

namespace {

std::vector<Bytes> some_frames(VideoCodec codec, int count) {
  VideoConfig config;
  config.codec = codec;
  config.width = 160;
  config.height = 120;
  auto encoder = *VpxEncoder::create(config);
  std::vector<Bytes> frames;
  for (int i = 0; i < count; ++i) frames.push_back((*encoder.encode(synthetic_picture(160, 120, static_cast<std::uint32_t>(i), at_ms(i * 33))))->data);
  return frames;
}

void put_vp8_size(Bytes& frame, int width, int height) {
  frame[6] = static_cast<std::uint8_t>(width);
  frame[7] = static_cast<std::uint8_t>(width >> 8);
  frame[8] = static_cast<std::uint8_t>(height);
  frame[9] = static_cast<std::uint8_t>(height >> 8);
}

/// The size of a VP9 keyframe of profile 0 stands after 8 + 24 + 4 bits.
void put_vp9_size(Bytes& frame, int width, int height) {
  const std::uint32_t sizes = static_cast<std::uint32_t>(width - 1) << 16 | static_cast<std::uint32_t>(height - 1);
  for (unsigned i = 0; i < 32; ++i) {
    const auto at = 36 + i;
    const auto mask = static_cast<std::uint8_t>(0x80 >> at % 8);
    frame[at / 8] = static_cast<std::uint8_t>((frame[at / 8] & ~mask) | ((sizes >> (31 - i) & 1) != 0 ? mask : 0));
  }
}

}  // namespace

TEST_CASE("the declared size of a frame is read before anything is decoded", "[media]") {
  for (const auto codec : {VideoCodec::vp8, VideoCodec::vp9}) {
    const auto frames = some_frames(codec, 2);
    CHECK(coded_size(codec, frames[0])->width == 160);
    CHECK(coded_size(codec, frames[0])->height == 120);
    const auto later = coded_size(codec, frames[1])->width;
    CHECK((later == 0 || later == 160));  // VP9 says it again in streams of several layers
  }
}

TEST_CASE("a picture larger than any is refused before the decoder allocates it", "[media][attack]") {
  for (const auto codec : {VideoCodec::vp8, VideoCodec::vp9}) {
    auto frame = some_frames(codec, 1)[0];
    auto decoder = *VpxDecoder::create(codec);
    REQUIRE(decoder.decode(frame, {}).ok());
    codec == VideoCodec::vp8 ? put_vp8_size(frame, 16'383, 16'383) : put_vp9_size(frame, 65'536, 65'536);
    CHECK(decoder.decode(frame, {}).error().code == ErrorCode::unsupported);
    codec == VideoCodec::vp8 ? put_vp8_size(frame, 4'098, 120) : put_vp9_size(frame, 160, 4'097);
    CHECK(decoder.decode(frame, {}).error().code == ErrorCode::unsupported);
    CHECK(decoder.failures() == 2);
  }
}

TEST_CASE("VP9 profiles, superframes and repeated frames that we never make are refused", "[media][attack]") {
  auto decoder = *VpxDecoder::create(VideoCodec::vp9);
  const auto frame = some_frames(VideoCodec::vp9, 1)[0];
  auto profile = frame;
  profile[0] |= 0x20;
  CHECK(decoder.decode(profile, {}).error().code == ErrorCode::unsupported);
  auto repeated = frame;
  repeated[0] |= 0x08;
  CHECK(decoder.decode(repeated, {}).error().code == ErrorCode::unsupported);
  auto superframe = frame;
  const auto size = frame.size();
  superframe.insert(superframe.end(), frame.begin(), frame.end());
  for (const int byte : {0xC9, static_cast<int>(size & 0xFF), static_cast<int>(size >> 8), static_cast<int>(size & 0xFF), static_cast<int>(size >> 8), 0xC9}) {
    superframe.push_back(static_cast<std::uint8_t>(byte));
  }
  CHECK(decoder.decode(superframe, {}).error().code == ErrorCode::unsupported);
  CHECK(decoder.decode(frame, {}).ok());
}

TEST_CASE("a frame hidden behind a VP9 frame is not decoded", "[media][attack]") {
  VideoConfig config;
  config.codec = VideoCodec::vp9;
  config.width = 320;
  config.height = 180;
  auto encoder = *VpxEncoder::create(config);
  const auto hidden = (*encoder.encode(synthetic_picture(320, 180, 1, at_ms(0))))->data;
  auto frame = some_frames(VideoCodec::vp9, 1)[0];
  frame.insert(frame.end(), hidden.begin(), hidden.end());
  auto decoder = *VpxDecoder::create(VideoCodec::vp9);
  const auto shown = decoder.decode(frame, {});
  if (shown.ok()) CHECK(shown->width == 160);
  CHECK(decoder.decode(hidden, {})->width == 320);
}

TEST_CASE("a decoder begun without a keyframe fails, is counted, and recovers with one", "[media]") {
  for (const auto codec : {VideoCodec::vp8, VideoCodec::vp9}) {
    const auto frames = some_frames(codec, 3);
    auto decoder = *VpxDecoder::create(codec);
    CHECK_FALSE(decoder.decode(frames[1], {}).ok());
    CHECK_FALSE(decoder.decode(Bytes{}, {}).ok());
    CHECK(decoder.failures() == 2);
    CHECK(decoder.decode(frames[0], {}).ok());
    CHECK(decoder.decode(frames[1], {}).ok());
  }
}

TEST_CASE("truncated and bit-flipped frames never do more than look wrong", "[media][fuzz]") {
  for (const auto codec : {VideoCodec::vp8, VideoCodec::vp9}) {
    const auto frames = some_frames(codec, 6);
    auto decoder = *VpxDecoder::create(codec);
    std::mt19937 random(9);
    for (int round = 0; round < 300; ++round) {
      auto frame = frames[random() % frames.size()];
      if (round % 3 == 0) frame.resize(random() % frame.size());
      for (int flips = round % 4; flips > 0 && !frame.empty(); --flips) {
        const auto range = random() % 2 == 0 ? std::min<std::size_t>(frame.size(), 16) : frame.size();
        frame[random() % range] ^= static_cast<std::uint8_t>(1U << random() % 8);
      }
      const auto shown = decoder.decode(frame, {});
      if (shown.ok()) CHECK(is_well_formed(*shown));
      if (round % 10 == 0) CHECK(decoder.decode(frames[0], {}).ok());
    }
  }
}
