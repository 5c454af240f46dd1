#include "signals.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

namespace conclave::call {
namespace {

/// What a process makes of one ctrl-C that arrives twice and, if `again`, of a second one after `pause`.
int end_of_process(bool again, std::chrono::milliseconds pause) {
  const pid_t child = ::fork();
  if (child == 0) {
    watch_signals();
    ::raise(SIGINT);
    ::raise(SIGTERM);
    if (!leave_requested()) ::_exit(1);
    std::this_thread::sleep_for(pause);
    if (again) ::raise(SIGINT);
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("a signal that arrives twice asks once; a second ctrl-C ends the process at once", "[runtime][call]") {
  CHECK(end_of_process(false, {}) == 0);
  CHECK(end_of_process(true, std::chrono::milliseconds(550)) == 130);
}

}  // namespace conclave::call
