// A proof of work: what makes asking a thousand times dear, and checking cheap.
#pragma once

#include <cstdint>
#include <optional>

#include "conclave/bytes.h"

namespace conclave::crypto {

/// The hardest puzzle that anybody has to solve: 2^24 hashes on average, some seconds of one core.
inline constexpr std::uint8_t max_work_bits = 24;

/// A nonce for which SHA-256 ("conclave work v1" || 0 || subject || nonce as 64 bits, big-endian) begins with `bits` zero bits. Tries `attempts` nonces from
/// `first` on, so that the caller can spread the work over time; nothing when none of them fits. Every nonce fits 0 bits.
std::optional<std::uint64_t> find_work(ByteView subject, std::uint8_t bits, std::uint64_t first, std::uint64_t attempts);

/// True when `nonce` solves the puzzle. One hash.
bool check_work(ByteView subject, std::uint8_t bits, std::uint64_t nonce);

}  // namespace conclave::crypto
