// What the relay knows of one connection.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "relay/allowance.h"
#include "relay/room.h"

namespace conclave::relay {

/// Connected, but has not said Hello.
struct Silent {};

/// Has said Hello: may open the room or knock at it, once.
struct Visitor {
  RoomId room_id{};
  std::uint64_t peer = 0;  ///< opaque id in the room
  Bytes challenge;
  std::uint8_t work_bits = 0;  ///< that its knock has to show
};

/// Known to a room: at its door, or a member.
struct Guest {
  RoomId room_id{};
  Room* room = nullptr;  ///< outlives this state
};

struct Connection {
  Connection(ConnectionId own_id, const Limits& limits) : id(own_id), allowance(limits) {}
  ConnectionId id;
  std::variant<Silent, Visitor, Guest> state;
  std::optional<Time> deadline;  ///< of a state that must not last
  std::size_t strikes = 0;
  Allowance allowance;
  AddressBlock origin{};  ///< all zeros: not known
};

}  // namespace conclave::relay
