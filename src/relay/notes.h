// What happened at a relay that an operator may want to read about.
#pragma once

#include <cstdint>

#include "relay/commit_log.h"
#include "transport/server.h"

namespace conclave::relay {

enum class NoteKind : std::uint8_t { connected, disconnected, refused, room_opened, room_closed };

/// `room` is all zeros where none is concerned.
struct Note {
  NoteKind kind = NoteKind::connected;
  transport::ConnectionId connection = 0;
  RoomId room{};
};

/// Notes that wait to be fetched, at most; later ones are dropped.
inline constexpr std::size_t max_notes = 1024;

}  // namespace conclave::relay
