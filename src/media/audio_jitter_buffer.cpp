#include "media/audio_jitter_buffer.h"

#include <utility>

#include "conclave/media.h"

namespace conclave::media {

namespace {
/// A number so far ahead, or a capture time so far off its place, is a restart of the sender and not a loss to conceal.
constexpr std::int64_t restart_gap = 64;
constexpr Duration restart_step = std::chrono::milliseconds(100);

/// Less than this before what was made up: late. More: the sender's clock was set back.
constexpr Duration late_window = std::chrono::seconds(1);

Duration span_of(std::int64_t frames) { return audio_frame_duration * frames; }
}  // namespace

void AudioJitterBuffer::push(AudioArrival frame) {
  ++counters_.received;
  const auto number = numbers_.unwrap(frame.frame_number);
  if (is_late(number, frame.capture_time)) {
    ++counters_.late;
    return;
  }
  if (!frames_.emplace(number, std::move(frame)).second) {
    ++counters_.duplicate;
    return;
  }
  if (frames_.size() <= max_frames) return;
  ++counters_.overflow;
  const auto oldest = frames_.begin();
  pass(oldest->first, oldest->second.capture_time);
}

/// A sender that pauses goes on with the next number, which was made up in vain meanwhile: so the capture time decides.
bool AudioJitterBuffer::is_late(std::int64_t number, Time capture_time) const {
  if (!played_) return false;
  if (number <= *played_) return true;
  const auto behind = made_up_until_ - capture_time;
  return behind > audio_frame_duration / 2 && behind < late_window;
}

/// While frames are there the capture time of the missing ones follows from them; else from the last one played.
std::optional<AudioJitterBuffer::Turn> AudioJitterBuffer::turn() const {
  if (frames_.empty()) return next_;
  const auto& [number, frame] = *frames_.begin();
  const Turn first{number, frame.capture_time};
  if (!next_) return first;
  const auto missing = number - next_->number;
  if (missing <= 0) return first;
  const auto step = frame.capture_time - (next_->capture_time + span_of(missing));
  if (missing > restart_gap || step > restart_step || step < -restart_step) return first;
  return Turn{next_->number, frame.capture_time - span_of(missing)};
}

std::optional<AudioPlayout> AudioJitterBuffer::take_due(Time now, const PlayoutClock& clock) {
  const auto due = turn();
  if (!due) return std::nullopt;
  const auto play_at = clock.playout_time(due->capture_time);
  if (play_at > now) return std::nullopt;
  const bool there = !frames_.empty() && frames_.begin()->first == due->number;
  auto playout = there ? play(due->number) : make_up(*due);
  playout.play_at = play_at;
  return playout;
}

AudioPlayout AudioJitterBuffer::play(std::int64_t number) {
  auto& frame = frames_.begin()->second;
  AudioPlayout playout{AudioPlayout::Action::decode, {}, frame.capture_time, frame.channels, std::move(frame.packet)};
  channels_ = frame.channels;
  concealed_in_a_row_ = 0;
  pass(number, playout.capture_time);
  return playout;
}

AudioPlayout AudioJitterBuffer::make_up(const Turn& missing) {
  ++counters_.concealed;
  ++concealed_in_a_row_;
  AudioPlayout playout{AudioPlayout::Action::conceal, {}, missing.capture_time, channels_, {}};
  if (!frames_.empty() && frames_.begin()->first == missing.number + 1) {
    playout.action = AudioPlayout::Action::decode_fec;
    playout.packet = frames_.begin()->second.packet;
  }
  next_ = Turn{missing.number + 1, missing.capture_time + audio_frame_duration};
  made_up_until_ = next_->capture_time;
  if (concealed_in_a_row_ >= max_concealed) next_.reset();
  return playout;
}

void AudioJitterBuffer::pass(std::int64_t number, Time capture_time) {
  frames_.erase(number);
  if (played_ && number > *played_ + 1) counters_.lost += static_cast<std::uint64_t>(number - *played_ - 1);
  played_ = number;
  next_ = Turn{number + 1, capture_time + audio_frame_duration};
}

Time AudioJitterBuffer::next_deadline(const PlayoutClock& clock) const {
  const auto next = turn();
  return next ? clock.playout_time(next->capture_time) : never;
}

}  // namespace conclave::media
