// One meeting as the relay sees it: opaque members around a log, a door, and streams.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "relay/allowance.h"
#include "relay/commit_log.h"
#include "relay/gate.h"
#include "relay/outbox.h"
#include "relay/room_store.h"
#include "relay/router.h"
#include "relay/seat_charges.h"
#include "relay/waiting_room.h"

namespace conclave::relay {

/// How a connection ended.
enum class Departure : std::uint8_t {
  left,     ///< said goodbye
  lost,     ///< broke: its seat is kept for a while, if its member asked for that
  moved,    ///< its member takes the seat in the same turn, over another connection: nobody keeps or pays for anything
  expelled, ///< closed by the relay for what it said
};

/// Exists as long as it is open. Its members are the connection that opened it and those to which a Welcome was delivered; who
/// may answer knocks is the connection that opened it, and whom it names (`ShareDoor`). What a commit does to the meeting stays unknown to the room. A member whose
/// connection broke has its seat for `Limits::resume_window`.
class Room {
 public:
  Room(const RoomId& id, Gate gate, Bytes card, CommitLog& log, RoomStore& store, const Limits& limits)
      : id_(id), gate_(std::move(gate)), card_(std::move(card)), log_(log), store_(store), limits_(limits), router_(limits), door_(limits), knock_pace_(limits.knock_pace), lane_pace_(limits.lane_pace) {}

  [[nodiscard]] const Bytes& card() const { return card_; }
  [[nodiscard]] const Gate& gate() const { return gate_; }
  [[nodiscard]] bool is_member(ConnectionId connection) const { return members_.contains(connection); }
  /// Keeps the door: is told of knocks, answers them, and its Welcomes count.
  [[nodiscard]] bool may_admit(ConnectionId connection) const { return rank_of(connection) != DoorRank::none; }
  /// Gives ranks at the door, and ends the room: a host, and while none is connected an heir.
  [[nodiscard]] bool leads(ConnectionId connection) const;
  /// Who leads gives a member's seat a rank; the seat may be away. Nothing when there is no such seat, or an heir would make or unmake a host.
  void share_door(ConnectionId from, const transport::ShareDoor& share, Turn& turn);
  /// A host names the heirs whose voices count from now on, or from when the list has stood long enough. False from anybody else.
  [[nodiscard]] bool seat_heirs(ConnectionId from, transport::SeatHeirs heirs, Turn& turn);
  /// An heir's voice for a new host. False from who has none.
  [[nodiscard]] bool acclaim(ConnectionId from, std::uint64_t peer, Turn& turn);
  /// Nobody is left who could go on.
  [[nodiscard]] bool deserted() const { return members_.empty() && away_.empty(); }
  /// All connections that the room knows, those at the door included.
  [[nodiscard]] std::vector<ConnectionId> everyone() const;

  /// The founder comes in. Called once, first.
  void open(ConnectionId founder, std::uint64_t peer, Turn& turn);
  /// A knock that passed the gate, perhaps by the lane of personal invitations. False when too many wait there already, or came at once.
  [[nodiscard]] bool knock(ConnectionId connection, std::uint64_t peer, Bytes sealed, bool in_lane, Turn& turn);
  /// A connection is gone, from wherever in the room it stood.
  struct Belongings {
    Allowance allowance;
    SeatCharge charge{};
  };
  void leave(ConnectionId connection, Departure how, Belongings belongings, Turn& turn);

  // ---- seats ----
  /// From a member: its seat is kept from now on for who shows the token of `digest`.
  void keep_seat(ConnectionId connection, Bytes digest);
  /// True when `shown`, the digest of the token, takes the seat, and the log reaches back as far as is wanted. The time does not tell how
  /// much of it was right. A seat that a connection has can be taken over even where none is kept for those without.
  [[nodiscard]] bool keeps_seat(const transport::Resume& resume, ByteView shown) const;
  /// The connection that has the seat now.
  [[nodiscard]] std::optional<ConnectionId> connection_of(std::uint64_t peer) const;
  /// What the seat of somebody away may still do.
  [[nodiscard]] Allowance& allowance_of_absent(std::uint64_t peer) { return away_.at(peer).belongings.allowance; }
  /// Gives a seat that is kept, and that no connection has, to `connection`, with what it missed.
  Allowance resume(ConnectionId connection, const transport::Resume& resume, Turn& turn);
  /// As it was written down: everybody is away. `first_knock_id` is above all that were given out before.
  void restore(const std::vector<Seat>& seats, std::uint64_t first_knock_id, Time now);
  [[nodiscard]] std::size_t seats_away() const { return away_.size(); }

