// A WebSocket over TCP towards a relay, as a member's path.
#pragma once

#include "conclave/link.h"
#include "runtime/dial_race.h"

namespace conclave::runtime {

/// Begins connections over TCP that accept no relay but the one whose key `link` pins. Each has a socket of its own.
DialRace::Dial dial_by_websocket(const Link& link, Duration timeout);

}  // namespace conclave::runtime
