// How the ffmpeg program is asked for raw media, and what its complaints mean.
#pragma once

#include <string>
#include <vector>

#include "conclave/devices.h"

namespace conclave::runtime {

/// What one ffmpeg process is to decode from one local file.
struct FfmpegJob {
  std::filesystem::path file;
  bool loop = false;
  std::optional<VideoConfig> video;  ///< raw I420 pictures on the first pipe
  std::optional<AudioConfig> audio;  ///< raw 16-bit samples on the next one
};

/// The argument list: no network protocol, and no format that leads to other files, whatever the file's name says it is.
std::vector<std::string> ffmpeg_arguments(const FfmpegJob& job);

/// One sentence, without control characters, out of ffmpeg's standard error.
std::string explain_ffmpeg(const std::filesystem::path& file, const std::string& errors);

}  // namespace conclave::runtime
