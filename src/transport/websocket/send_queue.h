// What waits for one TCP connection, in the order in which it is worth most.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "conclave/transport.h"
#include "transport/hop/record.h"
#include "transport/quic/message_stream.h"

namespace conclave::transport::websocket {

/// The first byte of a binary frame (docs/wire.md). 0 to 2 are the channels.
enum class FrameKind : std::uint8_t { control = 0, handshake = 1, application = 2, media = 3, feedback = 4 };

/// Bytes of messages that one end holds until they have left, over all channels.
inline constexpr std::size_t max_backlog = 2 * max_message_size;
/// Bytes of media that wait, what they take beside their payload included, and their number, at most; the least worth gives way.
inline constexpr std::size_t max_waiting_media = std::size_t{1} << 20;
inline constexpr std::size_t max_waiting_media_packets = 4096;
inline constexpr std::size_t max_waiting_feedback = 128;  ///< datagrams' worth; the oldest gives way
/// Of a message in one frame: sound waits for no more than that.
inline constexpr std::size_t max_chunk = 1024;
/// Pictures that waited longer are worth nothing any more, sound and feedback a little longer.
inline constexpr Duration stale_picture = std::chrono::milliseconds(300);
inline constexpr Duration stale_sound = std::chrono::seconds(1);

/// One frame's payload: `front`, and behind it `bytes` or what `shared` holds.
struct OutgoingFrame {
  std::array<std::uint8_t, 1 + hop::media_header_size> front{};
  std::size_t front_size = 1;
  Bytes bytes;
  SealedPayload shared;

  [[nodiscard]] ByteView head() const { return ByteView(front).first(front_size); }
  [[nodiscard]] ByteView rest() const { return bytes.empty() ? shared.bytes() : ByteView(bytes); }
};

/// Feedback first, then sound; then messages and pictures take turns, and of pictures the lowest layer goes first, and parity last. A picture that is
/// given up goes as a whole frame, and with it all that cannot be decoded without it, until a keyframe or a layer's sync point. What of
/// that waits already goes when its turn comes: no call looks through what waits.
class SendQueue {
 public:
  /// False when the peer does not keep up: nothing was queued.
  bool push_message(Channel channel, ByteView message);
  /// `packet.header.send_time` is set by the caller, so that time in this queue counts as time on the way.
  void push_media(const MediaPacket& packet, Time now);
  void push_feedback(ByteView feedback, Time now);

  /// The frame that leaves next; nothing when none waits. What is stale by now is given up first.
  std::optional<OutgoingFrame> next(Time now);

  [[nodiscard]] bool empty() const;
  [[nodiscard]] bool holds_messages() const { return message_bytes() > 0; }
  /// The connection is to end: only messages leave.
  void drop_media();
  /// Media packets that were given up.
  [[nodiscard]] std::uint64_t stale() const { return stale_; }
  /// What the media that waits takes.
  [[nodiscard]] std::size_t media_bytes() const { return media_bytes_; }
  [[nodiscard]] std::size_t media_packets() const { return media_packets_; }

 private:
  struct Waiting {
    MediaPacket packet;
    Time since{};
    std::uint64_t order = 0;  ///< in which it came
  };
  struct Words {
    Bytes bytes;
    Time since{};
  };
  /// A frame that was given up at its first packet.
  struct Lost {
    std::uint16_t frame_number = 0;
    Time since{};
  };
  /// What came before `order`, of the temporal layers from `layer` on and before the keyframe, cannot be decoded any more.
  struct Doom {
    std::uint8_t layer = 0;
    std::uint64_t order = 0;
    std::optional<std::uint16_t> keyframe;
  };
  /// A picture of which something waits.
  struct Standing {
    std::uint32_t packets = 0;
    std::uint32_t of_keyframes = 0;     ///< of these
    std::uint16_t newest_keyframe = 0;  ///< the last that came, if any waits
    std::vector<Doom> dooms;            ///< one for a layer
  };
  struct Taken {
    MediaPacket packet;
    bool doomed = false;
  };
  /// One size of one stream's picture.
  using Picture = std::pair<std::uint16_t, std::uint8_t>;
  static constexpr std::size_t sound = 0;
  static constexpr std::size_t lanes = 4;  ///< sound, base layer, lowest temporal layers of larger pictures, the rest and parity
  static constexpr std::size_t most_cuts = 1024;

  static std::size_t lane_of(const MediaHeader& header);
  static Picture picture_of(const MediaHeader& header) { return {header.frame.stream_id, header.frame.spatial_layer}; }
  [[nodiscard]] std::size_t message_bytes() const;
  static std::size_t cost_of(const MediaPacket& packet) { return sizeof(Waiting) + packet.payload.size(); }
  bool passes_cut(const MediaHeader& header);
  /// Belongs to a frame that was given up lately.
  [[nodiscard]] bool is_straggler(const MediaHeader& header, Time now) const;
  void drop_stale(Time now);
  void make_room(Time now);
  [[nodiscard]] bool over_full() const { return media_bytes_ > max_waiting_media || media_packets_ > max_waiting_media_packets; }
  void give_up_front(std::size_t lane, Time now);
  Taken take_front(std::size_t lane);
  void note_waiting(std::size_t lane, const MediaHeader& header);
  void note_gone(std::size_t lane, const MediaHeader& header);
  [[nodiscard]] bool doomed(const Waiting& each) const;
  void cut(const MediaHeader& lost);
  std::optional<OutgoingFrame> next_message();
  std::optional<OutgoingFrame> next_media(std::size_t first_lane, std::size_t end_lane, Time now);

  std::array<quic::SendBuffer, 3> channels_;
  std::array<std::uint64_t, 3> taken_{};  ///< bytes of each that left
  std::array<std::deque<Waiting>, lanes> media_;
  std::deque<Words> feedback_;
  std::uint64_t next_order_ = 0;
  std::map<Picture, Standing> standing_;
  std::map<Picture, std::uint8_t> cuts_;  ///< the temporal layer from which on nothing can be decoded
  std::map<Picture, Lost> lost_;          ///< the frame of each that was given up last
  std::size_t media_bytes_ = 0;
  std::size_t media_packets_ = 0;
  std::uint64_t stale_ = 0;
  bool pictures_turn_ = false;
};

}  // namespace conclave::transport::websocket
