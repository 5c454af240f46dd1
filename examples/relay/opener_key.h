// Keys of those who may open rooms.
#pragma once

#include <string>

namespace conclave::relay_program {

/// Writes a new secret key to `file`, mode 0600, prints its public half. Returns the exit code.
int write_opener_key(const std::string& file);

}  // namespace conclave::relay_program
