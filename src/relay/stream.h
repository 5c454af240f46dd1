// One stream of media: from its publisher to its subscribers, by number and layer, never by content.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "relay/gap_tracker.h"
#include "relay/guard.h"
#include "relay/lane.h"
#include "relay/layer_rates.h"
#include "relay/outbox.h"
#include "relay/packet_ring.h"
#include "relay/subscriber.h"
#include "relay/token_bucket.h"
#include "transport/fec/recovery.h"

namespace conclave::relay {

class Stream {
 public:
  /// `peer` is the opaque id of the publisher in its room.
  Stream(const Limits& limits, ConnectionId publisher, std::uint64_t peer, transport::PublishedStream info);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  [[nodiscard]] ConnectionId publisher() const { return publisher_; }
  [[nodiscard]] std::uint64_t peer() const { return peer_; }
  [[nodiscard]] const transport::PublishedStream& info() const { return info_; }
  /// Says that it is sound, and has been as thin as sound lately: it waits for nothing, and is never paused.
  [[nodiscard]] bool is_sound(Time now) const { return claims_sound() && now >= heavy_until_ && rates_.total() <= limits_.sound_rate; }
  /// Of its largest size with all its layers, as far as is known; bits a second.
  [[nodiscard]] double top_rate() const { return rates_.rate({static_cast<std::uint8_t>(info_.spatial_layers - 1), 7}); }
  /// True when it changed.
  bool describe(const transport::PublishedStream& info, Turn& turn);

  // ---- subscribers ----
  /// Adds a receiver, or changes what it wants at most. A new one is served from the next keyframe on, which the publisher is asked
  /// for; over a narrow path with the least that there is, until `choose` says more.
  void subscribe(ConnectionId connection, const transport::Subscription& wanted, Way way, Turn& turn);
  void unsubscribe(ConnectionId connection, Turn& turn);
  /// It ends: nothing of it waits anywhere any more.
  void retire();
  /// Null for who does not receive this stream.
  [[nodiscard]] const Subscriber* subscriber(ConnectionId connection) const;
  /// The way to a subscriber has changed. One whose path is wide again gets all that it wants.
  void attach(ConnectionId connection, Way way, Turn& turn);
  /// The ways in which a subscriber can take it.
  [[nodiscard]] Ladder ladder(const Subscriber& subscriber) const;
  /// What a subscriber is to get; nothing: it is paused. Fewer temporal layers at once, more from the next frame of the lowest on, another
  /// size from its next keyframe on, which the publisher is asked for.
  void choose(ConnectionId connection, std::optional<LayerChoice> target, Turn& turn);
  /// Lets the publisher know what is taken, when that has changed.
  void update_wanted(Turn& turn);
  /// A pacer gave packets up.
  void note_drop(ConnectionId connection, const PacedDrop& drop, Turn& turn);

  // ---- media ----
  /// A packet from the publisher, or parity from which others are made: kept for NACKs and forwarded to who takes its layer. `sound` is what
  /// its publisher may send as sound.
  void receive(MediaPacket packet, TokenBucket& sound, Turn& turn);
  /// Answers a subscriber from the ring, as far as `allowance` goes.
  void retransmit(ConnectionId connection, const std::vector<std::uint32_t>& sequences, TokenBucket& allowance, Turn& turn);
  /// Passes a subscriber's wish for a keyframe of what it gets on, merged with those of others.
  void request_keyframe(const Subscriber& subscriber, Turn& turn);

  [[nodiscard]] Time next_deadline() const;
  /// Asks the publisher for what is missing and for a keyframe, and tells it what nobody takes, if it is time.
  void tick(Turn& turn);

 private:
  /// The receivers of one choice of layers.
  struct Tier {
    Lane lane;
    Receivers receivers;  ///< those with nothing in their way; null: to be made anew
    std::uint64_t alike_from = 0;  ///< the lane's number from which on the offsets of all `receivers` hold
    std::vector<std::pair<ConnectionId, Subscriber*>> apart;  ///< the others
  };
  struct Refusal {
    ConnectionId connection = 0;
    std::uint64_t own_number = 0;
    Pushed why = Pushed::full;
  };

  [[nodiscard]] bool claims_sound() const { return info_.priority == 7 && info_.spatial_layers == 1; }

  [[nodiscard]] LayerChoice most_of(const transport::Subscription& wanted) const;
  [[nodiscard]] LayerChoice least_of(const Subscriber& subscriber) const;
  Tier& tier(LayerChoice choice);
  void bring_up_to_date(LayerChoice choice, Tier& tier);
  void retire_from(Subscriber& subscriber) const;
  void forget_receivers();
  void forget_apart(ConnectionId connection);
  [[nodiscard]] Receivers receivers_then(LayerChoice choice, const Tier& tier, std::uint64_t number) const;
  void move(Subscriber& subscriber, LayerChoice choice);
  void rest(Subscriber& subscriber);
  void settle_at(const FrameInfo& frame, Turn& turn);
  void take(MediaPacket packet, TokenBucket& sound, Turn& turn);
  void forward(std::uint64_t sequence, const MediaPacket& packet, Turn& turn);
  Pushed hand_over(Subscriber& subscriber, std::uint64_t own_number, const MediaPacket& packet, bool late, Turn& turn);
  void send_to(const Subscriber& subscriber, MediaPacket packet, Turn& turn) const;
  void refuse(const Refusal& refusal, bool late, Turn& turn);
  [[nodiscard]] const MediaPacket* find(const Subscriber& subscriber, std::uint32_t sequence) const;
  void resend(ConnectionId connection, const Subscriber& subscriber, std::uint32_t sequence, const MediaPacket& packet, Turn& turn);
  void want_keyframe(unsigned layers, Turn& turn);
  void send_keyframe_request(Turn& turn);
  [[nodiscard]] unsigned layers_awaited() const;
  [[nodiscard]] unsigned layers_taken() const;
  void tell_wanted(unsigned layers, Turn& turn);

  const Limits& limits_;
  ConnectionId publisher_;
  std::uint64_t peer_;
  transport::PublishedStream info_;
  std::map<ConnectionId, Subscriber> subscribers_;
  std::map<LayerChoice, Tier> tiers_;
  bool unsettled_ = false;    ///< somebody may not get yet what it is to get
  std::uint64_t passed_ = 0;  ///< one past the highest sequence that went into the lanes
  SequenceUnwrapper unwrapper_;
  PacketRing ring_;
  transport::fec::Recovery recovery_;
  GapTracker gaps_;
  LayerRates rates_;
  Time heavy_until_ = Time::min();  ///< it sent more than sound may be
  std::optional<Time> keyframe_requested_;  ///< when the publisher was last asked
  unsigned keyframes_wanted_ = 0;           ///< of these spatial layers, since then
  int repeats_ = 0;                         ///< of a request that was not answered
  unsigned told_wanted_;                    ///< spatial layers that the publisher believes to be wanted
  std::optional<Time> narrowing_;           ///< when it is told that it believes too much
};

}  // namespace conclave::relay
