// Files through the ffmpeg program: one process per file, a pipe per medium.
#include <algorithm>
#include <cstring>
#include <mutex>

#include "base/result.h"
#include "conclave/devices.h"
#include "media/picture.h"
#include "runtime/devices/block_reader.h"
#include "runtime/devices/child_process.h"
#include "runtime/devices/ffmpeg_command.h"
#include "runtime/devices/pace.h"
#include "runtime/devices/sentence.h"
#include "runtime/steady_time.h"

namespace conclave {
namespace runtime {
namespace {

constexpr Duration start_timeout = std::chrono::seconds(4);
constexpr std::size_t most_bytes_ahead = std::size_t{64} << 20;

std::size_t chroma_size(const VideoConfig& video) {
  return static_cast<std::size_t>(media::chroma_side(video.width)) *
         static_cast<std::size_t>(media::chroma_side(video.height));
}

std::size_t luma_size(const VideoConfig& video) {
  return static_cast<std::size_t>(video.width) * static_cast<std::size_t>(video.height);
}

std::size_t picture_size(const VideoConfig& video) { return luma_size(video) + 2 * chroma_size(video); }

std::size_t sound_size(const AudioConfig& audio) {
  return sizeof(std::int16_t) * static_cast<std::size_t>(audio_frame_samples * audio.channels);
}

/// Files interleave picture and sound by up to a second or so: as much has to be read ahead that neither starves the
/// other.
std::size_t blocks_ahead(std::size_t block_size, int rate) {
  const auto most = std::max<std::size_t>(most_bytes_ahead / block_size, 4);
  return std::min(most, static_cast<std::size_t>(2 * rate));
}

/// One running ffmpeg, shared by the sources that read from it.
class Decoder {
 public:
  Decoder(std::filesystem::path file, ChildProcess child) : file_(std::move(file)), child_(std::move(child)) {}

  [[nodiscard]] int output(int pipe) const { return child_.output(pipe); }

  /// Why it ended, once a pipe has come to its end; nothing after the end of the file.
  std::optional<Error> verdict() {
    const std::lock_guard lock(mutex_);
    if (child_.wait() == 0) return std::nullopt;
    complaints_ += child_.errors();
    return Error{ErrorCode::io_error, explain_ffmpeg(file_, complaints_)};
  }

  [[nodiscard]] Error too_slow() const {
    return {ErrorCode::io_error, "ffmpeg does not get at the file " + in_quotes(file_) + " in time"};
  }

 private:
  std::mutex mutex_;
  const std::filesystem::path file_;
  ChildProcess child_;
  std::string complaints_;
};

/// The frames of one pipe, each at its time.
class PacedBlocks {
 public:
  PacedBlocks(std::shared_ptr<Decoder> decoder, std::shared_ptr<CaptureStart> start, int pipe, std::size_t block_size,
              int rate)
      : decoder_(std::move(decoder)),
        start_(std::move(start)),
        rate_(rate),
        reader_(decoder_->output(pipe), block_size, blocks_ahead(block_size, rate)) {}

  struct Timed {
    Bytes block;
    Time due{};
  };

  /// Blocks until there is something to play; an error when the file ends before.
  Result<void> prime() {
    first_ = reader_.blocks().pop_within(start_timeout);
    if (first_) return {};
    if (!reader_.blocks().finished()) return decoder_->too_slow();
    return decoder_->verdict().value_or(Error{ErrorCode::io_error, "the file has nothing to play"});
  }

  Result<std::optional<Timed>> next() {
    auto block = first_ ? std::exchange(first_, std::nullopt) : reader_.blocks().pop_waiting();
    if (stop_.raised()) return std::optional<Timed>();
    if (!block) return ended();
    const Time due = start_->due(offset_of(index_++, rate_), steady_now());
    if (stop_.sleep_until(due)) return std::optional<Timed>();
    return std::optional<Timed>({std::move(*block), due});
  }

  void stop() {
    stop_.raise();
    reader_.discard();
  }

 private:
  Result<std::optional<Timed>> ended() {
    if (auto error = decoder_->verdict()) return *std::move(error);
    return std::optional<Timed>();
  }

  std::shared_ptr<Decoder> decoder_;
  std::shared_ptr<CaptureStart> start_;
  int rate_;
  std::uint64_t index_ = 0;
  std::optional<Bytes> first_;
  StopSignal stop_;
  BlockReader reader_;
};

class FileVideo final : public VideoSource {
 public:
  FileVideo(std::shared_ptr<Decoder> decoder, std::shared_ptr<CaptureStart> start, int pipe, const VideoConfig& config)
      : config_(config),
        blocks_(std::move(decoder), std::move(start), pipe, picture_size(config), config.frames_per_second) {}

