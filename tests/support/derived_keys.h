// Every secret that HKDF gives while a test runs, so that it can be searched for where none may be. Link derived_keys.cpp into the test
// program with `conclave_watch_keys`.
#pragma once

#include <cstddef>

#include "conclave/bytes.h"

namespace conclave::test {

/// Bytes of a key that are enough to know it by.
inline constexpr std::size_t key_window = 12;

/// Records from now on what HKDF-Extract and HKDF-Expand write, on any thread; forgets what was recorded before.
void watch_derived_keys();
/// How many different outputs of at least `key_window` bytes were recorded.
std::size_t derived_keys();
/// Whether `key` starts like a recorded one.
bool is_derived(ByteView key);
/// How many places of `bytes` hold the beginning or the end of a recorded output.
std::size_t find_derived_keys(ByteView bytes);

}  // namespace conclave::test
