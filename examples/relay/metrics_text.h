// Metrics in the text format of Prometheus, version 0.0.4.
#pragma once

#include <string>
#include <vector>

#include "conclave/relay.h"

namespace conclave::relay_program {

/// Each name begins with "conclave_relay_"; those of one name stand together.
std::string metrics_text(const std::vector<RelayMetric>& metrics);

}  // namespace conclave::relay_program
