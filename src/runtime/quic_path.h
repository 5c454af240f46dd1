// QUIC towards a relay, as a member's path.
#pragma once

#include "conclave/link.h"
#include "runtime/dial_race.h"

namespace conclave::runtime {

/// Begins QUIC connections that accept no relay but the one whose key `link` pins.
DialRace::Dial dial_by_quic(const Link& link, Duration timeout);

}  // namespace conclave::runtime
