// What went wrong, as one sentence for a person and a number for a script.
#pragma once

#include <string>

#include "exit_code.h"
#include "options.h"

namespace conclave::call {

struct Failure {
  ExitCode code = ExitCode::ok;
  std::string sentence;  ///< safe for a terminal; empty: nothing went wrong
};

/// The link does not parse, or was made by another version.
Failure link_failure(const Error& error);
/// A source, a sink, or the host's port cannot be had.
Failure device_failure(const Error& error);
/// The room cannot be hosted here.
Failure host_failure(const Error& error);
/// Why a host got no room from somebody's relay.
Failure room_failure(const Error& error, const std::string& place);
/// The conference ended with an error. `place`: where the link leads, "HOST port N". `joined`: we were in the room
/// before.
Failure call_failure(const Error& error, const std::string& place, bool joined);

}  // namespace conclave::call
