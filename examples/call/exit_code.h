// What the program's end tells a script. The numbers are documented in docs/conclave-call.md and in --help.
#pragma once

namespace conclave::call {

enum class ExitCode : int {
  ok = 0,
  usage = 2,
  wrong_link = 3,
  unreachable = 4,
  knock_refused = 5,
  version_mismatch = 6,
  missing_source = 7,
  identity_mismatch = 8,
  call_broken = 9,
  not_verified = 10,
  identity_unusable = 11,
};

}  // namespace conclave::call
