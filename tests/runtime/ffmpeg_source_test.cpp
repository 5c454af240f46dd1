#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "conclave/devices.h"
#include "runtime/devices/ffmpeg_command.h"
#include "support.h"

namespace conclave {

using std::chrono::milliseconds;
using test::TemporaryFolder;

VideoConfig small_video(int rate = 25) {
  VideoConfig video;
  video.width = 160;
  video.height = 120;
  video.frames_per_second = rate;
  return video;
}

/// Reads a source to its end, or until `most` frames.
template <class Source>
auto take(Source& source, std::size_t most = 100'000) {
  using Next = decltype(source.next());
  std::vector<typename Next::value_type::value_type> frames;
  while (frames.size() < most) {
    auto frame = source.next();
    if (!frame.ok() || !*frame) break;  // whoever counts the frames notices; two threads may not assert at once
    frames.push_back(**std::move(frame));
  }
  return frames;
}

TEST_CASE("a film gives all its pictures and sound, in real time and in step", "[runtime]") {
  const TemporaryFolder folder;
  const auto film = test::make_film(folder, "1.2");
  auto sources = open_file({film, film, false}, small_video(), {});
  REQUIRE(sources.ok());
  std::vector<AudioFrame> sound;
  std::thread listener([&] { sound = take(*sources->audio); });
  const Time begun = runtime::steady_now();
  const auto pictures = take(*sources->video);
  const auto lasted = runtime::steady_now() - begun;
  listener.join();
  CHECK(pictures.size() == 30);
  CHECK(sound.size() == 60);
  CHECK(lasted > milliseconds(1100));
  REQUIRE_FALSE(pictures.empty());
  REQUIRE_FALSE(sound.empty());
  CHECK(pictures.front().y.size() == 160 * 120);
  CHECK(pictures.front().u.size() == 80 * 60);
  CHECK(pictures.back().capture_time - pictures.front().capture_time == milliseconds(1160));
  CHECK(sound.front().samples.size() == audio_frame_samples);
  CHECK(std::chrono::abs(sound.front().capture_time - pictures.front().capture_time) < milliseconds(10));
  const auto loudest = *std::max_element(sound[30].samples.begin(), sound[30].samples.end());
  CHECK(loudest > 1000);
}

TEST_CASE("a film is scaled into the size and rate that are asked for", "[runtime]") {
  const TemporaryFolder folder;
  auto video = small_video(10);
  video.width = 101;
  video.height = 33;
  auto sources = open_file({test::make_film(folder, "1"), "", false}, video, {});
  REQUIRE(sources.ok());
  CHECK(sources->audio == nullptr);
  const auto pictures = take(*sources->video);
  CHECK(pictures.size() == 10);
  REQUIRE_FALSE(pictures.empty());
  CHECK(pictures[0].y.size() == 101 * 33);
  CHECK(pictures[0].v.size() == 51 * 17);
  CHECK(pictures[0].y[0] == 16);  // the bar beside the picture
}

TEST_CASE("a looped film has no end, and stops when it is told", "[runtime]") {
  const TemporaryFolder folder;
  const auto film = test::make_film(folder, "0.4");
  auto sources = open_file({film, film, true}, small_video(), {});
  REQUIRE(sources.ok());
  CHECK(take(*sources->video, 30).size() == 30);
  std::thread stopper([&] {
    std::this_thread::sleep_for(milliseconds(50));
    sources->video->stop();
  });
  const Time begun = runtime::steady_now();
  take(*sources->video);
  CHECK(runtime::steady_now() - begun < milliseconds(500));
  stopper.join();
  CHECK(take(*sources->audio, 70).size() == 70);  // the sound goes on without the picture
}

TEST_CASE("two files of a call begin together", "[runtime]") {
  const TemporaryFolder folder;
  const auto film = test::make_film(folder, "0.4");
  const auto copy = folder / "copy.mkv";
  std::filesystem::copy_file(film, copy);
  auto sources = open_file({film, copy, false}, small_video(), {});
  REQUIRE(sources.ok());
  const auto picture = take(*sources->video, 1);
  const auto sound = take(*sources->audio, 1);
  CHECK(picture.at(0).capture_time == sound.at(0).capture_time);
}

TEST_CASE("what is wrong with a file is said in one sentence", "[runtime]") {
  const TemporaryFolder folder;
  const auto film = test::make_film(folder, "0.2");
  const auto mute = folder / "mute.mkv";
  REQUIRE(test::shell("ffmpeg -v error -i " + film.string() + " -an -c copy " + mute.string()).status == 0);
  std::ofstream(folder / "text.mkv") << "no film at all\n";
  const auto detail = [&](const FileConfig& file) {
    const auto opened = open_file(file, small_video(), {});
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error().code == ErrorCode::io_error);
    return opened.error().detail;
  };
  const auto quoted = [&](const std::string& name) { return '"' + (folder / name).string() + '"'; };
  CHECK(detail({folder / "none.mkv", "", false}) == "there is no file " + quoted("none.mkv"));
  CHECK(detail({folder / ".", "", false}) == quoted(".") + " is a folder");
  CHECK(detail({"", mute, false}) == "the file " + quoted("mute.mkv") + " has no sound");
  CHECK(detail({folder / "text.mkv", "", false}) ==
        "ffmpeg cannot decode the file " + quoted("text.mkv") + ": Invalid data found when processing input");
}

