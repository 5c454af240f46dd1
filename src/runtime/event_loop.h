// One thread that waits for sockets, a deadline and other threads.
#pragma once

#include <functional>
#include <memory>

#include "conclave/time.h"

namespace conclave::runtime {

/// Runs tasks one at a time on the thread that calls `run`. `post` and `stop` may be called from any thread, everything else
/// from that thread, or before it runs. Its constructor throws `std::system_error` when the system has no descriptors left.
class EventLoop {
 public:
  using Task = std::function<void()>;

  EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  /// Calls `task` whenever `descriptor` can be read, until the loop ends or forgets it. Closing the descriptor stays with its owner,
  /// afterwards. Throws `std::system_error` when the system watches no more of them.
  void on_readable(int descriptor, Task task);
  /// No task for `descriptor` is called any more, and it may be closed.
  void forget(int descriptor);
  /// Calls `task` once, when a descriptor given to `on_readable` can be written.
  void when_writable(int descriptor, Task task);
  /// Calls the task of `on_deadline` at `when`, or soon if that has passed. Replaces the deadline before; `never`: none.
  void set_deadline(Time when);
  void on_deadline(Task task);

  void post(Task task);
  void run();
  /// Makes `run` return after the task at hand.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace conclave::runtime
