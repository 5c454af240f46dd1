// Received sound and picture into a WebM file.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "conclave/media.h"

namespace conclave::media {

/// Which tracks to expect. A track that nothing came for is left out if nothing is known of it when the header is
/// written.
struct WebmConfig {
  bool audio = true;
  bool video = true;
};

/// Writes Opus and VP8 or VP9 as they come, without decoding. Clusters of at most a second reach the file as they end,
/// so that it plays even when the process was killed. Destroying it finalises the file. What stood at the path is
/// replaced when the header is written; a writer that got no frames leaves the path as it was.
class WebmWriter {
 public:
  /// Until every expected track has begun, or this much of one has come, frames wait in memory for the header.
  static constexpr Duration header_wait = std::chrono::seconds(3);

  /// `io_error` when the file cannot be written; found out without touching it.
  static Result<WebmWriter> create(const std::string& path, WebmConfig config = {});
  WebmWriter(WebmWriter&&) noexcept;
  WebmWriter& operator=(WebmWriter&&) noexcept;
  ~WebmWriter();

  /// Frames of a track must come in the order of their capture times; an older one is left out and counted. Video
  /// begins with its first keyframe; what comes before is left out. `io_error` when writing fails.
  Result<void> write(const EncodedAudio& frame, int channels);
  Result<void> write(const EncodedVideo& frame, VideoCodec codec);

  /// Writes duration and index, and closes. Nothing can be written after.
  Result<void> finish();

  [[nodiscard]] std::uint64_t left_out() const;

 private:
  class Impl;
  explicit WebmWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace conclave::media
