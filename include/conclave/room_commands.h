// What a member asks of a room, as values for an engine or another thread. Each is what the function of `Room` with a like name does.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

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
/** Who may be admitted. */ struct ChangeEntry { Entry entry = Entry::knock; };
/** How frames are signed. */ struct ChangeSigning { FrameSigning signing = FrameSigning::per_frame; };
/// Ends the meeting for all.
struct EndMeeting {};
/// Writes to all.
struct SendChat { std::string text; };
/// Reacts with a symbol.
struct SendReaction { ReactionSymbol symbol = ReactionSymbol::applause; };
/// Asks for the floor, or does no more.
struct RaiseHand { bool raised = true; };
/// A personal invitation by us, for one person, once: answered by `InvitationMade`. `name` says whom it is given to; `identity`: who alone may use it.
struct InviteGuest { std::string name; std::chrono::seconds valid_for = std::chrono::hours(24); std::optional<std::array<std::uint8_t, 32>> identity{}; };
/// Takes back an invitation of ours, by the number of its `InvitationMade`: nobody gets in with it any more.
struct RevokeInvitation { std::uint64_t number = 0; };
/// For our own contacts (`ConferenceConfig::contacts`): this key goes with this name from now on. `verified`: the safety code was compared.
struct RememberMember { MemberId member = 0; bool verified = false; };
/// Who inherits, the first one first, and how many of them must agree while leaders have seats but do not answer (0: more than half). Of owners.
struct NameHeirs { std::vector<MemberId> heirs; std::uint8_t quorum = 0; };
/// As an heir: become owner in the place of leaders who have gone.
struct InheritRoom {};
/// As an heir: speak for another one.
struct EndorseHeir { MemberId claimant = 0; };

using RoomCommand = std::variant<SetRole, GiveRights, TakeRights, BanMember, LockRoom, ChangeMode, ChangeEntry, ChangeSigning, EndMeeting, SendChat, SendReaction,
                                 RaiseHand, InviteGuest, RevokeInvitation, RememberMember, NameHeirs, InheritRoom, EndorseHeir>;

/// The room's rules do not let us, or the text is none: nothing was sent.
struct CommandRefused { Error error; };

}  // namespace conclave
