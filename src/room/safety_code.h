// The safety code: what people compare over another channel to know that nobody stands between them.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "conclave/bytes.h"

namespace conclave::room {

/// The same code in two spellings: 40 digits in groups of five (132 bits), and 12 words (96 bits).
struct SafetyCode {
  std::string digits;
  std::string words;
};

/// The code of a set of identity keys: independent of their order, of the room and of the epoch, so that the same people always
/// compare the same code. Argon2id (64 MiB, 2 passes) over the sorted hashes of the keys: somebody in the middle who tries identities until two
/// codes collide pays for each. Costs about 0.1 s; `out_of_resources` when the memory cannot be had.
Result<SafetyCode> safety_code(const std::vector<Bytes>& identity_keys);

}  // namespace conclave::room
