#include "standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include "exit_code.h"

namespace conclave::call {

void occupy_standard_streams() {
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) {
    if (::fcntl(number, F_GETFD) >= 0) continue;
    const int wrong_way = number == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    if (::open("/dev/null", wrong_way) != number) ::_exit(static_cast<int>(ExitCode::missing_source));
  }
}

}  // namespace conclave::call
