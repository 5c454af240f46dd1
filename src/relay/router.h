// Who publishes and who subscribes in one room, and the media that flows between them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "relay/guard.h"
#include "relay/outbox.h"
#include "relay/receiver_path.h"
#include "relay/stream.h"
#include "relay/token_bucket.h"
#include "transport/path_meter.h"

namespace conclave::relay {

/// Routes by stream id alone, and only from the connection that publishes it to connections that asked for it. Subscriptions
/// may come before the stream they name.
class Router {
 public:
  explicit Router(const Limits& limits) : limits_(limits) {}

  /// `peer` is the opaque id by which the room knows the connection. Tells it what there is.
  void join(ConnectionId connection, std::uint64_t peer, Turn& turn);
  /// Its streams and subscriptions go.
  void leave(ConnectionId connection, Turn& turn);

  /// Replaces the streams of a member. An id that another member has stays with that member.
  void publish(ConnectionId connection, const transport::Publish& wanted, Turn& turn);
  /// Replaces the subscriptions of a member.
  void subscribe(ConnectionId connection, const transport::Subscribe& wanted, Turn& turn);

  void media(ConnectionId from, MediaPacket packet, Turn& turn);
  void feedback(ConnectionId from, const std::vector<transport::Feedback>& items, Turn& turn);

  [[nodiscard]] Time next_deadline() const;
  void tick(Turn& turn);

 private:
  struct Participant {
    std::uint64_t peer = 0;
    std::vector<std::uint16_t> published;
    std::vector<transport::Subscription> wanted;  ///< sorted by stream id
    TokenBucket retransmissions;
    TokenBucket sound;  ///< bits of all its streams that say that they are sound, whatever it retracts and publishes again
    std::unique_ptr<ReceiverPath> path{};  ///< once it has reported
    std::unique_ptr<Guard> guard{};        ///< while its path loses packets
  };
  using Published = std::map<std::uint16_t, Stream>;

  bool retract_all_but(Participant& participant, const transport::Publish& wanted);
  bool publish_one(ConnectionId connection, Participant& participant, const transport::PublishedStream& info, Turn& turn);
  void attach_subscribers(Stream& stream, Turn& turn);
  Stream* stream_received_by(ConnectionId connection, std::uint16_t stream_id, Turn& turn);
  void answer(ConnectionId from, Participant& participant, const transport::Feedback& item, Turn& turn);
  [[nodiscard]] static Way way_to(const Participant& participant) {
    return {participant.path ? participant.path->paced() : nullptr, participant.guard.get()};
  }
  void path_report(ConnectionId connection, Participant& participant, const transport::PathReport& report, Turn& turn);
  void review(ConnectionId connection, Participant& participant, Turn& turn);
  void protect(ConnectionId connection, Participant& participant, Turn& turn);
  void attach_all(ConnectionId connection, const Participant& participant, Way way, Turn& turn);
  void set_narrow(ConnectionId connection, Participant& participant, bool narrow, Turn& turn);
  void begin_modestly(ConnectionId connection, Participant& participant, Turn& turn);
  void divide(ConnectionId connection, Participant& participant, Turn& turn);
  void release(Participant& participant, Time until, Turn& turn);
  [[nodiscard]] Time next_path_deadline() const;
  void tick_paths(Turn& turn);
  void streams_changed(Turn& turn);
  void announce(Turn& turn);
  [[nodiscard]] transport::StreamsAvailable streams_for(std::optional<ConnectionId> connection) const;

  const Limits& limits_;
  std::map<ConnectionId, Participant> participants_;
  Published streams_;
  std::set<ConnectionId> narrow_;   ///< participants whose paths are narrow
  std::set<ConnectionId> guarded_;  ///< those whose paths lose packets
  std::map<ConnectionId, transport::PathMeter> uplinks_;  ///< of who has sent media
  Time announced_ = Time::min();  ///< when the members were last told what there is
  bool stale_ = false;            ///< it changed since then
};

}  // namespace conclave::relay
