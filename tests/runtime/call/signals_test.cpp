#include "signals.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

namespace conclave::call {
namespace {

bool noticed_within(std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!leave_requested() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return leave_requested();
}

/// What a process makes of one ctrl-C that arrives twice and, if `again`, of a second one after `pause`.
int end_of_process(bool again, std::chrono::milliseconds pause) {
  const pid_t child = ::fork();
  if (child == 0) {
    watch_signals();
    ::kill(::getpid(), SIGINT);
    ::kill(::getpid(), SIGTERM);
    if (!noticed_within(std::chrono::seconds(5))) ::_exit(1);
    std::this_thread::sleep_for(pause);
    if (again) ::kill(::getpid(), SIGINT);
    if (again) std::this_thread::sleep_for(std::chrono::seconds(5));
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("a signal that arrives twice asks once; a second ctrl-C ends the process at once", "[runtime][call]") {
  CHECK(end_of_process(false, std::chrono::milliseconds(50)) == 0);
  CHECK(end_of_process(true, std::chrono::milliseconds(550)) == 130);
}

}  // namespace conclave::call
