// Room for a key as the fast implementation expands it. Internal to crypto; apart, so that an `AeadKey` can hold it in place.
#pragma once

#include <array>
#include <cstdint>

namespace conclave::crypto::ipsec_mb {

struct Cipher;

/// The expanded key of any AEAD; wiped by its owner.
struct alignas(64) ExpandedKey {
  std::array<std::uint8_t, 1024> bytes;
};

}  // namespace conclave::crypto::ipsec_mb
