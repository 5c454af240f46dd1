// Watches the allocator of the test program: counts allocations, and looks for secrets in what is freed.
#pragma once

#include <cstddef>
#include <functional>

#include "conclave/bytes.h"

namespace conclave::test {

/// Whether the allocator can be watched in this build: not under a sanitizer, which brings its own.
bool can_watch_memory();

/// All allocations of the program so far, those of the C libraries included.
std::size_t allocations();

/// From now on, freed memory that holds `secret` is counted. At most eight secrets of 8 to 64 bytes; `forget_secrets` ends it.
void watch_for(ByteView secret);
void forget_secrets();
/// How many freed pieces of memory held a watched secret.
std::size_t leaks();

/// How often a watched secret stands in `memory`.
std::size_t copies_in(ByteView memory);

/// Runs `body` on a stack of its own, and counts the watched secrets that are left on it.
std::size_t copies_left_on_stack(const std::function<void()>& body);

}  // namespace conclave::test
