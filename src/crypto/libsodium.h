// libsodium, initialised before any other static object of a file that includes this.
#pragma once

#include <sodium.h>

namespace conclave::crypto {

/// Chooses the implementations for this CPU; without it the portable ones would run.
inline const bool sodium_ready = sodium_init() >= 0;

}  // namespace conclave::crypto
