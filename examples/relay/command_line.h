// The command line of conclave-relay.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "settings.h"

namespace conclave::relay_program {

/// Run a relay. `arguments` are kept to read the file again, with the same flags above it.
struct RunRelay {
  Settings settings;
  std::vector<std::string> arguments;
};
/// Make a key for somebody who may open rooms.
struct MakeOpenerKey {
  std::string file;
};
/// Say this, on standard output if the code is 0, and end.
struct EndAtOnce {
  int code = 0;
  std::string text;
};

using CommandLine = std::variant<RunRelay, MakeOpenerKey, EndAtOnce>;

/// Reads the flags, and the file that they name below them.
CommandLine read_command_line(const std::vector<std::string>& arguments);

}  // namespace conclave::relay_program
