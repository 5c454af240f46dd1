#include <catch2/catch.hpp>
#include <thread>

#include "conclave/devices.h"
#include "media/synthetic_picture.h"
#include "runtime/capture.h"
#include "runtime/steady_time.h"

namespace conclave::runtime {

using std::chrono::milliseconds;

VideoConfig quick_video() {
  VideoConfig video;
  video.width = 320;
  video.height = 180;
  video.frames_per_second = 50;
  return video;
}

TEST_CASE("synthetic pictures carry their number and capture time, in real time", "[runtime]") {
  const auto source = synthetic_video(quick_video());
  const Time begun = steady_now();
  for (std::uint32_t number = 0; number < 10; ++number) {
    const auto picture = source->next();
    REQUIRE(picture.ok());
    REQUIRE(picture->has_value());
    const auto burnt_in = media::read_burnt_in(**picture);
    REQUIRE(burnt_in.has_value());
    CHECK(burnt_in->frame_number == number);
    CHECK(burnt_in->time == (*picture)->capture_time);
    CHECK((*picture)->capture_time <= steady_now());
  }
  CHECK(steady_now() - begun >= milliseconds(180));
  CHECK(steady_now() - begun < milliseconds(400));
}

TEST_CASE("nothing is captured before the start or after the stop", "[runtime]") {
  VideoCapture capture(synthetic_video(quick_video()), 100, std::make_shared<Waker>());
  std::this_thread::sleep_for(milliseconds(50));
  CHECK(capture.captured() == 0);
  capture.start();
  std::this_thread::sleep_for(milliseconds(100));
  capture.stop();
  const auto captured = capture.captured();
  CHECK(captured >= 3);
  std::this_thread::sleep_for(milliseconds(50));
  CHECK(capture.captured() == captured);
}

TEST_CASE("a capture whose frames nobody takes keeps its bound and counts what it skips", "[runtime]") {
  VideoCapture capture(synthetic_video(quick_video()), 2, std::make_shared<Waker>());
  capture.start();
  std::this_thread::sleep_for(milliseconds(150));
  capture.stop();
  CHECK(capture.skipped() == capture.captured() - 2);
  CHECK(capture.pop().has_value());
  CHECK(capture.pop().has_value());
  CHECK_FALSE(capture.pop().has_value());
}

/// Three frames, then an error.
class BreakingSource final : public AudioSource {
 public:
  Result<std::optional<AudioFrame>> next() override {
    if (count_++ < 3) return std::optional(AudioFrame());
    return Error{ErrorCode::device_missing, "unplugged"};
  }
  void stop() override {}

 private:
  int count_ = 0;
};

TEST_CASE("a source that breaks is told once, after its last frame", "[runtime]") {
  AudioCapture capture(std::make_unique<BreakingSource>(), 10, std::make_shared<Waker>());
  capture.start();
  std::this_thread::sleep_for(milliseconds(50));
  CHECK_FALSE(capture.take_end());
  int frames = 0;
  while (capture.pop()) ++frames;
  CHECK(frames == 3);
  CHECK(capture.take_end());
  CHECK(capture.error()->detail == "unplugged");
  CHECK_FALSE(capture.take_end());
}

}  // namespace conclave::runtime
