#include <catch2/catch.hpp>

#include "media/picture.h"
#include "media/synthetic_picture.h"
#include "media/vpx_decoder.h"
#include "media/vpx_encoder.h"
#include "media/vpx_header.h"
#include "support/sealed.h"
#include "support/ssim.h"

using namespace conclave;
using namespace conclave::media;
using namespace conclave::test;

namespace {

constexpr int width = 320, height = 180, rate = 25;

VideoConfig config_of(VideoCodec codec, int layers = 3) {
  VideoConfig config;
  config.codec = codec;
  config.width = width;
  config.height = height;
  config.frames_per_second = rate;
  config.bitrate = 400'000;
  config.temporal_layers = layers;
  return config;
}

VideoFrame picture_at(int number, int w = width, int h = height) {
  return synthetic_picture(w, h, static_cast<std::uint32_t>(number), at_ms(number * 1'000 / rate));
}

std::vector<EncodedVideo> encode(VpxEncoder& encoder, int first, int count) {
  std::vector<EncodedVideo> frames;
  for (int i = first; i < first + count; ++i) {
    auto frame = encoder.encode(picture_at(i));
    REQUIRE(frame.ok());
    REQUIRE(frame->has_value());
    frames.push_back(std::move(**frame));
  }
  return frames;
}

}  // namespace

TEST_CASE("pictures survive both codecs, with what is burnt into them", "[media]") {
  const auto codec = GENERATE(VideoCodec::vp8, VideoCodec::vp9);
  const int layers = GENERATE(1, 2, 3);
  auto encoder = *VpxEncoder::create(config_of(codec, layers));
  auto decoder = *VpxDecoder::create(codec);
  double sum = 0;
  std::size_t bytes = 0;
  constexpr int count = 50;
  for (const auto& frame : encode(encoder, 0, count)) {
    const auto shown = decoder.decode(frame.data, frame.capture_time);
    REQUIRE(shown.ok());
    CHECK(shown->capture_time == frame.capture_time);
    const auto number = static_cast<int>(frame.capture_time.time_since_epoch() / ms(1'000 / rate));
    sum += ssim(picture_at(number), *shown);
    CHECK(read_burnt_in(*shown) == BurntIn{static_cast<std::uint32_t>(number), frame.capture_time});
    bytes += frame.data.size();
  }
  CHECK(sum / count > 0.95);
  CHECK(static_cast<double>(bytes) * 8 * rate / count < 400'000 * 1.5);
}

TEST_CASE("layers follow the pattern 0-2-1-2 and are labelled for the relay", "[media]") {
  auto encoder = *VpxEncoder::create(config_of(GENERATE(VideoCodec::vp8, VideoCodec::vp9)));
  const auto frames = encode(encoder, 0, 13);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    constexpr std::array<int, 4> layers = {0, 2, 1, 2};
    CHECK(frames[i].keyframe == (i == 0));
    CHECK(frames[i].temporal_layer == layers[i % 4]);
    CHECK(frames[i].discardable == (i % 2 == 1));
    CHECK(frames[i].layer_sync == (i % 4 == 1 || i % 4 == 2));
    CHECK(frames[i].base_layer_index == i / 4 + 1);
  }
}

TEST_CASE("without its upper layers the rest of a stream decodes to the same pictures, bit by bit", "[media]") {
  const auto codec = GENERATE(VideoCodec::vp8, VideoCodec::vp9);
  auto encoder = *VpxEncoder::create(config_of(codec));
  auto whole = *VpxDecoder::create(codec), two_layers = *VpxDecoder::create(codec), base = *VpxDecoder::create(codec);
  auto holes = *VpxDecoder::create(codec);
  const auto frames = encode(encoder, 0, 61);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto truth = whole.decode(frames[i].data, {});
    REQUIRE(truth.ok());
    if (frames[i].temporal_layer < 2) CHECK(two_layers.decode(frames[i].data, {})->y == truth->y);
    if (frames[i].temporal_layer == 0) CHECK(base.decode(frames[i].data, {})->y == truth->y);
    // Lost: the first frame of layer 2, and every other frame of layer 1 with the frame that refers to it.
    const bool lost = i % 4 == 1 || i % 8 == 6 || i % 8 == 7;
    if (!lost) CHECK(holes.decode(frames[i].data, {})->y == truth->y);
  }
}

TEST_CASE("a keyframe comes when asked for, but no closer than 500 ms", "[media]") {
  auto encoder = *VpxEncoder::create(config_of(GENERATE(VideoCodec::vp8, VideoCodec::vp9)));
  std::vector<int> keyframes;
  for (int i = 0; i < 60; ++i) {
    encoder.request_keyframe();
    const auto frame = encode(encoder, i, 1)[0];
    if (frame.keyframe) {
      keyframes.push_back(i);
      CHECK(frame.temporal_layer == 0);
    }
  }
  CHECK(keyframes == std::vector<int>{0, 13, 26, 39, 52});
  CHECK(encoder.keyframes() == 5);
}

TEST_CASE("an encoder that rested for a while, or was left out now and then, spends what it spent before", "[media]") {
  auto encoder = *VpxEncoder::create(config_of(GENERATE(VideoCodec::vp8, VideoCodec::vp9)));
  const auto size_of = [](const std::vector<EncodedVideo>& frames) {
    std::size_t sum = 0;
    for (const auto& frame : frames) sum += frame.data.size();
    return sum;
  };
  encode(encoder, 0, 50);
  const auto before = size_of(encode(encoder, 50, 50));
  encode(encoder, 1000, 50);
  const auto after = size_of(encode(encoder, 1050, 50));
  CHECK(after * 10 > before * 6);
  CHECK(after * 6 < before * 10);
  std::size_t with_gaps = 0;
  for (int i = 0; i < 5; ++i) with_gaps += size_of(encode(encoder, 1100 + 14 * i, 10));
  CHECK(with_gaps * 6 < before * 10);
}

TEST_CASE("the bitrate can be changed while it runs", "[media]") {
  auto encoder = *VpxEncoder::create(config_of(GENERATE(VideoCodec::vp8, VideoCodec::vp9)));
  const auto size_of = [](const std::vector<EncodedVideo>& frames) {
    std::size_t sum = 0;
    for (const auto& frame : frames) sum += frame.data.size();
    return sum;
  };
  encode(encoder, 0, 25);
  const auto high = size_of(encode(encoder, 25, 50));
  REQUIRE(encoder.set_bitrate(100'000).ok());
  encode(encoder, 75, 25);
  const auto low = size_of(encode(encoder, 100, 50));
  CHECK(low * 2 < high);
  CHECK_FALSE(encoder.set_bitrate(1'000).ok());
}

TEST_CASE("a picture of another size begins anew and decodes", "[media]") {
  const auto codec = GENERATE(VideoCodec::vp8, VideoCodec::vp9);
  auto encoder = *VpxEncoder::create(config_of(codec));
  auto decoder = *VpxDecoder::create(codec);
  int number = 0;
  for (const auto& [w, h] : std::vector<std::pair<int, int>>{{320, 180}, {641, 361}, {160, 120}, {320, 180}}) {
    for (int i = 0; i < 5; ++i, ++number) {
      const auto frame = *encoder.encode(picture_at(number, w, h));
      REQUIRE(frame.has_value());
      CHECK(frame->keyframe == (i == 0));
      const auto shown = decoder.decode(frame->data, {});
      REQUIRE(shown.ok());
      const int odd = codec == VideoCodec::vp9 ? ~1 : ~0;  // VP9 in layers cuts off an odd last column or row
      CHECK((shown->width == (w & odd) && shown->height == (h & odd)));
      CHECK(is_well_formed(*shown));
    }
  }
}

TEST_CASE("a cut becomes a keyframe, and neither it nor what follows bursts", "[media]") {
  auto encoder = *VpxEncoder::create(config_of(GENERATE(VideoCodec::vp8, VideoCodec::vp9)));
  const auto grey = [](int number) { return make_picture(width, height, at_ms(number * 1'000 / rate)); };
  for (int i = 0; i < 50; ++i) REQUIRE(encoder.encode(grey(i)).ok());
  std::size_t after_cut = 0;
  for (int i = 50; i < 55; ++i) {
    auto picture = picture_at(i);
    for (auto& sample : picture.y) sample = static_cast<std::uint8_t>(255 - sample);
    const auto frame = *encoder.encode(picture);
    REQUIRE(frame.has_value());
    CHECK(frame->keyframe == (i == 50));
    after_cut += frame->data.size();
  }
  CHECK(after_cut * 8 < 400'000);
}

TEST_CASE("configurations and pictures outside their range are refused", "[media]") {
  const auto refused = [](auto change) {
    auto config = config_of(VideoCodec::vp8);
    change(config);
    return !VpxEncoder::create(config).ok();
  };
  CHECK(refused([](auto& c) { c.width = 4'097; }));
  CHECK(refused([](auto& c) { c.height = 8; }));
  CHECK(refused([](auto& c) { c.frames_per_second = 0; }));
  CHECK(refused([](auto& c) { c.bitrate = 100; }));
  CHECK(refused([](auto& c) { c.temporal_layers = 4; }));
  CHECK(refused([](auto& c) { c.threads = 0; }));
  auto encoder = *VpxEncoder::create(config_of(VideoCodec::vp8));
  auto picture = picture_at(0);
  picture.u.pop_back();
  CHECK(encoder.encode(picture).error().code == ErrorCode::invalid_argument);
}
