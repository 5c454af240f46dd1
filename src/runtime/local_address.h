// Where others can reach this machine.
#pragma once

#include <string>

namespace conclave::runtime {

/// The address that this machine would use towards the rest of the world, IPv4 first; "127.0.0.1" where there is no way
/// out. Sends nothing.
std::string local_address();

}  // namespace conclave::runtime
