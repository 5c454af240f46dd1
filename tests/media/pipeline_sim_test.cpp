// The whole way of sound and picture, but for the sealing, over a network that loses, reorders and duplicates, in virtual time.
#include <catch2/catch.hpp>
#include <map>

#include "media/audio_jitter_buffer.h"
#include "media/frame_payload.h"
#include "media/loss_tracker.h"
#include "media/opus.h"
#include "media/packetizer.h"
#include "media/reassembler.h"
#include "media/synthetic_picture.h"
#include "media/synthetic_sound.h"
#include "media/video_jitter_buffer.h"
#include "media/vpx_decoder.h"
#include "media/vpx_encoder.h"
#include "support/sealed.h"

using namespace conclave;
using namespace conclave::media;
using namespace conclave::test;

namespace {

struct Outcome {
  int pictures_sent = 0, pictures_shown = 0, wrong_pictures = 0;
  int sound_played = 0, sound_made_up = 0;
  std::uint64_t decode_failures = 0, keyframes = 0, recovered = 0;
  std::int64_t longest_freeze_ms = 0;
  std::uint64_t digest = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

struct Path {
  std::mt19937 random;
  double loss;
  std::multimap<Time, MediaPacket> in_flight;

  void send(const MediaPacket& packet, Time now) {
    const auto share = [this] { return static_cast<double>(random() % 10'000) / 10'000; };
    if (share() < loss) return;
    in_flight.emplace(now + ms(75) + Duration(random() % 15'000), over_the_wire(packet));
    if (share() < 0.02) in_flight.emplace(now + ms(90), over_the_wire(packet));
  }
};

/// One stream's way from frame to packets and back, with retransmission over the same path.
struct Stream {
  Packetizer packetizer;
  RetransmissionCache cache;
  Reassembler reassembler;
  LossTracker losses;
  std::multimap<Time, std::uint32_t> nacks;  ///< on their way back

  void send(const SealedFrame& frame, Path& path, Time now) {
    for (const auto& packet : split(packetizer, frame, 1'000)) {
      cache.add(packet, now);
      path.send(packet, now);
    }
  }
  void ask_again(Path& path, Time now) {
    for (const auto sequence : losses.due_nacks(now, ms(170), ms(280))) nacks.emplace(now + ms(75), sequence);
    for (; !nacks.empty() && nacks.begin()->first <= now; nacks.erase(nacks.begin())) {
      if (const auto packet = cache.find(nacks.begin()->second, now)) path.send(*packet, now);
    }
  }
};

class Call {
 public:
  Call(std::uint32_t seed, double loss) : path_{std::mt19937(seed), loss, {}} {}

  Outcome run(int duration_ms) {
    for (int t = 0; t < duration_ms + 1'000; ++t) {
      const auto now = at_ms(t);
      if (t < duration_ms && t % 20 == 0) send_sound(now);
      if (t < duration_ms && t % 40 == 0) send_picture(now);
      deliver(now);
      audio_.ask_again(path_, now);
      video_.ask_again(path_, now);
      play(now);
    }
    outcome_.decode_failures += decoder_.failures();
    outcome_.keyframes = encoder_.keyframes();
    outcome_.recovered = audio_.losses.counters().recovered + video_.losses.counters().recovered;
    return outcome_;
  }

 private:
  static constexpr std::uint16_t audio_id = 1, video_id = 2;

  static SealedFrame seal(const FrameInfo& info, Bytes payload) { return FrameSealer::make(info, std::move(payload)); }

  void send_sound(Time now) {
    FrameInfo info{.stream_id = audio_id, .frame_number = audio_number_++, .priority = 7};
    audio_.send(seal(info, *write_audio_payload(*opus_.encode(sound_.next(now)), 1)), path_, now);
  }

  void send_picture(Time now) {
    if (keyframe_wanted_ && *keyframe_wanted_ <= now) {
      encoder_.request_keyframe();
      keyframe_wanted_.reset();
    }
    const auto frame = **encoder_.encode(synthetic_picture(160, 120, static_cast<std::uint32_t>(outcome_.pictures_sent++), now));
    FrameInfo info{.stream_id = video_id, .frame_number = video_number_++, .keyframe = frame.keyframe, .discardable = frame.discardable,
                   .layer_sync = frame.layer_sync, .temporal_layer = frame.temporal_layer, .base_layer_index = frame.base_layer_index};
    video_.send(seal(info, *write_video_payload(frame, VideoCodec::vp8)), path_, now);
  }

  void deliver(Time now) {
    while (!path_.in_flight.empty() && path_.in_flight.begin()->first <= now) {
      const auto packet = path_.in_flight.begin()->second;
      path_.in_flight.erase(path_.in_flight.begin());
      auto& stream = packet.header.frame.stream_id == audio_id ? audio_ : video_;
      stream.losses.push(packet.header, now);
      if (const auto whole = stream.reassembler.push(packet, now)) opened(*whole);
    }
  }

  void opened(const ReassembledFrame& whole) {
    const auto payload = *read_frame_payload(whole.ciphertext);
    clock_.observe(payload.capture_time, whole.arrival);
    Bytes data(payload.data.begin(), payload.data.end());
    if (payload.kind == PayloadKind::opus) {
      sound_buffer_.push({whole.info.frame_number, payload.capture_time, payload.channels, std::move(data)});
    } else {
      picture_buffer_.push({whole.info, VideoCodec::vp8, payload.capture_time, std::move(data)});
    }
  }

  void play(Time now) {
    while (const auto due = sound_buffer_.take_due(now, clock_)) {
      const bool there = due->action == AudioPlayout::Action::decode;
      if (there && !opus_decoder_.decode(due->packet, due->capture_time).ok()) ++outcome_.decode_failures;
      ++(there ? outcome_.sound_played : outcome_.sound_made_up);
    }
    const auto due = picture_buffer_.take_due(now, clock_);
    if (due.request_keyframe) keyframe_wanted_ = now + ms(75);
    for (const auto& playout : due.frames) show(playout, now);
  }

  void show(const VideoPlayout& playout, Time now) {
    const auto shown = decoder_.decode(playout.frame.data, playout.frame.capture_time);
    if (!shown.ok()) return;
    ++outcome_.pictures_shown;
    const auto burnt = read_burnt_in(*shown);
    if (!burnt || burnt->time != playout.frame.capture_time || burnt->frame_number * ms(40) != burnt->time.time_since_epoch()) ++outcome_.wrong_pictures;
    outcome_.longest_freeze_ms = std::max<std::int64_t>(outcome_.longest_freeze_ms, last_shown_ ? (now - *last_shown_) / ms(1) : 0);
    last_shown_ = now;
    for (const auto sample : shown->y) outcome_.digest = outcome_.digest * 31 + sample;
  }

  Path path_;
  Stream audio_, video_;
  OpusEncoder opus_ = *OpusEncoder::create({});
  OpusDecoder opus_decoder_ = *OpusDecoder::create(1);
  VpxEncoder encoder_ = *VpxEncoder::create({.width = 160, .height = 120, .frames_per_second = 25, .bitrate = 300'000});
  VpxDecoder decoder_ = *VpxDecoder::create(VideoCodec::vp8);
  SyntheticSound sound_;
  PlayoutClock clock_{PlayoutDelay(ms(300))};
  AudioJitterBuffer sound_buffer_;
  VideoJitterBuffer picture_buffer_;
  std::uint16_t audio_number_ = 65'500, video_number_ = 65'500;
  std::optional<Time> keyframe_wanted_, last_shown_;
  Outcome outcome_;
};

}  // namespace

TEST_CASE("without loss everything is heard and seen, whatever the order", "[media][sim]") {
  const auto outcome = Call(1, 0).run(6'000);
  CHECK(outcome.pictures_shown == outcome.pictures_sent);
  CHECK(outcome.wrong_pictures == 0);
  CHECK(outcome.decode_failures == 0);
  CHECK(outcome.keyframes == 1);
  CHECK(outcome.sound_played == 300);
  CHECK(outcome.sound_made_up <= AudioJitterBuffer::max_concealed);  // after the last one
  CHECK(outcome.longest_freeze_ms <= 41);
}

TEST_CASE("under loss retransmission keeps sound and picture nearly whole, and nothing undecodable is decoded", "[media][sim]") {
  for (const auto& [loss, seen, heard] : {std::tuple{0.05, 0.97, 0.98}, std::tuple{0.2, 0.75, 0.9}}) {
    const auto outcome = Call(2, loss).run(12'000);
    CAPTURE(loss, outcome.pictures_shown, outcome.sound_played, outcome.recovered, outcome.keyframes, outcome.longest_freeze_ms);
    CHECK(outcome.wrong_pictures == 0);
    CHECK(outcome.decode_failures == 0);
    CHECK(outcome.recovered > 10);
    CHECK(outcome.pictures_shown >= seen * outcome.pictures_sent);
    CHECK(outcome.sound_played >= heard * 600);
    CHECK(outcome.longest_freeze_ms < 1'500);
  }
}

TEST_CASE("the same seed gives the same call", "[media][sim]") {
  CHECK(Call(3, 0.1).run(3'000) == Call(3, 0.1).run(3'000));
  CHECK_FALSE(Call(3, 0.1).run(3'000) == Call(4, 0.1).run(3'000));
}
