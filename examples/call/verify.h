// conclave-call verify FILE: does the record of a meeting hold, and what does it say?
#pragma once

#include <string>

#include "exit_code.h"

namespace conclave::call {

/// Checks an exported transcript; prints who signed it and its events on standard output, or on standard error why it does not hold.
/// `ok`, `missing_source` when the file cannot be read, `version_mismatch`, or `not_verified`.
ExitCode verify_record(const std::string& path);

}  // namespace conclave::call
