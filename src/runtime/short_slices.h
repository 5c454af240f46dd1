// How the relay's thread shares its processor with others.
#pragma once

namespace conclave::runtime {

/// Asks the scheduler to give this thread its time in pieces of 0.1 ms. It gets no more of it, but comes back soon: with the usual pieces of some 3 ms, packets
/// wait as long for whoever else runs. Needs no privilege, and Linux 6.12; elsewhere nothing happens.
void ask_for_short_slices();

}  // namespace conclave::runtime
