// A program as a process that a test starts, watches and ends: conclave-call, if nothing else is said.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <optional>
#include <thread>
#include <vector>

#include "../support.h"

extern char** environ;

namespace conclave::test {

/// How much slower the program is than the one that users get: sanitizers cost, and so do machines with other work.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int slowness = 4;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr int slowness = 4;
#else
constexpr int slowness = 1;
#endif
#else
constexpr int slowness = 1;
#endif

/// One run of the program, killed at the end of the object if need be.
class Program {
 public:
  Program(const TemporaryFolder& folder, const std::string& name, std::vector<std::string> arguments,
          const char* program = CONCLAVE_CALL_PROGRAM)
      : out_(folder / (name + ".out")), err_(folder / (name + ".err")) {
    arguments.insert(arguments.begin(), program);
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::posix_spawn_file_actions_addopen(&actions, 2, err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    REQUIRE(::posix_spawn(&id_, argv[0], &actions, nullptr, argv.data(), environ) == 0);
    ::posix_spawn_file_actions_destroy(&actions);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    signal(SIGKILL);
    wait(std::chrono::seconds(5));
  }

  [[nodiscard]] pid_t id() const { return id_; }
  void signal(int number) const {
    if (!code_) ::kill(id_, number);
  }

  /// The exit code, 128 and more for a signal; -1 when it still runs after `patience`.
  int wait(Duration patience) {
    const Time until = runtime::steady_now() + slowness * patience;
    while (!code_) {
      int status = 0;
      if (::waitpid(id_, &status, WNOHANG) == id_)
        code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      if (!code_ && runtime::steady_now() > until) return -1;
      if (!code_) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return *code_;
  }

  [[nodiscard]] std::string out() const { return read_text(out_); }
  [[nodiscard]] std::string err() const { return read_text(err_); }

  /// True once `text` stands on standard error.
  [[nodiscard]] bool says(const std::string& text, Duration patience) const { return appears(err_, text, patience); }
  /// The link that a host prints.
  [[nodiscard]] std::string link() const {
    REQUIRE(appears(out_, "\n", std::chrono::seconds(10)));
    const auto text = out();
    return text.substr(0, text.find('\n'));
  }

 private:
  static bool appears(const std::filesystem::path& file, const std::string& text, Duration patience) {
    const Time until = runtime::steady_now() + slowness * patience;
    while (runtime::steady_now() < until) {
      if (read_text(file).find(text) != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  std::filesystem::path out_;
  std::filesystem::path err_;
  pid_t id_ = -1;
  std::optional<int> code_;
};

/// A host on loopback, for whoever has the link.
inline std::vector<std::string> host_arguments(std::vector<std::string> more) {
  std::vector<std::string> arguments{"host", "--listen", "127.0.0.1", "--port", "0", "--name", "Ada"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

inline std::vector<std::string> join_arguments(const std::string& link, std::vector<std::string> more) {
  std::vector<std::string> arguments{"join", link, "--name", "Ben"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace conclave::test
