#include "feed.h"

#include <chrono>

#include "failure.h"

namespace conclave::c {
namespace {

constexpr std::size_t most_pictures = 3;
constexpr std::size_t most_live_sounds = 50;
constexpr std::size_t most_paced_sounds = 3000;

Duration frame_duration(const VideoConfig& config) { return Duration(1'000'000 / config.frames_per_second); }

}  // namespace

template <class Frame>
Result<void> Feed<Frame>::push(std::vector<Frame> frames) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || ended_) return wrong_state("the call of this source is over");
    if (frames_.size() + frames.size() > most_) return Error{ErrorCode::limit_exceeded, "too much waits in the source"};
    for (auto& frame : frames) frames_.push_back(std::move(frame));
  }
  changed_.notify_all();
  return {};
}

template <class Frame>
void Feed<Frame>::end() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
}

template <class Frame>
void Feed<Frame>::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    frames_.clear();
  }
  changed_.notify_all();
}

template <class Frame>
std::size_t Feed<Frame>::waiting() const {
  const std::lock_guard lock(mutex_);
  return frames_.size();
}

template <class Frame>
std::optional<Frame> Feed<Frame>::take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopped_ || ended_ || !frames_.empty(); });
  if (frames_.empty()) return std::nullopt;
  std::optional<Frame> frame(std::move(frames_.front()));
  frames_.pop_front();
  return frame;
}

template <class Frame>
std::optional<Frame> Feed<Frame>::take_at(Time due, bool& over) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, due - monotonic_now(), [this] { return stopped_; });
  over = stopped_ || (ended_ && frames_.empty());
  if (frames_.empty()) return std::nullopt;
  std::optional<Frame> frame(std::move(frames_.front()));
  frames_.pop_front();
  return frame;
}

template class Feed<VideoFrame>;
template class Feed<AudioFrame>;

Time Metronome::next() {
  const Time now = monotonic_now();
  if (!due_ || now - *due_ > std::chrono::milliseconds(300)) due_ = now - period_;
  *due_ += period_;
  return *due_;
}

PictureFeed::PictureFeed(const VideoConfig& config, bool paced)
    : Feed<VideoFrame>(paced, most_pictures), config_(config), metronome_(frame_duration(config)) {}

Result<std::optional<VideoFrame>> PictureFeed::next() {
  if (!paced()) return take();
  for (bool over = false;;) {
    const Time due = metronome_.next();
    if (auto picture = take_at(due, over)) newest_ = std::move(picture);
    if (over) return std::optional<VideoFrame>();
    if (!newest_) continue;
    newest_->capture_time = due;
    return newest_;
  }
}

SoundFeed::SoundFeed(const AudioConfig& config, bool paced)
    : Feed<AudioFrame>(paced, paced ? most_paced_sounds : most_live_sounds),
      channels_(config.channels),
      metronome_(audio_frame_duration) {}

Result<void> SoundFeed::push_samples(std::span<const std::int16_t> samples, Time capture_time) {
  if (samples.size() % static_cast<std::size_t>(channels_) != 0) return invalid("the samples end within a moment");
  const std::lock_guard lock(partial_mutex_);
  std::vector<std::int16_t> all = partial_;
  all.insert(all.end(), samples.begin(), samples.end());
  const auto before = partial_.size() / static_cast<std::size_t>(channels_) * 1'000'000 / audio_sample_rate;
  Time at = capture_time - Duration(static_cast<Duration::rep>(before));
  std::vector<AudioFrame> frames;
  auto rest = std::span<const std::int16_t>(all);
  for (; rest.size() >= frame_size(); rest = rest.subspan(frame_size()), at += audio_frame_duration) {
    const auto piece = rest.first(frame_size());
    frames.push_back({at, channels_, {piece.begin(), piece.end()}});
  }
  CONCLAVE_C_TRY(push(std::move(frames)));
  partial_.assign(rest.begin(), rest.end());
  return {};
}

Result<std::optional<AudioFrame>> SoundFeed::next() {
  if (!paced()) return take();
  const Time due = metronome_.next();
  bool over = false;
  auto sound = take_at(due, over);
  if (over && !sound) return std::optional<AudioFrame>();
  if (!sound) sound = AudioFrame{due, channels_, std::vector<std::int16_t>(frame_size())};
  sound->capture_time = due;
  return sound;
}

}  // namespace conclave::c
