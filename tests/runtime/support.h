// What the tests of sources, sinks and programs share.
#pragma once

#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "conclave/time.h"
#include "runtime/steady_time.h"

namespace conclave::test {

/// A folder that vanishes at the end of the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "conclave-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

struct ShellOutcome {
  int status = -1;
  std::string output;
};

/// What a command of the test's own making prints, for checking files with ffmpeg's tools.
inline ShellOutcome shell(const std::string& command) {
  ShellOutcome outcome;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  char block[4096];
  while (const auto size = std::fread(block, 1, sizeof block, pipe)) outcome.output.append(block, size);
  const int status = ::pclose(pipe);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

/// A film of `seconds` with a test picture of 160x120 at 25 fps and a tone in it.
inline std::filesystem::path make_film(const TemporaryFolder& folder, const std::string& seconds) {
  const auto film = folder / "film.mkv";
  const auto made = shell("ffmpeg -v error -f lavfi -i testsrc=size=160x120:rate=25:duration=" + seconds +
                          " -f lavfi -i sine=frequency=440:sample_rate=44100:duration=" + seconds +
                          " -c:v mpeg4 -c:a pcm_s16le -y " + film.string());
  INFO(made.output);
  REQUIRE(made.status == 0);
  return film;
}

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace conclave::test
