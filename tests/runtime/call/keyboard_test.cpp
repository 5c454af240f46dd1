#include "keyboard.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <functional>
#include <string>

namespace conclave::call {
namespace {

/// Runs `what` in a process whose terminal somebody types `typed` at; true when it returned true.
bool at_terminal(const std::string& typed, const std::function<bool()>& what) {
  int keys = -1;
  const pid_t child = ::forkpty(&keys, nullptr, nullptr, nullptr);
  if (child == 0) ::_exit(what() ? 0 : 1);
  REQUIRE(child > 0);
  REQUIRE(::write(keys, typed.data(), typed.size()) == static_cast<ssize_t>(typed.size()));
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  ::close(keys);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool in_background(const std::function<bool()>& what) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::setpgid(0, 0);
    ::_exit(what() ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, WUNTRACED);  // who touches the terminal there is stopped
  if (WIFSTOPPED(status)) ::kill(child, SIGKILL), ::waitpid(child, nullptr, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool something_typed() {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  return ::poll(&input, 1, 30'000) == 1;
}

}  // namespace

TEST_CASE("what was typed is read a line at a time, and not when it was to be forgotten", "[runtime][call]") {
  CHECK(at_terminal("y\nhello\n", [] { return something_typed() && typed_line() == "y\n" && something_typed() && typed_line() == "hello\n"; }));
  CHECK(at_terminal("y\n", [] {
    if (!something_typed()) return false;
    forget_typed();
    return !typed_line();
  }));
}

TEST_CASE("in the background the terminal is left alone", "[runtime][call][attack]") {
  CHECK(at_terminal("y\n", [] {
    if (!owns_terminal() || !something_typed()) return false;
    const bool left_alone = in_background([] {
      forget_typed();
      return !owns_terminal() && !typed_line();
    });
    return left_alone && typed_line() == "y\n";
  }));
}

TEST_CASE("what is no terminal is not read", "[runtime][call]") {
  CHECK(at_terminal("", [] {
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    return ::dup2(nothing, STDIN_FILENO) == STDIN_FILENO && !owns_terminal() && !typed_line();
  }));
}

}  // namespace conclave::call