TEST_CASE("a file cannot make ffmpeg open the network or another file", "[runtime][attack]") {
  const TemporaryFolder folder;
  std::ofstream(folder / "list.m3u8") << "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n";
  CHECK_FALSE(open_file({folder / "list.m3u8", "", false}, small_video(), {}).ok());
  const auto arguments = runtime::ffmpeg_arguments({"http://127.0.0.1/x.mp4", true, small_video(), AudioConfig()});
  CHECK(std::find(arguments.begin(), arguments.end(), "file:http://127.0.0.1/x.mp4") != arguments.end());
  const auto whitelist = std::find(arguments.begin(), arguments.end(), "-protocol_whitelist");
  REQUIRE(whitelist != arguments.end());
  CHECK(*std::next(whitelist) == "file");
}

TEST_CASE("a list of files that is passed off as a film is refused, whatever it is called", "[runtime][attack]") {
  const TemporaryFolder folder;
  const auto film = test::make_film(folder, "0.5");
  const auto segment = folder / "other.ts";
  REQUIRE(test::shell("ffmpeg -v error -i " + film.string() + " -c:v mpeg2video -an " + segment.string()).status == 0);
  std::ofstream(folder / "concat.mp4") << "ffconcat version 1.0\nfile other.ts\n";
  std::ofstream(folder / "hls.mp4") << "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nother.ts\n#EXT-X-ENDLIST\n";
  std::ofstream(folder / "dash.mp4")
      << R"(<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static")"
      << R"( profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" mediaPresentationDuration="PT1S" minBufferTime="PT1S"><Period>)"
      << R"(<AdaptationSet mimeType="video/mp2t"><Representation id="1" bandwidth="1000"><BaseURL>other.ts</BaseURL>)"
      << R"(</Representation></AdaptationSet></Period></MPD>)";
  REQUIRE(open_file({segment, "", false}, small_video(), {}).ok());
  for (const char* name : {"concat.mp4", "hls.mp4", "dash.mp4"}) {
    const auto opened = open_file({folder / name, "", false}, small_video(), {});
    INFO(name);
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error().detail.find("playlists are not") != std::string::npos);
  }
}

TEST_CASE("ffmpeg's complaints lose context, path and control characters", "[runtime]") {
  const auto explain = [](const std::string& errors) { return runtime::explain_ffmpeg("/a/b", errors); };
  CHECK(explain("x\n[mov,mp4 @ 0x55] [eh] moov atom not found\n") ==
        "ffmpeg cannot decode the file \"/a/b\": moov atom not found");
  CHECK(explain("file:/a/b: Odd \x1b[31mthing\n") == "ffmpeg cannot decode the file \"/a/b\": Odd ?[31mthing");
  CHECK(explain("") == "ffmpeg cannot decode the file \"/a/b\"");
}

TEST_CASE("a decoder that dies in the middle ends its source with an error", "[runtime]") {
  const TemporaryFolder folder;
  auto sources = open_file({test::make_film(folder, "60"), "", true}, small_video(60), {});
  REQUIRE(sources.ok());
  REQUIRE(sources->video->next().ok());
  const auto ours = test::shell("pgrep -P " + std::to_string(::getpid()) + " -x ffmpeg");
  REQUIRE(ours.status == 0);
  REQUIRE(::kill(std::stoi(ours.output), SIGKILL) == 0);
  bool failed = false;
  for (int frame = 0; frame < 1000 && !failed; ++frame) {
    const auto next = sources->video->next();
    failed = !next.ok();
    if (next.ok()) REQUIRE(next->has_value());
  }
  CHECK(failed);
}

TEST_CASE("no ffmpeg is left when its sources are gone", "[runtime]") {
  const TemporaryFolder folder;
  const auto film = test::make_film(folder, "60");
  { REQUIRE(open_file({film, film, true}, small_video(), {}).ok()); }
  CHECK(test::shell("pgrep -P " + std::to_string(::getpid()) + " -x ffmpeg").status == 1);
}

}  // namespace conclave
