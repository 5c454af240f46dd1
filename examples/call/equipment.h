// The sources and sinks that the command line asks for.
#pragma once

#include <memory>

#include "delay_meter.h"
#include "options.h"

namespace conclave::call {

/// The client's configuration with opened sources and sinks, `meter` among them. `io_error` or `device_missing` for the
/// first that cannot be had.
Result<ClientConfig> equip(const Options& options, const std::shared_ptr<DelayMeter>& meter);

}  // namespace conclave::call
