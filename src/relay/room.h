// One meeting as the relay sees it: opaque members around a log, a door, and streams.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "relay/commit_log.h"
#include "relay/gate.h"
#include "relay/outbox.h"
#include "relay/router.h"
#include "relay/waiting_room.h"

namespace conclave::relay {

/// Exists as long as it is open. Its members are the connection that opened it and those to which a Welcome was delivered; who
/// may admit is, for now, the connection that opened it. What a commit does to the meeting stays unknown to the room.
class Room {
 public:
  Room(const RoomId& id, Gate gate, Bytes card, CommitLog& log, const Limits& limits)
      : id_(id), gate_(std::move(gate)), card_(std::move(card)), log_(log), limits_(limits), router_(limits), door_(limits), knock_pace_(limits.knock_pace), lane_pace_(limits.knock_pace) {}

  [[nodiscard]] const Bytes& card() const { return card_; }
  [[nodiscard]] const Gate& gate() const { return gate_; }
  [[nodiscard]] bool is_member(ConnectionId connection) const { return members_.contains(connection); }
  [[nodiscard]] bool may_admit(ConnectionId connection) const { return admitter_ == connection; }
  /// Nobody is left who could go on.
  [[nodiscard]] bool deserted() const { return members_.empty(); }
  /// All connections that the room knows, those at the door included.
  [[nodiscard]] std::vector<ConnectionId> everyone() const;

  /// The founder comes in. Called once, first.
  void open(ConnectionId founder, std::uint64_t peer, Turn& turn);
  /// A knock that passed the gate, perhaps by the lane of personal invitations. False when too many wait there already, or came at once.
  [[nodiscard]] bool knock(ConnectionId connection, std::uint64_t peer, Bytes sealed, bool in_lane, Turn& turn);
  /// A connection is gone, from wherever in the room it stood.
  void leave(ConnectionId connection, bool said_goodbye, Turn& turn);

  // From members alone; the caller has asked `is_member`.
  [[nodiscard]] Result<void> append(ConnectionId from, transport::AppendCommit commit, Turn& turn);
  [[nodiscard]] Result<void> broadcast(ConnectionId from, transport::Broadcast message, Turn& turn);
  void refuse_knock(std::uint64_t knock_id, Turn& turn);
  Router& router() { return router_; }

  /// Delivers what is new in the log. `expired` when the log has lost entries that were not delivered: the room cannot go on.
  [[nodiscard]] Result<void> read_log(Turn& turn);

  [[nodiscard]] Time next_deadline() const;
  void tick(Turn& turn);

 private:
  struct Member {
    std::uint64_t peer = 0;
    std::uint64_t knock_id = 0;  ///< by which it came; 0 for the founder
  };

  void deliver(const LoggedRecord& logged, Turn& turn);
  void offer(const transport::AppendCommit::Welcome& welcome, std::uint64_t index, bool contested, Turn& turn);
  void welcome_again(const transport::AppendCommit::Welcome& welcome, bool contested, Turn& turn);
  void release(std::uint64_t knock_id, Turn& turn);
  void admit(Knocker knocker, const Bytes& welcome, std::uint64_t read_from, Turn& turn);
  void turn_away(const Knocker& knocker, std::string reason, Turn& turn);
  void catch_up(ConnectionId connection, std::uint64_t from, Turn& turn);
  void withdraw(const Knocker& knocker, Turn& turn);
  void add_member(ConnectionId connection, Member member, Turn& turn);
  /// Notes that a commit claims `epoch`; true when another did before.
  bool claimed_before(std::uint64_t epoch);

  RoomId id_;
  Gate gate_;
  Bytes card_;
  CommitLog& log_;
  const Limits& limits_;
  Router router_;
  WaitingRoom door_;
  TokenBucket knock_pace_;
  TokenBucket lane_pace_;
  std::map<ConnectionId, Member> members_;
  std::vector<ConnectionId> audience_;  ///< the members' connections
  std::optional<ConnectionId> admitter_;
  std::uint64_t next_index_ = 0;        ///< of the log entry to deliver next
  std::deque<std::uint64_t> claimed_epochs_;
};

}  // namespace conclave::relay
