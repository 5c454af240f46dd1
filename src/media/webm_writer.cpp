#include "media/webm_writer.h"

extern "C" {
#include <libavcodec/packet.h>
#include <libavformat/avformat.h>
#include <libavutil/mathematics.h>
#include <libavutil/opt.h>
}

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "media/vpx_header.h"

namespace conclave::media {

namespace {

constexpr std::int64_t cluster_ms = 1'000;
constexpr std::int64_t opus_preskip = 312;       // samples at 48 kHz: libopus's look-ahead
constexpr std::int64_t opus_preroll = 3'840;     // RFC 7845 section 4.6: 80 ms
constexpr std::int64_t interleave_us = 500'000;  // how long one track waits for the other to be written in order
constexpr Duration longest_step = std::chrono::hours(1);
constexpr std::size_t max_waiting = 2'000;
constexpr AVRational microseconds{1, 1'000'000};

/// RFC 7845 section 5.1, channel mapping family 0.
Bytes opus_head(int channels) {
  Bytes head = {'O', 'p', 'u', 's', 'H', 'e', 'a', 'd', 1, static_cast<std::uint8_t>(channels)};
  const std::array<std::uint8_t, 9> rest = {opus_preskip & 0xFF, opus_preskip >> 8, 0x80, 0xBB, 0, 0, 0, 0, 0};
  head.insert(head.end(), rest.begin(), rest.end());
  return head;
}

Error io_error(const std::string& what, int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return {ErrorCode::io_error, what + ": " + text.data()};
}

/// Whether `path` can be written, as an AVERROR code or 0. What stands there stays as it is; nothing is left behind.
int writable(const std::string& path) {
  const int there = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (there >= 0) ::close(there);
  if (there >= 0 || errno != ENOENT) return there >= 0 ? 0 : AVERROR(errno);
  const int made = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (made < 0) return AVERROR(errno);
  ::close(made);
  ::unlink(path.c_str());
  return 0;
}

struct CloseFile {
  void operator()(AVFormatContext* format) const {
    if (format->pb != nullptr) avio_closep(&format->pb);
    avformat_free_context(format);
  }
};

struct FreePacket {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};

enum Track { audio = 0, video = 1 };

struct Waiting {
  Track track = audio;
  Time capture_time{};
  bool keyframe = false;
  Bytes data;
};

/// What the header says of a track.
struct TrackFacts {
  bool expected = false;
  bool begun = false;
  int channels = 1;
  VideoCodec codec = VideoCodec::vp8;
  CodedSize size;
  AVStream* stream = nullptr;
  std::optional<Time> last;
};

}  // namespace

class WebmWriter::Impl {
 public:
  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { static_cast<void>(finish().ok()); }

  Result<void> open(const std::string& path, WebmConfig config);
  Result<void> push(Waiting frame);
  Result<void> finish();

  std::array<TrackFacts, 2> tracks_;
  std::uint64_t left_out_ = 0;

 private:
  [[nodiscard]] bool header_due() const;
  Result<void> begin_file();
  Result<void> write_header();
  bool add_audio(TrackFacts& track);
  bool add_video(TrackFacts& track);
  Result<void> write(const Waiting& frame);

  /// "the WebM file "PATH" cannot be written": with the reason.
  [[nodiscard]] Error failure(int code) const { return io_error("the WebM file \"" + path_ + "\" cannot be written", code); }

