// Byte containers used across the public interface.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace conclave {

/// Owned bytes that are not secret. Secrets live in `Secret` and `SecretBuffer` alone.
using Bytes = std::vector<std::uint8_t>;

/// A read-only window on bytes owned by somebody else.
using ByteView = std::span<const std::uint8_t>;

/// A writable window on bytes owned by somebody else.
using ByteSpan = std::span<std::uint8_t>;

}  // namespace conclave
