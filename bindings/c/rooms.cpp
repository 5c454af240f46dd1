#include "rooms.h"

#include "structs.h"

namespace conclave::c {
namespace {

static_assert(CONCLAVE_ROOM_STAGE == static_cast<int>(RoomMode::stage) && CONCLAVE_ROOM_OPEN == static_cast<int>(RoomMode::open));
static_assert(CONCLAVE_OWNER == static_cast<int>(Role::owner) && CONCLAVE_LISTENER == static_cast<int>(Role::listener));
static_assert(CONCLAVE_RIGHT_SOUND == static_cast<int>(Right::publish_audio) && CONCLAVE_RIGHT_SCREEN == static_cast<int>(Right::publish_screen));
static_assert(CONCLAVE_RIGHT_END == static_cast<int>(Right::end) && CONCLAVE_RIGHT_GRANT == static_cast<int>(Right::grant));

Error out_of_range() { return invalid("the command's value is out of range"); }

/// The command's value as an enumerator between two.
template <class Enum>
Result<Enum> value_between(const conclave_command& given, Enum first, Enum last) {
  if (given.value < static_cast<std::uint32_t>(first) || given.value > static_cast<std::uint32_t>(last)) return out_of_range();
  return static_cast<Enum>(given.value);
}

Result<Role> role_in(const conclave_command& given) { return value_between(given, Role::listener, Role::owner); }
Result<RoomMode> mode_in(const conclave_command& given) { return value_between(given, RoomMode::open, RoomMode::stage); }
Result<ReactionSymbol> symbol_in(const conclave_command& given) { return value_between(given, ReactionSymbol::applause, ReactionSymbol::surprise); }

Result<bool> flag_in(const conclave_command& given) {
  if (given.value > 1) return out_of_range();
  return given.value == 1;
}

Result<Rights> rights_in(const conclave_command& given) {
  if (given.value == 0 || given.value > all_rights.bits()) return out_of_range();
  return Rights(static_cast<std::uint16_t>(given.value));
}

Result<std::string> text_in(const conclave_command& given) {
  CONCLAVE_C_ASSIGN(bytes, bytes_of(given.data, given.size));
  return std::string(bytes.begin(), bytes.end());
}

using Heirs = std::vector<std::array<std::uint8_t, 32>>;

Result<Heirs> heirs_in(const conclave_command& given) {
  constexpr std::size_t most = 64;  // the room has a bound of its own
  CONCLAVE_C_ASSIGN(bytes, bytes_of(given.data, given.size));
  if (bytes.size() % 32 != 0 || bytes.size() > 32 * most || given.value > 255) return invalid("heirs are hashes of 32 bytes");
  Heirs heirs(bytes.size() / 32);
  for (std::size_t i = 0; i < heirs.size(); ++i) std::copy_n(bytes.data() + 32 * i, 32, heirs[i].begin());
  return heirs;
}

Result<conclave::Entry> entry_in(const conclave_command& given) { return value_between(given, conclave::Entry::knock, conclave::Entry::invited); }
Result<FrameSigning> signing_in(const conclave_command& given) { return value_between(given, FrameSigning::none, FrameSigning::batched); }

/// Heirs of a call, who are members of it.
Result<RoomCommand> named_heirs(const conclave_command& given) {
  CONCLAVE_C_ASSIGN(bytes, bytes_of(given.data, given.size));
  if (bytes.size() % sizeof(MemberId) != 0 || bytes.size() > 64 * sizeof(MemberId) || given.value > 255) return invalid("heirs are numbers of members");
  NameHeirs named{std::vector<MemberId>(bytes.size() / sizeof(MemberId)), static_cast<std::uint8_t>(given.value)};
  if (!bytes.empty()) std::memcpy(named.heirs.data(), bytes.data(), bytes.size());
  return RoomCommand(std::move(named));
}

Result<RoomCommand> invite_guest(const conclave_command& given) {
  InviteGuest invite;
  CONCLAVE_C_ASSIGN(name, text_in(given));
  invite.name = std::move(name);
  if (given.value != 0) invite.valid_for = std::chrono::seconds(given.value);
  return RoomCommand(std::move(invite));
}

/// A command of one checked value.
template <class Command, class Value>
Result<RoomCommand> command_with(Result<Value> value) {
  if (!value.ok()) return std::move(value).error();
  return RoomCommand(Command{std::move(*value)});
}

/// A command about a member, with one checked value.
template <class Command, class Value>
Result<RoomCommand> command_about(MemberId member, Result<Value> value) {
  if (!value.ok()) return std::move(value).error();
  return RoomCommand(Command{member, std::move(*value)});
}

Result<SessionStep> to_send(Result<ToLog> message) {
  if (!message.ok()) return std::move(message).error();
  SessionStep step;
  step.send.push_back(std::move(*message));
  return step;
}

/// What `ask` gives for a checked value.
template <class Value, class Ask>
Result<SessionStep> asked_with(Result<Value> value, Ask ask) {
  if (!value.ok()) return std::move(value).error();
  return ask(std::move(*value));
}

Error no_such_command() { return invalid("there is no such command"); }

/// What a member says to the others, and does itself.
Result<SessionStep> carry_out_of_member(const conclave_command& given, Room room, Moment at) {
  switch (given.kind) {
    case CONCLAVE_COMMAND_CHAT: return asked_with(text_in(given), [&](const std::string& text) { return to_send(room.chat(text)); });
    case CONCLAVE_COMMAND_REACTION: return asked_with(symbol_in(given), [&](ReactionSymbol symbol) { return to_send(room.react(symbol)); });
    case CONCLAVE_COMMAND_HAND: return asked_with(flag_in(given), [&](bool raised) { return to_send(room.raise_hand(raised)); });
    case CONCLAVE_COMMAND_INHERIT: return room.inherit(at);
    case CONCLAVE_COMMAND_ENDORSE: return room.endorse(given.member, at);
    case CONCLAVE_COMMAND_END: return room.end(at);
    default: return no_such_command();
  }
}

}  // namespace

Result<RoomCommand> room_command(const conclave_command& given) {
  switch (given.kind) {
    case CONCLAVE_COMMAND_CHAT: return command_with<SendChat>(text_in(given));
    case CONCLAVE_COMMAND_REACTION: return command_with<SendReaction>(symbol_in(given));
    case CONCLAVE_COMMAND_HAND: return command_with<RaiseHand>(flag_in(given));
    case CONCLAVE_COMMAND_ROLE: return command_about<SetRole>(given.member, role_in(given));
    case CONCLAVE_COMMAND_GIVE: return command_about<GiveRights>(given.member, rights_in(given));
    case CONCLAVE_COMMAND_TAKE: return command_about<TakeRights>(given.member, rights_in(given));
    case CONCLAVE_COMMAND_BAN: return RoomCommand(BanMember{given.member});
    case CONCLAVE_COMMAND_LOCK: return command_with<LockRoom>(flag_in(given));
    case CONCLAVE_COMMAND_MODE: return command_with<ChangeMode>(mode_in(given));
    case CONCLAVE_COMMAND_END: return RoomCommand(EndMeeting{});
    case CONCLAVE_COMMAND_ENTRY: return command_with<ChangeEntry>(entry_in(given));
    case CONCLAVE_COMMAND_SIGNING: return command_with<ChangeSigning>(signing_in(given));
    case CONCLAVE_COMMAND_HEIRS: return named_heirs(given);
    case CONCLAVE_COMMAND_INHERIT: return RoomCommand(InheritRoom{});
    case CONCLAVE_COMMAND_ENDORSE: return RoomCommand(EndorseHeir{given.member});
    case CONCLAVE_COMMAND_REVOKE: return RoomCommand(RevokeInvitation{given.value});
    case CONCLAVE_COMMAND_INVITE: return invite_guest(given);
    case CONCLAVE_COMMAND_REMEMBER: return command_about<RememberMember>(given.member, flag_in(given));
    default: return no_such_command();
  }
}

Result<SessionStep> carry_out(const conclave_command& given, Room room, Moment at) {
  switch (given.kind) {
    case CONCLAVE_COMMAND_ROLE: return asked_with(role_in(given), [&](Role role) { return room.set_role(given.member, role, at); });
    case CONCLAVE_COMMAND_GIVE: return asked_with(rights_in(given), [&](Rights rights) { return room.give(given.member, rights, at); });
    case CONCLAVE_COMMAND_TAKE: return asked_with(rights_in(given), [&](Rights rights) { return room.take(given.member, rights, at); });
    case CONCLAVE_COMMAND_BAN: return room.ban(given.member, at);
    case CONCLAVE_COMMAND_LOCK: return asked_with(flag_in(given), [&](bool locked) { return room.lock(locked, at); });
    case CONCLAVE_COMMAND_MODE: return asked_with(mode_in(given), [&](RoomMode mode) { return room.set_mode(mode, at); });
    case CONCLAVE_COMMAND_ENTRY: return asked_with(entry_in(given), [&](conclave::Entry entry) { return room.set_entry(entry, at); });
    case CONCLAVE_COMMAND_SIGNING: return asked_with(signing_in(given), [&](FrameSigning how) { return room.set_signing(how, at); });
    case CONCLAVE_COMMAND_HEIRS:
      return asked_with(heirs_in(given), [&](Heirs heirs) { return room.set_heirs(std::move(heirs), static_cast<std::uint8_t>(given.value), at); });
    case CONCLAVE_COMMAND_INVITE: return Error{ErrorCode::unsupported, "a session invites by conclave_session_invite"};
    case CONCLAVE_COMMAND_REMEMBER: return Error{ErrorCode::unsupported, "a session has no contacts: conclave_contacts_remember"};
    case CONCLAVE_COMMAND_REVOKE:
      return asked_with(bytes_of(given.data, given.size), [&](ByteView invitation) { return room.revoke(invitation, at); });
    default: return carry_out_of_member(given, room, at);
  }
}

conclave_room room_of(const RoomSettings& settings) {
  conclave_room out{};
  out.mode = static_cast<std::uint32_t>(settings.mode);
  out.entry = static_cast<std::uint32_t>(settings.entry);
  out.signing = static_cast<std::uint32_t>(settings.signing);
  out.locked = settings.locked ? 1 : 0;
  out.ended = settings.ended ? 1 : 0;
  out.max_members = static_cast<std::uint32_t>(settings.max_members);
  out.banned = static_cast<std::uint32_t>(settings.banned);
  return out;
}

}  // namespace conclave::c
