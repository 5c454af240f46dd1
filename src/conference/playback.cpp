#include "conference/playback.h"

#include <algorithm>
#include <cstdlib>

namespace conclave::conference {
namespace {

constexpr std::int64_t loud = 300;  // mean of what samples amount to: 40 dB below the most

}  // namespace

void Playback::push(const ArrivedFrame& frame) {
  const media::FramePayload& payload = frame.payload;
  clock_.observe(payload.capture_time, frame.arrival);
  Bytes data(payload.data.begin(), payload.data.end());
  if (payload.kind == media::PayloadKind::opus) {
    audio_.push({frame.info.frame_number, payload.capture_time, payload.channels, std::move(data)});
  } else {
    video_.push({frame.info, media::codec_of(payload.kind), payload.capture_time, std::move(data)});
  }
}

bool Playback::play(Time now, ConferenceOutputs& out) {
  while (const std::optional<media::AudioPlayout> playout = audio_.take_due(now, clock_)) play_audio(*playout, out);
  media::VideoDue due = video_.take_due(now, clock_);
  for (std::size_t i = 0; i < due.frames.size(); ++i) {
    const bool show = !due.frames[i].late || i + 1 == due.frames.size();
    play_video(due.frames[i], show, out);
  }
  return due.request_keyframe;
}

void Playback::play_audio(const media::AudioPlayout& playout, ConferenceOutputs& out) {
  std::optional<media::OpusDecoder>& opus = opus_[playout.channels == 2 ? 1 : 0];
  if (!opus) {
    Result<media::OpusDecoder> decoder = media::OpusDecoder::create(playout.channels);
    if (!decoder.ok()) return;
    opus = std::move(*decoder);
  }
  using Action = media::AudioPlayout::Action;
  const bool made_up = playout.action != Action::decode;
  Result<AudioFrame> frame = playout.action == Action::decode       ? opus->decode(playout.packet, playout.capture_time)
                             : playout.action == Action::decode_fec ? opus->decode_fec(playout.packet, playout.capture_time)
                                                                    : Result<AudioFrame>(opus->conceal(playout.capture_time));
  if (!frame.ok()) {
    ++audio_failures_;
    frame = opus->conceal(playout.capture_time);
  } else if (!made_up) {
    ++audio_decoded_;
    note_loudness(*frame, playout.play_at);
    out.emplace_back(RecordAudio{member_, playout.channels, EncodedAudio{playout.capture_time, playout.packet}});
  }
  out.emplace_back(PlayAudio{member_, std::move(*frame), playout.play_at, made_up});
}

void Playback::note_loudness(const AudioFrame& frame, Time now) {
  std::int64_t sum = 0;
  for (const std::int16_t sample : frame.samples) sum += std::abs(static_cast<int>(sample));
  if (sum > loud * static_cast<std::int64_t>(frame.samples.size())) spoke_ = now;
}

void Playback::play_video(media::VideoPlayout& playout, bool show, ConferenceOutputs& out) {
  media::VideoArrival& arrival = playout.frame;
  std::optional<media::VpxDecoder>& vpx = vpx_[arrival.codec == VideoCodec::vp9 ? 1 : 0];
  if (!vpx) {
    Result<media::VpxDecoder> decoder = media::VpxDecoder::create(arrival.codec);
    if (!decoder.ok()) return;
    vpx = std::move(*decoder);
  }
  Result<VideoFrame> picture = vpx->decode(arrival.data, arrival.capture_time);
  if (!picture.ok()) {
    ++video_failures_;
    video_.decode_failed();
    return;
  }
  ++video_decoded_;
  const FrameInfo& info = arrival.info;
  out.emplace_back(RecordVideo{member_, arrival.codec,
                               EncodedVideo{arrival.capture_time, std::move(arrival.data), info.keyframe, info.discardable,
                                            info.layer_sync, info.temporal_layer, info.base_layer_index}});
  if (!show) return;
  note_shown(playout.show_at);
  width_ = picture->width;
  out.emplace_back(ShowVideo{member_, std::move(*picture), playout.show_at});
}

void Playback::note_shown(Time show_at) {
  if (last_shown_ && show_at - *last_shown_ > freeze) ++freezes_;
  if (last_shown_) longest_freeze_ = std::max(longest_freeze_, show_at - *last_shown_);
  last_shown_ = show_at;
}

Time Playback::next_deadline() const { return std::min(audio_.next_deadline(clock_), video_.next_deadline(clock_)); }

void Playback::report(ReceiveReport& report) const {
  if (report.video) {
    const media::VideoBufferCounters& counters = video_.counters();
    report.frames_received = counters.received;
    report.frames_lost = missed_ + counters.late + counters.undecodable;  // numbers that were passed over say nothing: a relay leaves sizes and layers out
    report.frames_decoded = video_decoded_;
    report.decode_failures = video_failures_;
    report.keyframes_requested = counters.keyframe_requests;
    report.freezes = freezes_;
    report.longest_freeze = longest_freeze_;
    report.width = width_;
  } else {
    const media::AudioBufferCounters& counters = audio_.counters();
    report.frames_received = counters.received;
    report.frames_lost = counters.lost;
    report.frames_decoded = audio_decoded_;
    report.decode_failures = audio_failures_;
    report.frames_concealed = counters.concealed;
  }
}

}  // namespace conclave::conference
