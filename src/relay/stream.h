// One stream of media: from its publisher to its subscribers, by number and layer, never by content.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "relay/gap_tracker.h"
#include "relay/lane.h"
#include "relay/outbox.h"
#include "relay/packet_ring.h"
#include "relay/token_bucket.h"

namespace conclave::relay {

/// What one receiver of a stream wants, and what it last said about its path.
struct Subscriber {
  std::uint8_t max_temporal_layer = 7;
  std::uint32_t offset = 0;        ///< of its numbers to those of its lane, since it last changed the layer
  std::uint64_t since = 0;         ///< the number in its lane from which on that holds
  bool begun = false;  ///< a keyframe came by since it subscribed; before that it could decode nothing, and gets nothing
  std::optional<transport::ReceiverReport> report;  ///< for an estimator of the path
  Time reported{};
};

class Stream {
 public:
  /// `peer` is the opaque id of the publisher in its room.
  Stream(const Limits& limits, ConnectionId publisher, std::uint64_t peer, transport::PublishedStream info);

  [[nodiscard]] ConnectionId publisher() const { return publisher_; }
  [[nodiscard]] std::uint64_t peer() const { return peer_; }
  [[nodiscard]] const transport::PublishedStream& info() const { return info_; }
  /// True when it changed.
  bool describe(const transport::PublishedStream& info);

  /// Adds a receiver, or changes its layer. A new one is served from the next keyframe on, which the publisher is asked for.
  void subscribe(ConnectionId connection, std::uint8_t max_temporal_layer, Turn& turn);
  void unsubscribe(ConnectionId connection);
  /// Null for who does not receive this stream.
  [[nodiscard]] const Subscriber* subscriber(ConnectionId connection) const;

  /// A packet from the publisher: kept for NACKs and forwarded to who takes its layer.
  void receive(MediaPacket packet, Turn& turn);

  /// Answers a subscriber from the ring, as far as `allowance` goes.
  void retransmit(ConnectionId connection, const std::vector<std::uint32_t>& sequences, TokenBucket& allowance, Turn& turn);
  /// Passes a subscriber's wish for a keyframe on, merged with those of others.
  void request_keyframe(Turn& turn);
  void note(ConnectionId connection, const transport::ReceiverReport& report, Time now);

  [[nodiscard]] Time next_deadline() const;
  /// Asks the publisher for what is missing and for a keyframe, if it is time.
  void tick(Turn& turn);

 private:
  static constexpr std::size_t layer_count = 8;

  const Receivers& receivers_of(std::uint8_t lane);
  void forward(std::uint64_t sequence, const MediaPacket& packet, Turn& turn);
  void change_lane(Subscriber& subscriber, std::uint8_t max_temporal_layer);
  [[nodiscard]] const MediaPacket* find(const Subscriber& subscriber, std::uint32_t sequence) const;
  void begin_waiting();
  void resend(ConnectionId connection, std::uint32_t sequence, const MediaPacket& packet, Turn& turn);
  void send_keyframe_request(Turn& turn);

  const Limits& limits_;
  ConnectionId publisher_;
  std::uint64_t peer_;
  transport::PublishedStream info_;
  std::map<ConnectionId, Subscriber> subscribers_;
  std::array<Receivers, layer_count> receivers_;  ///< by the highest layer that they take; null: to be made
  std::array<Lane, layer_count> lanes_;           ///< likewise
  bool somebody_waits_ = false;  ///< for a keyframe, to be served from
  SequenceUnwrapper unwrapper_;
  PacketRing ring_;
  GapTracker gaps_;
  std::optional<Time> keyframe_requested_;  ///< when the publisher was last asked
  bool keyframe_wanted_ = false;            ///< since then, and none has begun
};

}  // namespace conclave::relay