  std::string path_;
  std::unique_ptr<AVFormatContext, CloseFile> format_;
  std::vector<Waiting> waiting_;
  bool header_written_ = false;
  bool finished_ = false;
  Time origin_{};
};

Result<void> WebmWriter::Impl::open(const std::string& path, WebmConfig config) {
  path_ = path;
  tracks_[audio].expected = config.audio;
  tracks_[video].expected = config.video;
  AVFormatContext* format = nullptr;
  if (const int error = avformat_alloc_output_context2(&format, nullptr, "webm", path.c_str()); error < 0) {
    return io_error("WebM muxer", error);
  }
  format_.reset(format);
  if (const int error = writable(path); error < 0) return failure(error);
  format->flags |= AVFMT_FLAG_FLUSH_PACKETS;
  format->max_interleave_delta = interleave_us;
  return {};
}

/// Counts and leaves out what cannot stand in the file, keeps what waits for the header, writes the rest.
Result<void> WebmWriter::Impl::push(Waiting frame) {
  if (finished_) return Error{ErrorCode::invalid_state, "the file is finished"};
  auto& track = tracks_[frame.track];
  const bool starts = track.begun || frame.track == audio || frame.keyframe;
  const bool follows =
      !track.last || (frame.capture_time > *track.last && frame.capture_time - *track.last < longest_step);
  if (!starts || !follows || frame.data.empty() || (header_written_ && track.stream == nullptr))
    return ++left_out_, Result<void>{};
  track.begun = true;
  track.last = frame.capture_time;
  if (header_written_) return write(frame);
  waiting_.push_back(std::move(frame));
  return header_due() ? write_header() : Result<void>{};
}

bool WebmWriter::Impl::header_due() const {
  const bool complete =
      std::all_of(tracks_.begin(), tracks_.end(), [](const auto& t) { return t.begun || !t.expected; });
  const auto waited = waiting_.back().capture_time - waiting_.front().capture_time;
  return complete || waited >= header_wait || waiting_.size() >= max_waiting;
}

/// Only now: a file of before is lost to frames, never to a call that did not come about.
Result<void> WebmWriter::Impl::begin_file() {
  if (format_->pb != nullptr) avio_closep(&format_->pb);
  const auto url = "file:" + path_;  // never another protocol, whatever the name looks like
  const int error = avio_open(&format_->pb, url.c_str(), AVIO_FLAG_WRITE);
  return error < 0 ? Result<void>(failure(error)) : Result<void>{};
}

Result<void> WebmWriter::Impl::write_header() {
  CONCLAVE_TRY(begin_file());
  if (tracks_[video].begun && !add_video(tracks_[video])) return Error{ErrorCode::out_of_resources, "WebM track"};
  const bool has_audio = tracks_[audio].begun || (tracks_[audio].expected && !finished_);
  if (has_audio && !add_audio(tracks_[audio])) return Error{ErrorCode::out_of_resources, "WebM track"};
  AVDictionary* options = nullptr;
  av_dict_set_int(&options, "cluster_time_limit", cluster_ms, 0);
  const int error = avformat_write_header(format_.get(), &options);
  av_dict_free(&options);
  if (error < 0) return failure(error);
  header_written_ = true;
  const auto earlier = [](const Waiting& a, const Waiting& b) { return a.capture_time < b.capture_time; };
  std::stable_sort(waiting_.begin(), waiting_.end(), earlier);
  origin_ = waiting_.empty() ? Time{} : waiting_.front().capture_time;
  for (const auto& frame : waiting_) CONCLAVE_TRY(write(frame));
  waiting_ = {};
  return {};
}

bool WebmWriter::Impl::add_audio(TrackFacts& track) {
  track.stream = avformat_new_stream(format_.get(), nullptr);
  const auto head = opus_head(track.channels);
  auto* copy = static_cast<std::uint8_t*>(av_mallocz(head.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  if (track.stream == nullptr || copy == nullptr) return false;
  std::memcpy(copy, head.data(), head.size());
  auto& parameters = *track.stream->codecpar;
  parameters.codec_type = AVMEDIA_TYPE_AUDIO;
  parameters.codec_id = AV_CODEC_ID_OPUS;
  parameters.sample_rate = audio_sample_rate;
  av_channel_layout_default(&parameters.ch_layout, track.channels);
  parameters.frame_size = audio_frame_samples;
  parameters.initial_padding = opus_preskip;
  parameters.seek_preroll = opus_preroll;
  parameters.extradata = copy;
  parameters.extradata_size = static_cast<int>(head.size());
  track.stream->time_base = {1, 1000};
  return true;
}

bool WebmWriter::Impl::add_video(TrackFacts& track) {
  track.stream = avformat_new_stream(format_.get(), nullptr);
  if (track.stream == nullptr) return false;
  auto& parameters = *track.stream->codecpar;
  parameters.codec_type = AVMEDIA_TYPE_VIDEO;
  parameters.codec_id = track.codec == VideoCodec::vp8 ? AV_CODEC_ID_VP8 : AV_CODEC_ID_VP9;
  parameters.width = track.size.width;
  parameters.height = track.size.height;
  parameters.format = 0;  // AV_PIX_FMT_YUV420P
  track.stream->time_base = {1, 1000};
  return true;
}

Result<void> WebmWriter::Impl::write(const Waiting& frame) {
  const std::unique_ptr<AVPacket, FreePacket> packet(av_packet_alloc());
  if (!packet || av_new_packet(packet.get(), static_cast<int>(frame.data.size())) < 0) {
    return Error{ErrorCode::out_of_resources, "WebM packet"};
  }
  std::memcpy(packet->data, frame.data.data(), frame.data.size());
  auto* stream = tracks_[frame.track].stream;
  packet->stream_index = stream->index;
  packet->flags = frame.keyframe ? AV_PKT_FLAG_KEY : 0;
  packet->pts = packet->dts = std::max<std::int64_t>(0, (frame.capture_time - origin_).count());
  packet->duration = frame.track == audio ? audio_frame_duration.count() : 0;
  av_packet_rescale_ts(packet.get(), microseconds, stream->time_base);
  const int error = av_interleaved_write_frame(format_.get(), packet.get());
  return error < 0 ? Result<void>(failure(error)) : Result<void>{};
}

Result<void> WebmWriter::Impl::finish() {
  if (finished_ || !format_) return {};
  finished_ = true;
  if (!header_written_ && waiting_.empty()) return {};  // nothing came: no file
  if (!header_written_) CONCLAVE_TRY(write_header());
  if (const int error = av_write_trailer(format_.get()); error < 0) return failure(error);
  if (const int error = avio_closep(&format_->pb); error < 0) return failure(error);
  return {};
}

WebmWriter::WebmWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebmWriter::WebmWriter(WebmWriter&&) noexcept = default;
WebmWriter& WebmWriter::operator=(WebmWriter&&) noexcept = default;
WebmWriter::~WebmWriter() = default;

Result<WebmWriter> WebmWriter::create(const std::string& path, WebmConfig config) {
  auto impl = std::make_unique<Impl>();
  CONCLAVE_TRY(impl->open(path, config));
  return WebmWriter(std::move(impl));
}

Result<void> WebmWriter::write(const EncodedAudio& frame, int channels) {
  auto& track = impl_->tracks_[audio];
  if (!track.begun) track.channels = std::clamp(channels, 1, 2);
  return impl_->push({audio, frame.capture_time, true, frame.data});
}

Result<void> WebmWriter::write(const EncodedVideo& frame, VideoCodec codec) {
  auto& track = impl_->tracks_[video];
  if (!track.begun && frame.keyframe) {
    const auto size = coded_size(codec, frame.data);
    if (!size.ok() || size->width == 0) return ++impl_->left_out_, Result<void>{};
    track.codec = codec;
    track.size = *size;
  }
  if (track.begun && track.codec != codec) return ++impl_->left_out_, Result<void>{};
  return impl_->push({video, frame.capture_time, frame.keyframe, frame.data});
}

Result<void> WebmWriter::finish() { return impl_->finish(); }
std::uint64_t WebmWriter::left_out() const { return impl_->left_out_; }

}  // namespace conclave::media
