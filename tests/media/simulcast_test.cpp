#include "media/simulcast_encoder.h"

#include <catch2/catch.hpp>

#include "media/downscale.h"
#include "media/synthetic_picture.h"
#include "media/vpx_decoder.h"
#include "support/sealed.h"
#include "support/ssim.h"

using namespace conclave;
using namespace conclave::media;
using namespace conclave::test;

namespace {

VideoConfig config_of(int width, int height, int bitrate) {
  VideoConfig config;
  config.width = width;
  config.height = height;
  config.frames_per_second = 20;
  config.bitrate = bitrate;
  return config;
}

VideoFrame picture_at(int number, int width = 320, int height = 180) {
  return synthetic_picture(width, height, static_cast<std::uint32_t>(number), at_ms(number * 50));
}

}  // namespace

TEST_CASE("a picture is made smaller by the mean of its samples, and stays well-formed at odd sizes", "[media]") {
  VideoFrame picture = picture_at(0, 323, 183);
  std::fill(picture.u.begin(), picture.u.end(), std::uint8_t{77});
  for (const int factor : {2, 4}) {
    const VideoFrame small = downscale(picture, factor);
    CHECK(small.width == 320 / factor);
    CHECK((small.height % 2 == 0 && small.height >= 183 / factor - 1));
    CHECK(small.y.size() == static_cast<std::size_t>(small.width * small.height));
    CHECK(small.u.size() == small.y.size() / 4);
    CHECK(std::ranges::all_of(small.u, [](std::uint8_t sample) { return sample == 77; }));
    CHECK(small.capture_time == picture.capture_time);
  }
  picture.y.assign(picture.y.size(), 0);
  picture.y[0] = picture.y[1] = 100;
  CHECK(downscale(picture, 2).y[0] == 50);
}

TEST_CASE("a small version is sent beside pictures that are large enough, and thinner than they", "[media]") {
  CHECK_FALSE(small_version(config_of(160, 120, 800'000)));
  CHECK_FALSE(small_version(config_of(640, 360, 100'000)));
  for (const auto& [width, height, bitrate] : {std::tuple{320, 180, 200'000}, std::tuple{640, 360, 800'000}, std::tuple{1280, 720, 2'000'000}, std::tuple{1920, 1080, 5'000'000}}) {
    const auto small = small_version(config_of(width, height, bitrate));
    REQUIRE(small);
    CHECK(small->bitrate * 4 <= bitrate);
    CHECK(height / small->factor >= 90);
    CHECK(height / small->factor <= 270);
  }
}

TEST_CASE("both sizes decode by themselves, and a resting one begins again with a keyframe", "[media]") {
  auto encoder = *SimulcastEncoder::create(config_of(320, 180, 300'000));
  REQUIRE(encoder.layers() == 2);
  std::array<VpxDecoder, 2> decoders{*VpxDecoder::create(VideoCodec::vp8), *VpxDecoder::create(VideoCodec::vp8)};
  std::array<std::size_t, 2> bytes{};
  const auto run = [&](int first, int count) {
    std::vector<SimulcastFrame> all;
    for (int i = first; i < first + count; ++i) {
      auto frames = encoder.encode(picture_at(i));
      REQUIRE(frames.ok());
      for (auto& each : *frames) {
        const auto shown = decoders[each.spatial_layer].decode(each.frame.data, each.frame.capture_time);
        REQUIRE(shown.ok());
        CHECK(shown->width == (each.spatial_layer == 0 ? 160 : 320));
        const VideoFrame source = each.spatial_layer == 0 ? downscale(picture_at(i), 2) : picture_at(i);
        CHECK(ssim(source, *shown) > 0.8);
        bytes[each.spatial_layer] += each.frame.data.size();
        all.push_back(std::move(each));
      }
    }
    return all;
  };
  CHECK(run(0, 40).size() == 80);
  CHECK(bytes[0] * 2 < bytes[1]);
  encoder.want(2);
  for (const auto& each : run(40, 20)) CHECK(each.spatial_layer == 1);
  encoder.want(1);
  const auto small = run(60, 20);
  CHECK(small.size() == 20);
  CHECK((small.front().spatial_layer == 0 && small.front().frame.keyframe));
  encoder.want(0);
  CHECK(run(80, 3).empty());
  encoder.want_all();
  const auto both = run(83, 1);
  REQUIRE(both.size() == 2);
  CHECK((both[0].frame.keyframe && both[1].frame.keyframe));
}

TEST_CASE("a keyframe is made of the sizes that it is asked of", "[media]") {
  auto encoder = *SimulcastEncoder::create(config_of(320, 180, 300'000));
  for (int i = 0; i < 20; ++i) REQUIRE(encoder.encode(picture_at(i)).ok());
  encoder.request_keyframe(1);
  const auto frames = encoder.encode(picture_at(20)).value();
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].frame.keyframe);
  CHECK_FALSE(frames[1].frame.keyframe);
}

TEST_CASE("sizes are fitted to what there is for them: the smallest first, the largest with what is left", "[media]") {
  auto encoder = *SimulcastEncoder::create(config_of(640, 360, 800'000));
  REQUIRE(encoder.layers() == 2);
  CHECK(encoder.full_rate() == 800'000 + small_version(config_of(640, 360, 800'000))->bitrate);
  encoder.fit(500'000);
  CHECK(encoder.layers() == 2);
  encoder.fit(200'000);
  CHECK(encoder.layers() == 1);
  encoder.fit(380'000);
  CHECK(encoder.layers() == 1);  // it begins again from a third of its rate on
  encoder.fit(450'000);
  CHECK(encoder.layers() == 2);
  encoder.fit(std::nullopt);
  CHECK(encoder.layers() == 2);
  auto single = *SimulcastEncoder::create(config_of(160, 90, 100'000));
  single.fit(1'000);
  CHECK(single.layers() == 1);
}

TEST_CASE("a size that does not fit rests, and what was said of it before is not taken for a word on the others", "[media]") {
  auto encoder = *SimulcastEncoder::create(config_of(640, 360, 800'000));
  encoder.want(2);
  encoder.fit(150'000);
  encoder.want(2);  // said before it was heard that there is but one
  auto frames = encoder.encode(picture_at(0, 640, 360)).value();
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].spatial_layer == 0);
  encoder.fit(std::nullopt);
  encoder.want(1);
  encoder.want_also(2);
  frames = encoder.encode(picture_at(1, 640, 360)).value();
  REQUIRE(frames.size() == 2);
  CHECK(frames[1].frame.keyframe);
}
