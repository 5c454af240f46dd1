#include "runtime/devices/child_process.h"

#include <signal.h>
#include <unistd.h>

#include "support.h"

namespace conclave::runtime {

std::string read_all(int descriptor) {
  std::string text;
  char block[256];
  for (;;) {
    const auto size = ::read(descriptor, block, sizeof block);
    if (size <= 0) return text;
    text.append(block, static_cast<std::size_t>(size));
  }
}

TEST_CASE("a child writes into the pipes that it was given", "[runtime]") {
  auto child = ChildProcess::start({"sh", "-c", "echo one >&3; echo two >&4; echo bad >&2; exit 3"}, 2);
  REQUIRE(child.ok());
  CHECK(read_all(child->output(0)) == "one\n");
  CHECK(read_all(child->output(1)) == "two\n");
  CHECK(WEXITSTATUS(child->wait()) == 3);
  CHECK(child->errors() == "bad\n");
}

TEST_CASE("arguments reach a child as they are, without a shell", "[runtime]") {
  auto child = ChildProcess::start({"sh", "-c", "printf %s \"$1\" >&3", "sh", "$(id) `id` ; * \" '"}, 1);
  REQUIRE(child.ok());
  CHECK(read_all(child->output(0)) == "$(id) `id` ; * \" '");
}

TEST_CASE("a child inherits no descriptor and no input", "[runtime]") {
  int open = ::dup(STDERR_FILENO);  // without close-on-exec
  auto child = ChildProcess::start({"sh", "-c", "read x; ls /proc/self/fd | tr '\\n' ' ' >&3"}, 1);
  REQUIRE(child.ok());
  CHECK(read_all(child->output(0)) == "0 1 2 3 4 ");  // 4: the folder that ls reads
  ::close(open);
}

TEST_CASE("a program that is not there gives one sentence", "[runtime]") {
  const auto child = ChildProcess::start({"no-such-program-anywhere"}, 1);
  REQUIRE_FALSE(child.ok());
  CHECK(child.error().code == ErrorCode::io_error);
  CHECK(child.error().detail == "the program no-such-program-anywhere is not installed");
}

TEST_CASE("a child that would run on is killed and reaped with its object", "[runtime]") {
  pid_t id = 0;
  {
    auto child = ChildProcess::start({"sleep", "1000"}, 0);
    REQUIRE(child.ok());
    id = child->id();
    CHECK(::kill(id, 0) == 0);
  }
  CHECK(::kill(id, 0) == -1);
}

TEST_CASE("a child that complains without end does not block", "[runtime]") {
  auto child = ChildProcess::start({"sh", "-c", "head -c 1000000 /dev/zero >&2; echo done >&3"}, 1);
  REQUIRE(child.ok());
  CHECK(read_all(child->output(0)) == "done\n");
  CHECK(child->errors().size() <= 65536);
}

}  // namespace conclave::runtime
