// What a member asks of a room, as values for an engine or another thread. Each is what the function of `Room` with a like name does.
#pragma once

#include <string>
#include <variant>

#include "conclave/room.h"

namespace conclave {

struct SetRole { MemberId member = 0; Role role = Role::listener; };
struct GiveRights { MemberId member = 0; Rights rights; };
struct TakeRights { MemberId member = 0; Rights rights; };
struct BanMember { MemberId member = 0; };
struct LockRoom { bool locked = true; };
struct ChangeMode { RoomMode mode = RoomMode::open; };
/// Ends the meeting for all.
struct EndMeeting {};
struct SendChat { std::string text; };
struct SendReaction { ReactionSymbol symbol = ReactionSymbol::applause; };
struct RaiseHand { bool raised = true; };

using RoomCommand = std::variant<SetRole, GiveRights, TakeRights, BanMember, LockRoom, ChangeMode, EndMeeting, SendChat, SendReaction, RaiseHand>;

/// The room's rules do not let us, or the text is none: nothing was sent.
struct CommandRefused { Error error; };

}  // namespace conclave
