// Standard input, output and error, as whoever starts us leaves them.
#pragma once

namespace conclave::call {

/// Puts something harmless where one of the three is closed, else the next file or socket would get its number, and with it
/// what is printed: the link, in somebody's recording. Printing and reading fail as before. Call this before anything is
/// opened.
void occupy_standard_streams();

}  // namespace conclave::call
