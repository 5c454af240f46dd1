// What is asked of a room, and what it is, between the structs of the C interface and the C++ one.
#pragma once

#include "conclave.h"
#include "conclave/room_commands.h"
#include "failure.h"

namespace conclave::c {

/// A command for a call, but REMOVE, which clients have a function for.
Result<RoomCommand> room_command(const conclave_command& given);

/// Asks a session, but for REMOVE.
Result<SessionStep> carry_out(const conclave_command& given, Room room, Moment at);

conclave_room room_of(const RoomSettings& settings);

}  // namespace conclave::c
