#include <catch2/catch.hpp>
#include <cstdio>
#include <memory>

#include "media/picture.h"
#include "media/vpx_decoder.h"
#include "media/vpx_encoder.h"
#include "../support/shared.h"
#include "support/sealed.h"
#include "support/ssim.h"

using namespace conclave;
using namespace conclave::media;
using namespace conclave::test;

namespace {

constexpr int width = 854, height = 480, rate = 24;
struct ClosePipe {
  void operator()(FILE* pipe) const { pclose(pipe); }
};

bool fill(FILE* from, Bytes& plane) { return std::fread(plane.data(), 1, plane.size(), from) == plane.size(); }

}  // namespace

TEST_CASE("854x480 at 1.5 Mbit/s keeps an SSIM of 0.95, holds its bitrate and sends no bursts", "[media]") {
  const auto file = shared_file("media/big-buck-bunny-480p-30s.mp4");
  if (file.empty()) return;
  const auto codec = GENERATE(VideoCodec::vp8, VideoCodec::vp9);
  const auto command = "ffmpeg -v error -ss 8 -t 4 -i " + file.string() + " -f rawvideo -pix_fmt yuv420p -";
  const std::unique_ptr<FILE, ClosePipe> pipe(popen(command.c_str(), "r"));
  auto encoder = *VpxEncoder::create({.codec = codec, .width = width, .height = height, .frames_per_second = rate, .bitrate = 1'500'000});
  auto decoder = *VpxDecoder::create(codec);
  auto picture = make_picture(width, height);
  double sum = 0;
  int frames = 0, compared = 0;
  std::size_t bytes = 0, largest = 0;
  while (fill(pipe.get(), picture.y) && fill(pipe.get(), picture.u) && fill(pipe.get(), picture.v)) {
    picture.capture_time = Time(Duration(frames * std::int64_t{1'000'000} / rate));
    const auto frame = *encoder.encode(picture);
    REQUIRE(frame.has_value());
    const auto shown = decoder.decode(frame->data, {});
    REQUIRE(shown.ok());
    bytes += frame->data.size();
    largest = std::max(largest, frame->data.size());
    if (frames++ % 7 != 0) continue;
    sum += ssim(picture, *shown);
    ++compared;
  }
  REQUIRE(frames == 4 * rate);
  CHECK(sum / compared >= 0.95);
  CHECK(static_cast<double>(bytes) * 8 / 4 < 1'500'000 * 1.15);
  CHECK(largest < 60'000);
}
