// After its start a relay needs few system calls: a filter refuses the others.
#pragma once

namespace conclave::relay_program {

/// Filters the system calls of all threads, for good. Programs are not started any more, sockets not made, other processes not
/// touched: that ends the process; whatever else is not needed fails with EPERM. False when the kernel cannot filter.
bool enter_sandbox();

}  // namespace conclave::relay_program
