#include "conclave/devices.h"
#include "media/opus.h"
#include "media/synthetic_picture.h"
#include "media/vpx_encoder.h"
#include "support.h"

namespace conclave {
namespace {

using test::TemporaryFolder;

VideoFrame picture_at(int number) {
  return media::synthetic_picture(320, 180, static_cast<std::uint32_t>(number),
                                  Time(std::chrono::milliseconds(1000 + 40 * number)));
}

/// What `member` sends in two seconds: 50 pictures, 100 frames of sound.
void send_two_seconds(MediaSink& sink, MemberId member, VideoCodec codec) {
  VideoConfig config;
  config.codec = codec;
  config.width = 320;
  config.height = 180;
  config.frames_per_second = 25;
  auto video = media::VpxEncoder::create(config);
  auto audio = media::OpusEncoder::create({});
  REQUIRE(video.ok());
  REQUIRE(audio.ok());
  for (int number = 0; number < 50; ++number) {
    for (int half = 0; half < 2; ++half) {
      AudioFrame sound{Time(std::chrono::milliseconds(1000 + 40 * number + 20 * half)), 1,
                       std::vector<std::int16_t>(audio_frame_samples, 100)};
      sink.record(RecordAudio{member, 1, *audio->encode(sound)});
    }
    auto encoded = video->encode(picture_at(number));
    REQUIRE(encoded.ok());
    if (*encoded) sink.record(RecordVideo{member, codec, **std::move(encoded)});
  }
}

std::string probe(const std::filesystem::path& file) {
  return test::shell(
             "ffprobe -v error -count_frames -show_entries stream=codec_name,nb_read_frames,width,channels -of "
             "compact=nk=1:p=0 " +
             file.string())
      .output;
}

}  // namespace

TEST_CASE("a recording of one member plays elsewhere, with all its frames", "[runtime]") {
  const TemporaryFolder folder;
  const auto codec = GENERATE(VideoCodec::vp8, VideoCodec::vp9);
  const auto file = folder / "film.webm";
  auto recorder = record_webm(file);
  REQUIRE(recorder.ok());
  send_two_seconds(**recorder, 1, codec);
  send_two_seconds(**recorder, 2, codec);  // a second member, who is not recorded
  CHECK((*recorder)->finish().ok());
  const std::string name = codec == VideoCodec::vp8 ? "vp8" : "vp9";
  const auto probed = probe(file);
  INFO(probed);
  CHECK(probed.find(name + "|320|50") != std::string::npos);
  CHECK(probed.find("opus|1|100") != std::string::npos);
  const auto decoded = test::shell("ffmpeg -v error -i " + file.string() + " -f null -");
  CHECK(decoded.output.empty());
  const auto length = test::shell("ffprobe -v error -show_entries format=duration -of csv=p=0 " + file.string());
  CHECK(std::stod(length.output) == Approx(2.0).margin(0.1));
}

TEST_CASE("a still is a picture that others can read, and nothing is written without one", "[runtime]") {
  const TemporaryFolder folder;
  auto still = keep_still(folder / "still.png");
  REQUIRE(still.ok());
  (*still)->show(1, picture_at(1), {});
  (*still)->show(1, picture_at(2), {});
  CHECK((*still)->finish().ok());
  const auto probed = test::shell("ffprobe -v error -show_entries stream=codec_name,width,height -of csv " +
                                  (folder / "still.png").string());
  CHECK(probed.output == "stream,png,320,180\n");
  auto none = keep_still(folder / "none.png");
  CHECK((*none)->finish().ok());
  CHECK_FALSE(std::filesystem::exists(folder / "none.png"));
}

TEST_CASE("files that cannot be written are told before the call", "[runtime]") {
  const TemporaryFolder folder;
  CHECK_FALSE(record_webm(folder / "no" / "film.webm").ok());
  const auto still = keep_still(folder / "no" / "still.png");
  REQUIRE_FALSE(still.ok());
  CHECK(still.error().code == ErrorCode::io_error);
}

}  // namespace conclave
