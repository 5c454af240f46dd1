// Carries a transport's events into the relay and the relay's wishes out.
#pragma once

#include "relay/relay.h"

namespace conclave::relay {

/// Handles what has arrived and what is due, until there is nothing more at `now`. A connection that does not take its
/// messages is closed. Returns when to come back at the latest.
Time pump(Relay& relay, transport::Server& server, Time now);

/// Closes every connection, as `Relay::shut_down`.
void shut_down(Relay& relay, transport::Server& server, Time now);

}  // namespace conclave::relay
