// What of a room outlives the relay: enough that its members find their seats again.
#pragma once

#include <cstdint>
#include <vector>

#include "conclave/bytes.h"
#include "relay/commit_log.h"

namespace conclave::relay {

using transport::DoorRank;

/// A member's place in a room, whatever connection it comes over. Names nobody.
struct Seat {
  std::uint64_t peer = 0;      ///< the opaque id of the connection that first had it
  std::uint64_t knock_id = 0;  ///< by which it came; 0 for the founder
  DoorRank door = DoorRank::none;
  Bytes digest{};              ///< of the token that takes it again; empty: it goes with its connection
  Bytes spent{};               ///< of the token before, whose use may have to be repeated
  std::uint8_t quorum = 0;     ///< of an heir with a voice: as many must agree on a new host; 0: it has none
};

struct RoomRecord {
  RoomId id{};
  Bytes gate_key;
  Bytes lane_key;  ///< empty: no lane
  Bytes card;
  std::vector<Seat> seats;  ///< those with a digest
};

/// Where rooms are written down, beside the `CommitLog`. Nothing here fails: a store that cannot keep what it was told counts that, and
/// later says less, never something else. Everything in it is opaque, sealed, public, or a digest.
class RoomStore {
 public:
  RoomStore() = default;
  RoomStore(const RoomStore&) = delete;
  RoomStore& operator=(const RoomStore&) = delete;
  virtual ~RoomStore() = default;

  virtual void put_room(const RoomId& room, ByteView gate_key, ByteView lane_key, ByteView card) = 0;
  /// Also in the place of what was there under the same `peer`.
  virtual void put_seat(const RoomId& room, const Seat& seat) = 0;
  virtual void drop_seat(const RoomId& room, std::uint64_t peer) = 0;
  /// The room is over, its log too.
  virtual void forget_room(const RoomId& room) = 0;

  /// How many things it was told so far, log entries included; and how many of these, from the first, are written down or never will be. What a
  /// relay says of the others waits.
  [[nodiscard]] virtual std::uint64_t told() const { return 0; }
  [[nodiscard]] virtual std::uint64_t written() const { return 0; }
};

/// Keeps nothing.
class NoStore final : public RoomStore {
 public:
  void put_room(const RoomId&, ByteView, ByteView, ByteView) override {}
  void put_seat(const RoomId&, const Seat&) override {}
  void drop_seat(const RoomId&, std::uint64_t) override {}
  void forget_room(const RoomId&) override {}
};

}  // namespace conclave::relay
