// A helper program whose output we read.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/devices/descriptor.h"

namespace conclave::runtime {

/// One program, started from an argument list, never through a shell: no input, nothing of ours inherited, its own
/// process group (a ctrl-C for us is not one for it). Killed and reaped at the end of this object.
class ChildProcess {
 public:
  /// Starts `arguments[0]`, found in PATH. Its descriptors 3, 4, … become the write ends of `outputs` pipes. `io_error`
  /// when the program is not there or cannot be started.
  static Result<ChildProcess> start(const std::vector<std::string>& arguments, int outputs);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  /// The read end of pipe `index`, that is of the child's descriptor 3 + `index`.
  [[nodiscard]] int output(int index) const { return outputs_[static_cast<std::size_t>(index)].get(); }
  /// What it has written on its standard error since the last call; at most 64 KiB are kept, the child never blocks on
  /// it.
  std::string errors();
  /// Waits for its end, which the caller knows to be near; zero for success.
  int wait();
  void kill();
  [[nodiscard]] pid_t id() const { return id_; }

 private:
  ChildProcess(pid_t id, std::vector<Descriptor> outputs, Descriptor errors);

  pid_t id_ = -1;
  std::optional<int> status_;
  std::vector<Descriptor> outputs_;
  Descriptor errors_;
};

}  // namespace conclave::runtime
