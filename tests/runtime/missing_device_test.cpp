// The reference machine has no camera, microphone, loudspeaker or screen; where one is there, its case is skipped.
#include <iostream>

#include "conclave/devices.h"
#include "support.h"

namespace conclave {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

TEST_CASE("a missing camera is told by what was tried", "[runtime]") {
  const auto named = open_camera("/dev/video-none", {});
  REQUIRE_FALSE(named.ok());
  CHECK(named.error().code == ErrorCode::device_missing);
  CHECK(named.error().detail == "the camera cannot be used: /dev/video-none: No such file or directory");
  const auto other = open_camera("/dev/null", {});
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().detail == "the camera cannot be used: /dev/null: not a Video4Linux device");
}

TEST_CASE("without any camera the folder that was searched is named", "[runtime]") {
  const auto camera = open_camera("", {});
  if (camera.ok()) {
    std::cout << "SKIPPED: there is a camera" << std::endl;
    return;
  }
  CHECK(camera.error().code == ErrorCode::device_missing);
  CHECK_THAT(camera.error().detail, Contains("/dev/video"));
}

TEST_CASE("a missing microphone is told by what was tried", "[runtime]") {
  const auto microphone = open_microphone("no such microphone", {});
  REQUIRE_FALSE(microphone.ok());
  CHECK(microphone.error().code == ErrorCode::device_missing);
  CHECK_THAT(microphone.error().detail, StartsWith("no microphone"));
}

TEST_CASE("a missing loudspeaker is told", "[runtime]") {
  const auto speaker = open_speaker();
  if (speaker.ok()) {
    std::cout << "SKIPPED: there is a loudspeaker" << std::endl;
    return;
  }
  CHECK(speaker.error().code == ErrorCode::device_missing);
  CHECK_THAT(speaker.error().detail, StartsWith("no loudspeaker"));
}

TEST_CASE("a missing screen is told", "[runtime]") {
  ::setenv("SDL_VIDEODRIVER", "no-such-driver", 1);
  const auto window = open_window("test");
  ::unsetenv("SDL_VIDEODRIVER");
  REQUIRE_FALSE(window.ok());
  CHECK(window.error().code == ErrorCode::device_missing);
  CHECK_THAT(window.error().detail, StartsWith("no screen to show pictures on"));
}

TEST_CASE("a window takes pictures of any size and ends", "[runtime]") {
  ::setenv("SDL_VIDEODRIVER", "dummy", 1);
  const auto window = open_window("test");
  ::unsetenv("SDL_VIDEODRIVER");
  REQUIRE(window.ok());
  for (const int width : {64, 33, 320}) {
    (*window)->show(1,
                    VideoFrame{{},
                               width,
                               20,
                               Bytes(static_cast<std::size_t>(width * 20)),
                               Bytes(static_cast<std::size_t>((width + 1) / 2 * 10)),
                               Bytes(static_cast<std::size_t>((width + 1) / 2 * 10))},
                    {});
  }
  CHECK((*window)->finish().ok());
}

}  // namespace conclave
