// A publisher of pictures and sound, a relay, and a receiver far away behind a path that loses packets; what it makes of them in time.
#pragma once

#include <map>
#include <random>

#include "harness.h"
#include "media/reassembler.h"
#include "transport/fec/recovery.h"
#include "transport/hop/record.h"
#include "transport/memory/path.h"
#include "transport/path_estimator.h"
#include "transport/path_meter.h"

namespace conclave::relay::testing {

/// What one who receives has whole within 120 ms of the moment at which it could be there.
struct Whole {
  std::size_t pictures = 0;
  std::size_t base_pictures = 0;  ///< of the lowest temporal layer
  std::size_t sounds = 0;
};

class LossyMeeting {
 public:
  LossyMeeting(const transport::memory::Impairments& down, std::uint64_t seed) : down_(down, transport::memory::Dice(seed)), delay_(down.delay) {
    host_ = relay_.open();
    guest_ = relay_.join(host_);
    relay_.publish(host_, {{pictures, 3, 3}, {sound, 1, 7}});
    relay_.subscribe(guest_, {{pictures}, {sound}});
  }

  void run(Duration duration) {
    for (const Time end = relay_.now() + duration; relay_.now() < end;) {
      publish();
      relay_.advance(5ms);
      carry();
    }
  }

  struct Seen {
    Whole sent;
    Whole alone;     ///< from what was sent once
    Whole repaired;  ///< with everything that came
    std::size_t media_bytes = 0;
    std::size_t beside_bytes = 0;
  };
  /// Of the frames since the last time that this was asked, but the newest.
  Seen take_seen() { return std::exchange(seen_, {}); }
  Harness& relay() { return relay_; }
  void change(const transport::memory::Impairments& down) { down_.change(relay_.now(), down); }

 private:
  static constexpr std::uint16_t pictures = 100;
  static constexpr std::uint16_t sound = 101;
  static constexpr Duration patience = 120ms;

  void publish() {
    if (relay_.now() >= next_sound_) {
      next_sound_ = relay_.now() + 20ms;
      sent_at_[{sound, static_cast<std::uint16_t>(sounds_)}] = relay_.now();
      MediaPacket packet = media_packet(sound, sounds_, 110);
      packet.header.frame.frame_number = static_cast<std::uint16_t>(sounds_++);
      packet.header.frame.priority = 7;
      ++seen_.sent.sounds;
      relay_.send_media(host_, packet);
    }
    if (relay_.now() >= next_picture_) send_picture();
  }
  void send_picture() {
    constexpr std::array<std::uint8_t, 4> layers{0, 2, 1, 2};
    next_picture_ = relay_.now() + 40ms;
    const std::uint8_t layer = layers[pictures_sent_ % 4];
    const bool keyframe = pictures_sent_ % 250 == 0;
    const std::size_t packets = keyframe ? 10 : layer == 0 ? 3 : 2;
    sent_at_[{pictures, static_cast<std::uint16_t>(pictures_sent_)}] = relay_.now();
    ++seen_.sent.pictures;
    seen_.sent.base_pictures += layer == 0 ? 1 : 0;
    for (std::size_t i = 0; i < packets; ++i) {
      MediaPacket packet = media_packet(pictures, sequence_++, 800 + 40 * layer, layer);
      packet.header.frame.frame_number = static_cast<std::uint16_t>(pictures_sent_);
      packet.header.frame.keyframe = keyframe;
      packet.header.frame.discardable = layer == 2;
      packet.header.start = i == 0;
      packet.header.end = i + 1 == packets;
      relay_.send_media(host_, packet);
    }
    ++pictures_sent_;
  }

  void carry() {
    for (MediaPacket& packet : relay_.take_media(guest_)) {
      const std::size_t size = packet.payload.size() + transport::path_overhead;
      (packet.header.fec || packet.header.retransmission ? seen_.beside_bytes : seen_.media_bytes) += size;
      packet.header.send_time = transport::hop::send_time(relay_.now());
      const std::uint32_t number = hop_number_++;
      for (const auto& arrival : down_.send(size, relay_.now())) arriving_.emplace(arrival.at, std::pair(number, packet));
    }
    for (; !arriving_.empty() && arriving_.begin()->first <= relay_.now(); arriving_.erase(arriving_.begin())) {
      arrive(arriving_.begin()->second.first, arriving_.begin()->second.second, arriving_.begin()->first);
    }
    if (relay_.now() >= meter_.next_report()) {
      if (const auto report = meter_.report(relay_.now())) reports_.emplace(relay_.now() + delay_, *report);
    }
    for (; !reports_.empty() && reports_.begin()->first <= relay_.now(); reports_.erase(reports_.begin())) relay_.send_feedback(guest_, {reports_.begin()->second});
  }
  void arrive(std::uint32_t number, MediaPacket packet, Time now) {
    highest_ = std::max(highest_, number + 1);
    packet.header.hop_lost = highest_ - ++arrived_;
    meter_.note(packet.header, packet.payload.size(), now);
    const std::uint16_t stream = packet.header.frame.stream_id;
    if (!packet.header.fec && !packet.header.retransmission) note(alone_[stream], packet, now, seen_.alone);
    const auto made = recovery_[stream].push(packet);
    if (!packet.header.fec) note(repaired_[stream], packet, now, seen_.repaired);
    for (const MediaPacket& each : made) note(repaired_[stream], each, now, seen_.repaired);
  }
  void note(media::Reassembler& reassembler, const MediaPacket& packet, Time now, Whole& whole) {
    const auto frame = reassembler.push(packet, now);
    if (!frame) return;
    const std::uint16_t stream = frame->info.stream_id;
    if (now - sent_at_.at({stream, frame->info.frame_number}) > delay_ + patience) return;
    if (stream == sound) ++whole.sounds;
    else ++whole.pictures, whole.base_pictures += frame->info.temporal_layer == 0 ? 1 : 0;
  }

  Harness relay_;
  transport::memory::Path down_;
  Duration delay_;
  ConnectionId host_{};
  ConnectionId guest_{};
  Time next_sound_{};
  Time next_picture_{};
  std::uint32_t sounds_ = 0;
  std::uint32_t pictures_sent_ = 0;
  std::uint32_t sequence_ = 0;
  std::map<std::pair<std::uint16_t, std::uint16_t>, Time> sent_at_;
  std::uint32_t hop_number_ = 0;
  std::uint32_t highest_ = 0;
  std::uint32_t arrived_ = 0;
  std::multimap<Time, std::pair<std::uint32_t, MediaPacket>> arriving_;
  transport::PathMeter meter_;
  std::multimap<Time, transport::PathReport> reports_;
  std::map<std::uint16_t, media::Reassembler> alone_;
  std::map<std::uint16_t, media::Reassembler> repaired_;
  std::map<std::uint16_t, transport::fec::Recovery> recovery_;
  Seen seen_;
};

}  // namespace conclave::relay::testing
