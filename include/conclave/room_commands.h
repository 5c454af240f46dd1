// What a member asks of a room, as values for an engine or another thread. Each is what the function of `Room` with a like name does.
#pragma once

#include <string>
#include <variant>

#include "conclave/room.h"

namespace conclave {

/// Makes a member something else.
struct SetRole { MemberId member = 0; Role role = Role::listener; };
/// Gives rights beyond the role's, or back what was taken.
struct GiveRights { MemberId member = 0; Rights rights; };
/// Takes rights: of sound, to mute a member.
struct TakeRights { MemberId member = 0; Rights rights; };
/// Removes a member for good.
struct BanMember { MemberId member = 0; };
/// Lets nobody in any more, or does again.
struct LockRoom { bool locked = true; };
/// Makes the room another kind of meeting.
struct ChangeMode { RoomMode mode = RoomMode::open; };
/// Ends the meeting for all.
struct EndMeeting {};
/// Writes to all.
struct SendChat { std::string text; };
/// Reacts with a symbol.
struct SendReaction { ReactionSymbol symbol = ReactionSymbol::applause; };
/// Asks for the floor, or does no more.
struct RaiseHand { bool raised = true; };

using RoomCommand = std::variant<SetRole, GiveRights, TakeRights, BanMember, LockRoom, ChangeMode, EndMeeting, SendChat, SendReaction, RaiseHand>;

/// The room's rules do not let us, or the text is none: nothing was sent.
struct CommandRefused { Error error; };

}  // namespace conclave
