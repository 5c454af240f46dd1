// The relay's core: it orders, forwards and forgets, and holds no key of any meeting. Without sockets, threads or a clock.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "crypto/random.h"
#include "relay/connection.h"
#include "relay/counters.h"
#include "relay/gate.h"
#include "relay/holdback.h"
#include "relay/limits.h"
#include "relay/notes.h"
#include "relay/openers.h"
#include "relay/outbox.h"
#include "relay/room.h"
#include "relay/room_store.h"
#include "relay/seat_charges.h"
#include "relay/work_price.h"
#include "transport/server.h"

namespace conclave::relay {

/// All rooms of one relay. Every call returns what is to be done, in order; nothing that arrives makes it fail, and what one
/// room's connections send costs the others nothing but the time it takes to refuse it. Messages are taken from any channel: a
/// channel carries priority, not meaning. Single-threaded.
class Relay {
 public:
  /// `log`, `random` and `store` outlive the relay. Without a store, rooms end with it.
  Relay(const Limits& limits, CommitLog& log, crypto::Random& random);
  Relay(const Limits& limits, CommitLog& log, crypto::Random& random, RoomStore& store);
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// What a connection did. Whatever comes from one that the relay has closed is ignored.
  Outputs handle(transport::ServerEvent event, Time now);
  /// What is due. Call at `next_deadline()`; earlier does no harm.
  Outputs tick(Time now);
  [[nodiscard]] Time next_deadline() const;

  /// What waited until the store had written down what it tells of. Call when that has got further.
  Outputs say_written();

  /// Before anything else: 32 secret bytes from which the cards of rooms that are not open follow, the same at each start.
  void set_false_card_key(ByteView key) { facade_.set_key(key); }
  /// Before anything else: the rooms as they were written down, with `log` as it was. Each waits `Limits::resume_window` for its members.
  void restore(const std::vector<RoomRecord>& rooms, Time now);
  /// Closes every connection with `connection_lost`: the relay goes, the meetings need not. What is written down stays.
  Outputs shut_down();

  // ---- changes while it runs ----
  /// Counts and sizes hold at once, for what comes; the paces of connections that stand remain as they were.
  void set_limits(const Limits& limits) { limits_ = limits; }
  /// For rooms opened from now on.
  void set_openers(Openers openers) { openers_ = std::move(openers); }
  /// Opens no rooms any more; those that are open go on, with newcomers too.
  void drain() { draining_ = true; }
  /// A connection that does not take its messages is being closed by the transport.
  void note_slow_connection() { ++counters_.connections_slow; }
  /// From now on `take_notes` has something to say.
  void keep_notes() { noting_ = true; }
  std::vector<Note> take_notes() { return std::exchange(notes_, {}); }

  /// The log of a room has new entries that this relay did not append itself.
  Outputs log_advanced(const RoomId& room, Time now);

  [[nodiscard]] const Counters& counters() const { return counters_; }
  /// Messages that wait for the store.
  [[nodiscard]] std::size_t messages_waiting() const { return holdback_.waiting(); }
  [[nodiscard]] std::size_t connection_count() const { return connections_.size(); }
  [[nodiscard]] std::size_t room_count() const { return rooms_.size(); }
  /// Seats that wait for their members.
  [[nodiscard]] std::size_t seats_away() const;

 private:
  void connected(ConnectionId id, const AddressBlock& origin, Turn& turn);
  /// Forgets the connection. Unless its member `moved`, its room may have gone with it: look for it again.
  void disconnected(Connection& from, Departure how, Turn& turn);
  void message(Connection& from, TransportMessage& event, Turn& turn);
  void feedback(Connection& from, const TransportFeedback& event, Turn& turn);
  void media(Connection& from, MediaPacket packet, Turn& turn);

  void on(Connection& from, transport::Hello hello, Turn& turn);
  void on(Connection& from, transport::OpenRoom open, Turn& turn);
  void on(Connection& from, transport::Knock knock, Turn& turn);
  void on(Connection& from, transport::RefuseKnock refusal, Turn& turn);
  void on(Connection& from, transport::AppendCommit commit, Turn& turn);
  void on(Connection& from, transport::Broadcast broadcast, Turn& turn);
  void on(Connection& from, transport::Publish publish, Turn& turn);
  void on(Connection& from, transport::Subscribe subscribe, Turn& turn);
  void on(Connection& from, transport::Leave, Turn& turn);
  void on(Connection& from, transport::CloseRoom, Turn& turn);
  void on(Connection& from, transport::KeepSeat keep, Turn& turn);
  void on(Connection& from, transport::Resume resume, Turn& turn);
  void on(Connection& from, transport::ShareDoor share, Turn& turn);
  void on(Connection& from, transport::SeatHeirs heirs, Turn& turn);
  void on(Connection& from, transport::Acclaim acclaim, Turn& turn);

  /// The room of which `from` is a member; null, and a strike, when it is none.
  Room* room_of_member(Connection& from, Turn& turn);
  Room* find_room(const RoomId& id);
  void after_append(const RoomId& id, const Result<void>& appended, Turn& turn);
  void close_room(const RoomId& id, Turn& turn);

  /// A message was dropped: `malformed` or `invalid_state`. A member gets patience, others none.
  void strike(Connection& from, ErrorCode code, Turn& turn);
  void over_limit(Connection& from, Turn& turn);
  /// Says no, lets the room know, and closes.
  void refuse(Connection& from, ErrorCode code, const char* reason, Turn& turn);
  void set_deadline(Connection& connection, std::optional<Time> deadline);
  void note(NoteKind kind, ConnectionId connection, const RoomId& room = {});
  /// Something happened in a room: its deadline has to be asked for again.
  void stir(const RoomId& id);
  void note_room_deadlines() const;
  /// The outputs of a turn that may go now; turns out who has too much waiting.
  Outputs finish(Turn& turn);
  /// Forgets the connections that are closed.
  Outputs take_outputs(Outbox& out);

  Limits limits_;
  Openers openers_;
  bool draining_ = false;
  bool going_ = false;  ///< after `shut_down`
  bool noting_ = false;
  std::vector<Note> notes_;
  CommitLog& log_;
  crypto::Random& random_;
  NoStore no_store_;
  RoomStore& store_;
  Facade facade_;
  Holdback holdback_;
  SeatCharges charges_;
  WorkPrice price_;
  Counters counters_;
  std::map<RoomId, Room> rooms_;
  std::unordered_map<ConnectionId, Connection> connections_;
  std::set<std::pair<Time, ConnectionId>> deadlines_;
  mutable std::vector<RoomId> stirred_;  ///< since `room_deadlines_` was brought up to date
  mutable std::set<std::pair<Time, RoomId>> room_deadlines_;
  mutable std::map<RoomId, Time> room_scheduled_;  ///< the same by room
};

}  // namespace conclave::relay
