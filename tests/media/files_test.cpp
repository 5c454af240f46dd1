#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "media/opus.h"
#include "media/picture.h"
#include "media/png_writer.h"
#include "media/synthetic_picture.h"
#include "media/synthetic_sound.h"
#include "media/vpx_encoder.h"
#include "media/webm_writer.h"
#include "support/sealed.h"

using namespace conclave;
using namespace conclave::media;
using namespace conclave::test;
namespace fs = std::filesystem;

namespace {

struct Place {
  fs::path path;
  explicit Place(const char* name) : path(fs::temp_directory_path() / (std::to_string(std::random_device{}()) + name)) {}
  ~Place() { fs::remove(path); }
};

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  char buffer[4096];
  for (std::size_t n = 0; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
  return pclose(pipe) == 0 ? text : "";
}

nlohmann::json probe(const fs::path& file) {
  const auto text = output_of("ffprobe -v error -count_packets -show_streams -show_format -of json " + file.string() + " 2>&1");
  return text.empty() ? nlohmann::json{} : nlohmann::json::parse(text, nullptr, false);
}

/// Decodes everything; true when ffmpeg had nothing to complain about.
bool plays(const fs::path& file) { return output_of("ffmpeg -v warning -i " + file.string() + " -f null - 2>&1; echo done") == "done\n"; }

/// Two sources that write until a given second.
struct Sources {
  OpusEncoder opus = *OpusEncoder::create({});
  VpxEncoder vpx;
  SyntheticSound sound;
  VideoCodec codec;
  std::int64_t origin_ms = 777'000;

  explicit Sources(VideoCodec kind) : vpx(*VpxEncoder::create({.codec = kind, .width = 320, .height = 180})), codec(kind) {}

  void write(WebmWriter& writer, int from_ms, int to_ms, bool with_audio, bool with_video, int width = 320, int height = 180) {
    for (int t = from_ms; t < to_ms; t += 20) {
      if (with_audio) REQUIRE(writer.write(*opus.encode(sound.next(at_ms(origin_ms + t))), 1).ok());
      if (with_video && t % 40 == 0) {
        const auto frame = *vpx.encode(synthetic_picture(width, height, static_cast<std::uint32_t>(t), at_ms(origin_ms + t)));
        REQUIRE(writer.write(*frame, codec).ok());
      }
    }
  }
};

}  // namespace

