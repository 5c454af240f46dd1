#include "runtime/devices/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstring>

extern char** environ;

namespace conclave::runtime {
namespace {

constexpr int first_output = 3;
constexpr int above_all_outputs = 16;  // our ends stand here or higher, clear of the numbers that the child gets

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Error failure(const std::string& what, int number) {
  return {ErrorCode::io_error, what + ": " + std::strerror(number)};
}

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failure("no pipe can be made", errno);
  const Descriptor low_read(ends[0]);
  const Descriptor low_write(ends[1]);
  Pipe pipe{Descriptor(::fcntl(low_read.get(), F_DUPFD_CLOEXEC, above_all_outputs)),
            Descriptor(::fcntl(low_write.get(), F_DUPFD_CLOEXEC, above_all_outputs))};
  if (!pipe.read || !pipe.write) return failure("no pipe can be made", errno);
  return pipe;
}

/// posix_spawn's two option objects.
struct SpawnOptions {
  SpawnOptions() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  SpawnOptions(const SpawnOptions&) = delete;
  SpawnOptions& operator=(const SpawnOptions&) = delete;
  ~SpawnOptions() {
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
  }

  /// Its own process group, default signals, none blocked.
  void isolate() {
    sigset_t all;
    sigset_t none;
    ::sigfillset(&all);
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  }

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& arguments, int outputs) {
  SpawnOptions options;
  options.isolate();
  CONCLAVE_ASSIGN(errors, make_pipe());
  ::fcntl(errors.write.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(errors.read.get(), F_SETFL, O_NONBLOCK);
  ::posix_spawn_file_actions_addopen(&options.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&options.actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(&options.actions, errors.write.get(), STDERR_FILENO);
  std::vector<Descriptor> ours;
  std::vector<Descriptor> theirs;
  for (int index = 0; index < outputs; ++index) {
    CONCLAVE_ASSIGN(pipe, make_pipe());
    ::posix_spawn_file_actions_adddup2(&options.actions, pipe.write.get(), first_output + index);
    ours.push_back(std::move(pipe.read));
    theirs.push_back(std::move(pipe.write));
  }
  ::posix_spawn_file_actions_addclosefrom_np(&options.actions, first_output + outputs);

  std::vector<char*> argv;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t id = -1;
  const int failed = ::posix_spawnp(&id, argv[0], &options.actions, &options.attributes, argv.data(), environ);
  if (failed == ENOENT) return Error{ErrorCode::io_error, "the program " + arguments[0] + " is not installed"};
  if (failed != 0) return failure("the program " + arguments[0] + " cannot be started", failed);
  return ChildProcess(id, std::move(ours), std::move(errors.read));
}

ChildProcess::ChildProcess(pid_t id, std::vector<Descriptor> outputs, Descriptor errors)
    : id_(id), outputs_(std::move(outputs)), errors_(std::move(errors)) {}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : id_(std::exchange(other.id_, -1)),
      status_(other.status_),
      outputs_(std::move(other.outputs_)),
      errors_(std::move(other.errors_)) {}

ChildProcess::~ChildProcess() {
  kill();
  wait();
}

std::string ChildProcess::errors() {
  std::string text;
  std::array<char, 4096> block{};
  for (;;) {
    const auto size = ::read(errors_.get(), block.data(), block.size());
    if (size <= 0) return text;
    text.append(block.data(), static_cast<std::size_t>(size));
  }
}

int ChildProcess::wait() {
  if (status_ || id_ < 0) return status_.value_or(0);
  int status = 0;
  while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
  }
  status_ = status;
  return status;
}

void ChildProcess::kill() {
  if (id_ > 0 && !status_) ::kill(id_, SIGKILL);
}

}  // namespace conclave::runtime
