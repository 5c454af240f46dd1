// Argon2id (RFC 9106): for passphrases, and for whatever must cost an attacker time and memory per guess.
#pragma once

#include "base/result.h"
#include "conclave/bytes.h"

namespace conclave::crypto {

/// How much one evaluation costs.
struct PasswordCost {
  std::uint64_t passes = 2;
  std::size_t memory = std::size_t{64} << 20;  ///< bytes
};

/// Fills `out` (16 bytes or more) from `password` and a 16-byte `salt`. `out_of_resources` when the memory cannot be had.
Result<void> derive_from_password(ByteView password, ByteView salt, PasswordCost cost, ByteSpan out);

}  // namespace conclave::crypto
