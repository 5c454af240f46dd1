// The thread that waits for the disk, so that the relay's own does not.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "conclave/time.h"
#include "runtime/state_file.h"

namespace conclave::runtime {

/// Carries out the jobs of a state file, one after the other, on a thread of its own. A disk may hang for ever, and with it whoever waits for it in
/// the kernel: then the thread is left to itself, with the file, and nobody hears of it any more.
class StateWriter {
 public:
  /// `done` is called on the thread, after each job; `before`, if there is one, before each. `std::system_error` without a thread.
  StateWriter(std::shared_ptr<StateFile> file, std::function<void(StateVerdict)> done, std::function<void()> before);
  StateWriter(const StateWriter&) = delete;
  StateWriter& operator=(const StateWriter&) = delete;
  /// Ends the thread, or leaves it to itself if it is at a job. `done` is not called any more.
  ~StateWriter();

  /// The one before was done: no more than one waits at a time.
  void submit(StateJob job);
  /// The verdict on the last job; nothing if it is not done after `patience`.
  std::optional<StateVerdict> wait(Duration patience);

 private:
  struct Shared;
  static void run(const std::shared_ptr<Shared>& shared);

  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace conclave::runtime
