// What is typed during a meeting: chat, and commands that begin with a slash.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "conclave/client.h"

namespace conclave::call {

/// A line that somebody typed, understood: a command for the room, a removal, or a text to show in answer (the roster, help, what is wrong).
using Understood = std::variant<RoomCommand, std::string>;

/// Empty lines say nothing. Members are named by their number in the roster.
std::optional<Understood> understand(const std::string& line, const ConferenceReport& report);

/// One line for each member: number, name, role, rights, a raised hand.
std::string roster_text(const ConferenceReport& report);

}  // namespace conclave::call
