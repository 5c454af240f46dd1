#include "room_talk.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "terminal.h"

namespace conclave::call {
namespace {

constexpr const char* help =
    "/roster  who is here          /raise, /lower   your hand        /applause\n"
    "/floor N  give the floor      /mute N  take it                  /stopvideo N, /stopsound N\n"
    "/role N listener|speaker|moderator|owner       /remove N  for good\n"
    "/lock, /unlock  the door      /mode open|moderated|stage        /end  for all\n"
    "/invite [HOURS] NAME  a link for one person                     /revoke N  an invitation\n"
    "/entry knock|invited  who may come                              /code  the safety code\n"
    "/verified N  their safety code is right: remember it            /know N  remember this key under its name\n"
    "/heirs N [N ...]  who takes over                                /inherit, /endorse N  as an heir\n"
    "anything else is chat";

struct Typed {
  std::string word;
  std::optional<MemberId> member;
  std::string rest;
};

Typed split(const std::string& line) {
  Typed typed;
  const std::size_t space = line.find(' ');
  typed.word = line.substr(0, space);
  if (space == std::string::npos) return typed;
  typed.rest = line.substr(space + 1);
  MemberId number = 0;
  const auto [end, failed] = std::from_chars(typed.rest.data(), typed.rest.data() + typed.rest.size(), number);
  const bool whole = end == typed.rest.data() + typed.rest.size() || *end == ' ';
  if (failed != std::errc() || !whole) return typed;
  typed.member = number;
  typed.rest.erase(0, static_cast<std::size_t>(end - typed.rest.data()));
  if (typed.rest.starts_with(' ')) typed.rest.erase(0, 1);
  return typed;
}

constexpr std::array<const char*, 4> role_names{"listener", "speaker", "moderator", "owner"};

const char* name_of(Role role) { return role_names[static_cast<std::size_t>(role) - 1]; }

std::optional<Role> role_named(const std::string& name) {
  const auto found = std::find(role_names.begin(), role_names.end(), name);
  if (found == role_names.end()) return std::nullopt;
  return static_cast<Role>(found - role_names.begin() + 1);
}

/// "/invite 3 Ada Lovelace": for three hours; without a number for a day.
std::optional<RoomCommand> invitation(const Typed& typed) {
  constexpr MemberId longest = 24 * 365;
  if (typed.rest.empty() || (typed.member && (*typed.member == 0 || *typed.member > longest))) return std::nullopt;
  return InviteGuest{typed.rest, std::chrono::hours(typed.member.value_or(24)), {}};
}

/// "/heirs 2 5 7": in this order; more than half of them must agree.
std::optional<RoomCommand> heirs(const Typed& typed) {
  NameHeirs named;
  if (typed.member) named.heirs.push_back(*typed.member);
  for (const char* at = typed.rest.data(); at != typed.rest.data() + typed.rest.size();) {
    if (*at == ' ') {
      ++at;
      continue;
    }
    MemberId number = 0;
    const auto [end, failed] = std::from_chars(at, typed.rest.data() + typed.rest.size(), number);
    if (failed != std::errc()) return std::nullopt;
    named.heirs.push_back(number);
    at = end;
  }
  return named.heirs.size() <= 16 ? std::optional<RoomCommand>(named) : std::nullopt;
}

std::optional<RoomCommand> about_somebody(const Typed& typed) {
  if (!typed.member) return std::nullopt;
  if (typed.word == "/revoke") return RevokeInvitation{*typed.member};
  if (typed.word == "/verified") return RememberMember{*typed.member, true};
  if (typed.word == "/know") return RememberMember{*typed.member, false};
  if (typed.word == "/endorse") return EndorseHeir{*typed.member};
  if (typed.word == "/floor") return GiveRights{*typed.member, publishing_rights};
  if (typed.word == "/mute") return TakeRights{*typed.member, publishing_rights};
  if (typed.word == "/stopsound") return TakeRights{*typed.member, Rights(Right::publish_audio)};
  if (typed.word == "/stopvideo") return TakeRights{*typed.member, Right::publish_video | Right::publish_screen};
  if (typed.word == "/remove") return BanMember{*typed.member};
  if (typed.word != "/role") return std::nullopt;
  const auto role = role_named(typed.rest);
  return role ? std::optional<RoomCommand>(SetRole{*typed.member, *role}) : std::nullopt;
}

std::optional<RoomCommand> about_room(const Typed& typed) {
  if (typed.word == "/lock") return LockRoom{true};
  if (typed.word == "/unlock") return LockRoom{false};
  if (typed.word == "/end") return EndMeeting{};
  if (typed.word == "/raise") return RaiseHand{true};
  if (typed.word == "/lower") return RaiseHand{false};
  if (typed.word == "/applause") return SendReaction{ReactionSymbol::applause};
  if (typed.word == "/inherit") return InheritRoom{};
  if (typed.word == "/invite") return invitation(typed);
  if (typed.word == "/heirs") return heirs(typed);
  if (typed.word == "/entry" && typed.rest == "knock") return ChangeEntry{Entry::knock};
  if (typed.word == "/entry" && typed.rest == "invited") return ChangeEntry{Entry::invited};
  if (typed.word != "/mode") return std::nullopt;
  if (typed.rest == "open") return ChangeMode{RoomMode::open};
  if (typed.rest == "moderated") return ChangeMode{RoomMode::moderated};
  if (typed.rest == "stage") return ChangeMode{RoomMode::stage};
  return std::nullopt;
}

std::string trimmed(const std::string& line) {
  const std::size_t first = line.find_first_not_of(" \r\n\t");
  if (first == std::string::npos) return "";
  return line.substr(first, line.find_last_not_of(" \r\n\t") - first + 1);
}

}  // namespace

std::optional<Understood> understand(const std::string& typed_line, const ConferenceReport& report) {
  const std::string line = trimmed(typed_line);
  if (line.empty()) return std::nullopt;
  if (line[0] != '/') return RoomCommand(SendChat{line});
  const Typed typed = split(line);
  if (const auto command = about_somebody(typed)) return *command;
  if (const auto command = about_room(typed)) return *command;
  if (typed.word == "/roster") return roster_text(report);
  if (typed.word == "/code") return "Safety code " + report.safety_digits + " (" + report.safety_words + ")";
  return std::string(help);
}

std::string roster_text(const ConferenceReport& report) {
  std::string text = report.room.locked ? "The room is locked." : "The door is open to who is admitted.";
  for (const RosterEntry& entry : report.roster) {
    text += "\n" + std::to_string(entry.member) + "  " + quoted_name(entry.display_name) + "  " + name_of(entry.role);
    if (!entry.verified_by.empty()) text += ", verified by " + quoted_name(entry.verified_by) + " as " + quoted_name(entry.certified_as);
    if (entry.verified) text += ", safety code compared";
    if (!entry.invited_as.empty()) text += ", invited as " + quoted_name(entry.invited_as);
    if (!entry.rights.has(Right::publish_audio)) text += ", silent";
    if (entry.hand_raised) text += ", hand raised";
    if (entry.self) text += " (you)";
  }
  return text;
}

}  // namespace conclave::call
