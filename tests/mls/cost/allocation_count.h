// What this program takes from the heap through `new`, counted.
#pragma once

#include <cstddef>

namespace conclave::mls::cost {

/// False under sanitizers, which have an allocator of their own: then both are zero.
bool can_count();
/// Bytes that were asked for since the program started, those that were given back included.
std::size_t allocated_bytes();
/// Bytes that are in use, as the heap rounds them.
std::size_t live_bytes();

}  // namespace conclave::mls::cost