  // From members alone; the caller has asked `is_member`.
  [[nodiscard]] Result<void> append(ConnectionId from, transport::AppendCommit commit, Turn& turn);
  [[nodiscard]] Result<void> broadcast(ConnectionId from, transport::Broadcast message, Turn& turn);
  void refuse_knock(ConnectionId from, std::uint64_t knock_id, Turn& turn);
  Router& router() { return router_; }

  /// Delivers what is new in the log. `expired` when the log has lost entries that were not delivered: the room cannot go on.
  [[nodiscard]] Result<void> read_log(Turn& turn);

  [[nodiscard]] Time next_deadline() const;
  void tick(Turn& turn);

 private:
  struct Away {
    Seat seat;
    Time until{};
    Belongings belongings;
    std::uint64_t unread_from = 0;  ///< of the log: what comes before has been read
  };

  void deliver(const LoggedRecord& logged, Turn& turn);
  using Answer = std::shared_ptr<const Bytes>;  ///< an encoded `KnockAnswered`
  struct Offer {
    Answer answer;
    std::uint64_t index = 0;  ///< of its commit in the log
    bool contested = false;
    std::optional<ConnectionId> by;
  };
  void offer(std::uint64_t knock_id, const Offer& offered, Turn& turn);
  void welcome_again(std::uint64_t knock_id, const Answer& answer, bool contested, Turn& turn);
  void release(std::uint64_t knock_id, Turn& turn);
  void admit(Knocker knocker, const Answer& answer, std::uint64_t read_from, Turn& turn);
  void turn_away(const Knocker& knocker, std::string reason, Turn& turn);
  void catch_up(ConnectionId connection, std::uint64_t from, Turn& turn);
  /// Tells the keepers of the door, but for `answered_by`, that nobody waits there under this id any more.
  void withdraw(const Knocker& knocker, Turn& turn, std::optional<ConnectionId> answered_by = std::nullopt);
  void announce_waiting(ConnectionId keeper, Turn& turn);
  [[nodiscard]] DoorRank rank_of(ConnectionId connection) const;
  [[nodiscard]] Seat* find_seat(std::uint64_t peer);
  [[nodiscard]] std::vector<Seat*> seats();
  /// The list that counts, as far as its seats are kept.
  [[nodiscard]] transport::SeatHeirs voices();
  void give_voices(const transport::SeatHeirs& heirs);
  [[nodiscard]] bool another_leads(std::uint64_t peer) const;
  void make_sole_host(std::uint64_t peer, Turn& turn);
  void keep(const Seat& seat);
  void add_member(ConnectionId connection, Seat seat, Turn& turn);
  void expire_seats(Turn& turn);
  /// The first entry of the log that a connection which broke just now may not have got.
  [[nodiscard]] std::uint64_t surely_read(Time now) const;
  void note_delivered(Time now);
  /// The log is kept as far back as somebody away may need it.
  void keep_log_for_absent();
  [[nodiscard]] const Seat* find_seat(std::uint64_t peer) const;
  /// The last entry that the member read, as far as it is kept, is ours.
  [[nodiscard]] bool same_history(const transport::Resume& resume) const;
  /// Notes that a commit claims `epoch`; true when another did before.
  bool claimed_before(std::uint64_t epoch);

  RoomId id_;
  Gate gate_;
  Bytes card_;
  CommitLog& log_;
  RoomStore& store_;
  const Limits& limits_;
  Router router_;
  WaitingRoom door_;
  TokenBucket knock_pace_;
  TokenBucket lane_pace_;
  std::map<ConnectionId, Seat> members_;
  std::map<std::uint64_t, Away> away_;  ///< by the peer of the seat
  std::vector<ConnectionId> audience_;  ///< the members' connections
  struct NextHeirs {
    transport::SeatHeirs heirs;
    Time counts_from{};
  };
  std::optional<NextHeirs> next_heirs_;
  struct Voice {
    std::uint64_t host = 0;  ///< the peer of the seat
    Time until{};
  };
  std::map<std::uint64_t, Voice> acclaims_;  ///< by the peer of the heir's seat
  std::uint64_t next_index_ = 0;        ///< of the log entry to deliver next
  struct Mark {
    Time at{};
    std::uint64_t index = 0;  ///< entries before it were delivered by then
  };
  std::deque<Mark> marks_;  ///< of the last seconds
  std::deque<std::uint64_t> claimed_epochs_;
};

}  // namespace conclave::relay