TEST_CASE("a WebM file with sound and picture is whole for ffprobe and ffmpeg", "[media]") {
  const auto codec = GENERATE(VideoCodec::vp8, VideoCodec::vp9);
  const Place place(".webm");
  auto writer = *WebmWriter::create(place.path.string());
  Sources sources(codec);
  sources.write(writer, 0, 3'000, true, true);
  REQUIRE(writer.finish().ok());
  const auto report = probe(place.path);
  REQUIRE(report["streams"].size() == 2);
  CHECK(std::abs(std::stod(report["format"]["duration"].get<std::string>()) - 3.0) < 0.05);
  for (const auto& stream : report["streams"]) {
    const bool video = stream["codec_type"] == "video";
    CHECK(stream["codec_name"] == (!video ? "opus" : codec == VideoCodec::vp8 ? "vp8" : "vp9"));
    CHECK(stream["nb_read_packets"] == (video ? "75" : "150"));
  }
  CHECK(plays(place.path));
}

TEST_CASE("a WebM file is valid with sound alone, with picture alone, and without its expected sound", "[media]") {
  const Place sound_only("s.webm"), picture_only("p.webm"), short_one("x.webm");
  Sources sources(VideoCodec::vp8);
  {
    auto writer = *WebmWriter::create(sound_only.path.string());
    sources.write(writer, 0, 5'000, true, false);
  }
  CHECK(probe(sound_only.path)["streams"].size() == 1);
  CHECK(plays(sound_only.path));
  {
    auto writer = *WebmWriter::create(picture_only.path.string(), {.audio = false});
    sources.write(writer, 5'000, 7'000, false, true);
  }
  CHECK(probe(picture_only.path)["streams"].size() == 1);
  CHECK(plays(picture_only.path));
  sources.vpx.request_keyframe();
  {
    auto writer = *WebmWriter::create(short_one.path.string());
    sources.write(writer, 8'000, 8'400, false, true);
  }
  CHECK(probe(short_one.path)["streams"].size() == 1);
  CHECK(plays(short_one.path));
}

TEST_CASE("a WebM file plays through a change of size", "[media]") {
  const Place place(".webm");
  auto writer = *WebmWriter::create(place.path.string());
  Sources sources(VideoCodec::vp8);
  sources.write(writer, 0, 1'000, true, true);
  sources.write(writer, 1'000, 2'000, true, true, 640, 360);
  REQUIRE(writer.finish().ok());
  CHECK(probe(place.path)["streams"].size() == 2);
  CHECK(plays(place.path));
}

TEST_CASE("a WebM file that was never finished still plays what its clusters hold", "[media]") {
  const Place place(".webm"), copy("copy.webm");
  auto writer = *WebmWriter::create(place.path.string());
  Sources sources(VideoCodec::vp8);
  sources.write(writer, 0, 6'000, true, true);
  fs::copy_file(place.path, copy.path);  // as a killed process leaves it
  const auto report = probe(copy.path);
  REQUIRE(report["streams"].size() == 2);
  for (const auto& stream : report["streams"]) {
    const int expected = stream["codec_type"] == "video" ? 100 : 200;  // four of the six seconds at least
    CHECK(std::stoi(stream["nb_read_packets"].get<std::string>()) >= expected);
  }
}

TEST_CASE("frames out of order and before the first keyframe are left out of the file and counted", "[media]") {
  const Place place(".webm");
  auto writer = *WebmWriter::create(place.path.string());
  Sources sources(VideoCodec::vp8);
  const auto key = **sources.vpx.encode(synthetic_picture(320, 180, 0, at_ms(0)));
  const auto next = **sources.vpx.encode(synthetic_picture(320, 180, 1, at_ms(40)));
  CHECK(writer.write(next, VideoCodec::vp8).ok());
  CHECK(writer.left_out() == 1);
  CHECK(writer.write(key, VideoCodec::vp8).ok());
  CHECK(writer.write(key, VideoCodec::vp8).ok());
  CHECK(writer.write(next, VideoCodec::vp9).ok());
  CHECK(writer.left_out() == 3);
  REQUIRE(writer.finish().ok());
  CHECK(writer.write(next, VideoCodec::vp8).error().code == ErrorCode::invalid_state);
}

TEST_CASE("a WebM file that gets no frames leaves its place as it was", "[media]") {
  const Place older("old.webm"), none("none.webm");
  std::ofstream(older.path) << "precious";
  {
    auto writer = *WebmWriter::create(older.path.string());
    auto other = *WebmWriter::create(none.path.string());
    CHECK(fs::file_size(older.path) == 8);
    CHECK_FALSE(fs::exists(none.path));
    REQUIRE(writer.finish().ok());
  }
  CHECK(fs::file_size(older.path) == 8);
  CHECK_FALSE(fs::exists(none.path));
  {
    auto writer = *WebmWriter::create(older.path.string(), {.video = false});
    Sources(VideoCodec::vp8).write(writer, 0, 100, true, false);
  }
  CHECK(plays(older.path));
}

TEST_CASE("files that cannot be written are an error with the reason", "[media]") {
  CHECK(WebmWriter::create("/nonexistent/folder/a.webm").error().code == ErrorCode::io_error);
  CHECK(WebmWriter::create("/nonexistent/a.webm").error().detail ==
        "the WebM file \"/nonexistent/a.webm\" cannot be written: No such file or directory");
  CHECK(WebmWriter::create(fs::temp_directory_path().string()).error().code == ErrorCode::io_error);
  CHECK(write_png("/nonexistent/folder/a.png", make_picture(16, 16)).error().code == ErrorCode::io_error);
  CHECK(write_png("/nonexistent/folder/a.png", VideoFrame{}).error().code == ErrorCode::invalid_argument);
}

TEST_CASE("a PNG shows the picture", "[media]") {
  const Place place(".png");
  auto picture = make_picture(33, 17);
  std::fill(picture.y.begin(), picture.y.end(), std::uint8_t{81});  // BT.601 red
  std::fill(picture.u.begin(), picture.u.end(), std::uint8_t{90});
  std::fill(picture.v.begin(), picture.v.end(), std::uint8_t{240});
  REQUIRE(write_png(place.path.string(), picture).ok());
  const auto rgb = output_of("ffmpeg -v error -i " + place.path.string() + " -f rawvideo -pix_fmt rgb24 -");
  REQUIRE(rgb.size() == 33 * 17 * 3);
  CHECK(static_cast<std::uint8_t>(rgb[0]) > 250);
  CHECK(static_cast<std::uint8_t>(rgb[1]) < 5);
  CHECK(static_cast<std::uint8_t>(rgb[2]) < 5);
}
