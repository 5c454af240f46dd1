// One stream of packets from the relay: made whole, opened, and bound to the member that seals it.
#pragma once

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "conclave/conference.h"
#include "media/frame_losses.h"
#include "media/frame_payload.h"
#include "media/loss_tracker.h"
#include "media/reassembler.h"
#include "transport/fec/recovery.h"
#include "transport/feedback.h"

namespace conclave::conference {

/// An authenticated frame of a member.
struct ArrivedFrame {
  MemberId sender = 0;
  FrameInfo info;
  media::FramePayload payload;
  Time arrival{};
};

/// What opens the frames of all streams, and where.
struct Reception {
  Reception() = default;
  Reception(Reception&&) noexcept = default;
  Reception& operator=(Reception&&) noexcept = default;
  ~Reception() { wipe(plaintext); }

  FrameOpener opener;
  Bytes plaintext;  ///< of the latest frame
};

class ReceivingStream {
 public:
  explicit ReceivingStream(std::uint16_t id) : id_(id) {}

  /// What its publisher says that it is.
  void announce(bool sound) { announced_sound_ = sound; }
  [[nodiscard]] bool announced_sound() const { return announced_sound_; }
  /// Something came of it lately.
  [[nodiscard]] bool arrives(Time now) const { return last_packet_ && now - *last_packet_ < std::chrono::seconds(1); }
  [[nodiscard]] std::uint8_t rank() const { return rank_; }
  void set_rank(std::uint8_t rank) { rank_ = rank; }

  /// The relay may number its packets anew from here on.
  void renumbered() {
    losses_.restart();
    frame_losses_.restart();
    recovery_ = {};
  }

  /// Takes a packet; the frame that it completes, when that is authentic. Valid until the next call. Of parity, none. `hop_losses`: as of
  /// `media::LossTracker::push`.
  std::optional<ArrivedFrame> push(const MediaPacket& packet, std::uint64_t hop_losses, Reception& reception, DropReport& dropped, Time now);

  /// Frames that packets complete which the latest one made known, one per call until nothing is left. Each is valid until the next call.
  std::optional<ArrivedFrame> next_repaired(Reception& reception, DropReport& dropped, Time now);

  /// Frames that waited for the epoch that was just entered, one per call until nothing is left.
  std::optional<ArrivedFrame> next_held(Reception& reception, DropReport& dropped, Time now);

  /// Frames whose batch the latest one completed, one per call until nothing is left. Each is valid until the next call.
  std::optional<ArrivedFrame> next_proven(Reception& reception, DropReport& dropped, Time now);

  /// Missing packets to ask for now; empty: none.
  std::vector<std::uint32_t> due_nacks(Time now, Duration round_trip, Duration budget);
  transport::ReceiverReport report(Time now);
  void expire(DropReport& dropped, Time now);
  [[nodiscard]] Time next_deadline() const;

  /// Whose stream it is, once a frame has shown it.
  [[nodiscard]] std::optional<MemberId> sender() const { return sender_; }
  [[nodiscard]] bool video() const { return kind_ && *kind_ != media::PayloadKind::opus; }
  /// Much came of it, for a while, and no frame that was anybody's: it is not worth the path that it takes.
  [[nodiscard]] bool nobodys(Time now) const { return !sender_ && unproven_ >= much_unproven && now - first_unproven_ >= long_unproven; }
  /// Whether the relay is to send it.
  [[nodiscard]] bool wanted() const { return wanted_; }
  void set_aside() { wanted_ = false; }
  /// It may be somebody's after all: keys or rights have changed. True when it was set aside.
  bool take_back();

  /// The member has left: the next authentic frame decides anew.
  void unbind();

  [[nodiscard]] const media::ReassemblerCounters& packets() const { return reassembler_.counters(); }
  [[nodiscard]] const media::LossCounters& losses() const { return losses_.counters(); }
  /// Of a picture: frames that were for us and never became whole.
  [[nodiscard]] std::uint64_t frames_lost() const { return frame_losses_.lost(); }
  [[nodiscard]] std::uint64_t incomplete() const { return reassembler_.counters().incomplete; }

 private:
  /// Frames of an epoch that we have not entered yet: unauthenticated, so few, small and for a short time.
  static constexpr std::size_t max_held = 32;
  static constexpr std::size_t max_held_bytes = 256 * 1024;
  static constexpr Duration max_held_time = std::chrono::seconds(1);

  static constexpr std::uint32_t much_unproven = 100;  // packets
  static constexpr Duration long_unproven = std::chrono::seconds(5);

  std::optional<ArrivedFrame> take(const MediaPacket& packet, Reception& reception, DropReport& dropped, Time now);
  std::optional<ArrivedFrame> open(const media::ReassembledFrame& frame, Reception& reception, DropReport& dropped);
  std::optional<ArrivedFrame> accept(const OpenedFrame& opened, ByteView plaintext, const media::ReassembledFrame& frame, DropReport& dropped);
  void hold(media::ReassembledFrame frame, DropReport& dropped);

  std::uint16_t id_;
  media::Reassembler reassembler_;
  media::LossTracker losses_;
  media::FrameLosses frame_losses_;
  std::uint64_t hop_losses_ = 0;
  transport::fec::Recovery recovery_;
  std::deque<MediaPacket> repaired_;
  std::optional<MemberId> sender_;
  std::optional<media::PayloadKind> kind_;
  std::deque<media::ReassembledFrame> held_;
  std::size_t held_bytes_ = 0;
  std::uint32_t unproven_ = 0;  ///< packets while it is nobody's
  Time first_unproven_{};
  bool wanted_ = true;
  bool announced_sound_ = false;
  std::uint8_t rank_ = 0;
  std::optional<Time> last_packet_;
};

}  // namespace conclave::conference