  Result<void> prime() { return blocks_.prime(); }
  void stop() override { blocks_.stop(); }

  Result<std::optional<VideoFrame>> next() override {
    CONCLAVE_ASSIGN(timed, blocks_.next());
    if (!timed) return std::optional<VideoFrame>();
    const ByteView bytes = timed->block;
    const auto luma = luma_size(config_);
    const auto chroma = chroma_size(config_);
    VideoFrame frame{timed->due, config_.width, config_.height, {}, {}, {}};
    frame.y.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(luma));
    frame.u.assign(bytes.begin() + static_cast<std::ptrdiff_t>(luma),
                   bytes.end() - static_cast<std::ptrdiff_t>(chroma));
    frame.v.assign(bytes.end() - static_cast<std::ptrdiff_t>(chroma), bytes.end());
    return std::optional(std::move(frame));
  }

 private:
  VideoConfig config_;
  PacedBlocks blocks_;
};

class FileAudio final : public AudioSource {
 public:
  FileAudio(std::shared_ptr<Decoder> decoder, std::shared_ptr<CaptureStart> start, int pipe, const AudioConfig& config)
      : channels_(config.channels),
        blocks_(std::move(decoder), std::move(start), pipe, sound_size(config), audio_frame_rate) {}

  Result<void> prime() { return blocks_.prime(); }
  void stop() override { blocks_.stop(); }

  Result<std::optional<AudioFrame>> next() override {
    CONCLAVE_ASSIGN(timed, blocks_.next());
    if (!timed) return std::optional<AudioFrame>();
    AudioFrame frame{timed->due, channels_, std::vector<std::int16_t>(timed->block.size() / sizeof(std::int16_t))};
    std::memcpy(frame.samples.data(), timed->block.data(), timed->block.size());
    return std::optional(std::move(frame));
  }

 private:
  int channels_;
  PacedBlocks blocks_;
};

Result<void> check_readable(const std::filesystem::path& file) {
  std::error_code failed;
  if (!std::filesystem::exists(file, failed)) return Error{ErrorCode::io_error, "there is no file " + in_quotes(file)};
  if (std::filesystem::is_directory(file, failed)) return Error{ErrorCode::io_error, in_quotes(file) + " is a folder"};
  if (::access(file.c_str(), R_OK) != 0)
    return Error{ErrorCode::io_error, "the file " + in_quotes(file) + " may not be read"};
  return {};
}

Result<MediaSources> open_job(const FfmpegJob& job, const std::shared_ptr<CaptureStart>& start) {
  CONCLAVE_TRY(check_readable(job.file));
  CONCLAVE_ASSIGN(child, ChildProcess::start(ffmpeg_arguments(job), (job.video ? 1 : 0) + (job.audio ? 1 : 0)));
  const auto decoder = std::make_shared<Decoder>(job.file, std::move(child));
  std::unique_ptr<FileVideo> video;
  std::unique_ptr<FileAudio> audio;
  if (job.video) video = std::make_unique<FileVideo>(decoder, start, 0, *job.video);
  if (job.audio) audio = std::make_unique<FileAudio>(decoder, start, job.video ? 1 : 0, *job.audio);
  if (video) CONCLAVE_TRY(video->prime());
  if (audio) CONCLAVE_TRY(audio->prime());
  return MediaSources{std::move(video), std::move(audio)};
}

}  // namespace
}  // namespace runtime

Result<MediaSources> open_file(const FileConfig& file, const VideoConfig& video, const AudioConfig& audio) {
  using runtime::FfmpegJob;
  const auto start = std::make_shared<runtime::CaptureStart>();
  if (file.video == file.audio && !file.video.empty()) {
    return runtime::open_job(FfmpegJob{file.video, file.loop, video, audio}, start);
  }
  MediaSources sources;
  if (!file.video.empty()) {
    CONCLAVE_ASSIGN(opened, runtime::open_job(FfmpegJob{file.video, file.loop, video, std::nullopt}, start));
    sources.video = std::move(opened.video);
  }
  if (!file.audio.empty()) {
    CONCLAVE_ASSIGN(opened, runtime::open_job(FfmpegJob{file.audio, file.loop, std::nullopt, audio}, start));
    sources.audio = std::move(opened.audio);
  }
  return sources;
}

}  // namespace conclave
