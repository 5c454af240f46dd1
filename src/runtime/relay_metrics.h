// A relay's counters as metrics: names and reasons, no identifiers.
#pragma once

#include <vector>

#include "conclave/relay.h"
#include "runtime/relay_server.h"

namespace conclave::runtime {

std::vector<RelayMetric> metrics_of(const RelayServerReport& report);

}  // namespace conclave::runtime
