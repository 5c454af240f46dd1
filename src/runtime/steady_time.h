// The clocks, read in one place.
#pragma once

#include "conclave/time.h"

namespace conclave::runtime {

/// Now, on the machine's monotonic clock (CLOCK_MONOTONIC): one time line for all processes between two boots.
Time steady_now();

/// Now, as a date.
UnixSeconds wall_now();

}  // namespace conclave::runtime
