#include "media/video_jitter_buffer.h"

#include <algorithm>
#include <utility>

namespace conclave::media {

namespace {
/// Beyond its playout time by so much, a frame is not shown any more when a newer one is at hand.
constexpr Duration late_after = std::chrono::milliseconds(40);
}  // namespace

void VideoJitterBuffer::push(VideoArrival frame) {
  ++counters_.received;
  const auto number = numbers_.unwrap(frame.info.frame_number);
  if (started_ && number <= passed_) {
    ++counters_.late;
    return;
  }
  const auto size = frame.data.size();
  if (!frames_.emplace(number, std::move(frame)).second) {
    ++counters_.duplicate;
    return;
  }
  bytes_ += size;
  make_room();
}

/// A buffer that overflows is stalled: the oldest go, and with them the chain.
void VideoJitterBuffer::make_room() {
  while (frames_.size() > max_frames || bytes_ > max_bytes) {
    ++counters_.overflow;
    drop(frames_.begin());
    break_chain();
  }
}

VideoDue VideoJitterBuffer::take_due(Time now, const PlayoutClock& clock) {
  VideoDue due;
  while (!frames_.empty()) {
    const auto first = frames_.begin();
    const auto show_at = clock.playout_time(first->second.capture_time);
    if (show_at > now) break;
    const auto fate = fate_of(first->second.info);
    if (fate == Fate::decodable) {
      release(first, due, now, clock);
      continue;
    }
    if (const auto key = due_keyframe(now, clock); key != frames_.end()) {
      drop_before(key->first);
      release(key, due, now, clock);
      continue;
    }
    if (fate == Fate::waits_for_base && now < show_at + repair_time_) break;
    if (fate == Fate::waits_for_base || !base_) break_chain();
    ++counters_.undecodable;
    drop(first);
  }
  if (keyframe_wanted_) request_keyframe(due, now);
  return due;
}

VideoJitterBuffer::Fate VideoJitterBuffer::fate_of(const FrameInfo& info) const {
  if (info.keyframe) return Fate::decodable;
  if (!base_) return Fate::hopeless;
  if (info.temporal_layer == 0) {
    return info.base_layer_index == static_cast<std::uint8_t>(*base_ + 1) ? Fate::decodable : Fate::waits_for_base;
  }
  if (info.base_layer_index != *base_) {
    // Of a base frame long gone (never let through again) or of one that is still missing?
    return distance<8>(*base_, info.base_layer_index) > 0 ? Fate::waits_for_base : Fate::hopeless;
  }
  if (info.layer_sync || info.temporal_layer == 1) return Fate::decodable;
  return (layers_since_base_ >> (info.temporal_layer - 1) & 1) != 0 ? Fate::decodable : Fate::hopeless;
}

VideoJitterBuffer::Frames::iterator VideoJitterBuffer::due_keyframe(Time now, const PlayoutClock& clock) {
  return std::find_if(frames_.begin(), frames_.end(), [&](const auto& entry) {
    return entry.second.info.keyframe && clock.playout_time(entry.second.capture_time) <= now;
  });
}

void VideoJitterBuffer::release(Frames::iterator frame, VideoDue& due, Time now, const PlayoutClock& clock) {
  const auto show_at = clock.playout_time(frame->second.capture_time);
  note_decoded(frame->second.info);
  bytes_ -= frame->second.data.size();
  pass(frame->first);
  due.frames.push_back({std::move(frame->second), show_at, now > show_at + late_after});
  frames_.erase(frame);
}

void VideoJitterBuffer::note_decoded(const FrameInfo& info) {
  if (info.keyframe) keyframe_wanted_ = false;
  if (info.keyframe || info.temporal_layer == 0) {
    base_ = info.base_layer_index;
    layers_since_base_ = 0;
    return;
  }
  layers_since_base_ = static_cast<std::uint8_t>(layers_since_base_ | 1U << (info.temporal_layer & 7));
}

void VideoJitterBuffer::drop(Frames::iterator frame) {
  bytes_ -= frame->second.data.size();
  pass(frame->first);
  frames_.erase(frame);
}

void VideoJitterBuffer::drop_before(std::int64_t number) {
  while (!frames_.empty() && frames_.begin()->first < number) {
    ++counters_.undecodable;
    drop(frames_.begin());
  }
}

void VideoJitterBuffer::pass(std::int64_t number) {
  if (started_ && number > passed_ + 1) counters_.lost += static_cast<std::uint64_t>(number - passed_ - 1);
  passed_ = started_ ? std::max(passed_, number) : number;
  started_ = true;
}

void VideoJitterBuffer::break_chain() {
  base_.reset();
  keyframe_wanted_ = true;
}

void VideoJitterBuffer::decode_failed() { break_chain(); }

void VideoJitterBuffer::request_keyframe(VideoDue& due, Time now) {
  if (last_request_ && now - *last_request_ < keyframe_request_interval) return;
  last_request_ = now;
  ++counters_.keyframe_requests;
  due.request_keyframe = true;
}

Time VideoJitterBuffer::next_deadline(const PlayoutClock& clock) const {
  Time deadline = never;
  if (keyframe_wanted_) deadline = last_request_ ? *last_request_ + keyframe_request_interval : Time{};
  if (frames_.empty()) return deadline;
  const auto& first = frames_.begin()->second;
  const auto show_at = clock.playout_time(first.capture_time);
  if (show_at == never || fate_of(first.info) != Fate::waits_for_base) return std::min(deadline, show_at);
  auto patience = show_at + repair_time_;
  for (const auto& [number, frame] : frames_) {
    if (frame.info.keyframe) patience = std::min(patience, clock.playout_time(frame.capture_time));
  }
  return std::min(deadline, std::max(show_at, patience));
}

}  // namespace conclave::media
