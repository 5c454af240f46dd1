// The thread that waits for the disk, so that the relay's own does not.
#pragma once

#include <functional>
#include <optional>
#include <thread>

#include "runtime/bounded_queue.h"
#include "runtime/state_file.h"

namespace conclave::runtime {

/// Carries out the jobs of a state file, one after the other, on a thread of its own.
class StateWriter {
 public:
  /// `file` outlives this. `done` is called on the thread, after each job; `before`, if there is one, before each. `std::system_error` without a thread.
  StateWriter(StateFile& file, std::function<void(StateVerdict)> done, std::function<void()> before);
  StateWriter(const StateWriter&) = delete;
  StateWriter& operator=(const StateWriter&) = delete;
  /// Waits for the job at hand.
  ~StateWriter() { stop(); }

  /// The one before was done: no more than one waits at a time.
  void submit(StateJob job) { jobs_.push(std::move(job)); }
  /// Carries out what was submitted, and ends. The verdict on the last job.
  std::optional<StateVerdict> stop();

 private:
  void run();

  StateFile& file_;
  std::function<void(StateVerdict)> done_;
  std::function<void()> before_;
  BoundedQueue<StateJob> jobs_{2};
  std::optional<StateVerdict> last_;  ///< the thread's, until it has ended
  std::thread thread_;
};

}  // namespace conclave::runtime
