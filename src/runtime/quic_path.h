// QUIC towards a relay, as a member's path.
#pragma once

#include "conclave/link.h"
#include "runtime/dial_race.h"

namespace conclave::runtime {

/// Begins QUIC connections that accept no relay but the one whose key `link` pins; with `seal_payloads` media packets are sealed whole on the hop.
DialRace::Dial dial_by_quic(const Link& link, Duration timeout, bool seal_payloads = false);

}  // namespace conclave::runtime
