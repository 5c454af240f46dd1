#include "runtime/event_loop.h"

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <map>
#include <utility>

namespace conclave::runtime {

struct EventLoop::State {
  /// A descriptor that somebody else owns.
  struct Watched {
    Watched(asio::io_context& context, int number) : descriptor(context, number) {}
    ~Watched() { descriptor.release(); }
    asio::posix::stream_descriptor descriptor;
    Task readable;
  };

  /// A wait may have ended well just before its descriptor is forgotten: then nobody is called.
  void wait_readable(const std::shared_ptr<Watched>& one) {
    one->descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                               [this, watching = std::weak_ptr(one)](const asio::error_code& error) {
                                 const auto still = watching.lock();
                                 if (error || !still) return;
                                 still->readable();
                                 if (still.use_count() > 1) wait_readable(still);
                               });
  }

  void wait_deadline() {
    timer.expires_at(std::chrono::steady_clock::time_point(armed.time_since_epoch()));
    timer.async_wait([this](const asio::error_code& error) {
      if (error) return;
      const Time due = std::exchange(wanted, never);
      if (std::exchange(armed, never) < due) return set(due);  // it was put off since
      if (deadline) deadline();
    });
  }

  /// Waits anew only where the deadline came nearer: one that was put off is noticed when the timer fires.
  void set(Time when) {
    wanted = when;
    if (when >= armed) return;
    armed = when;
    wait_deadline();
  }

  asio::io_context context{1};
  asio::steady_timer timer{context};
  std::map<int, std::shared_ptr<Watched>> watched;
  Task deadline;
  Time wanted = never;
  Time armed = never;
};

EventLoop::EventLoop() : state_(std::make_unique<State>()) {}
EventLoop::~EventLoop() = default;

void EventLoop::on_readable(int descriptor, Task task) {
  const auto watched = std::make_shared<State::Watched>(state_->context, descriptor);
  watched->readable = std::move(task);
  state_->watched[descriptor] = watched;
  state_->wait_readable(watched);
}

void EventLoop::when_writable(int descriptor, Task task) {
  const auto found = state_->watched.find(descriptor);
  if (found == state_->watched.end()) return;
  found->second->descriptor.async_wait(asio::posix::stream_descriptor::wait_write,
                                       [task = std::move(task), watching = std::weak_ptr(found->second)](const asio::error_code& error) {
                                         if (!error && !watching.expired()) task();
                                       });
}

/// Released at once, not with the last task that holds it: its number may soon be another's.
void EventLoop::forget(int descriptor) {
  const auto found = state_->watched.find(descriptor);
  if (found == state_->watched.end()) return;
  found->second->descriptor.release();
  state_->watched.erase(found);
}

void EventLoop::set_deadline(Time when) { state_->set(when); }

void EventLoop::on_deadline(Task task) { state_->deadline = std::move(task); }

void EventLoop::post(Task task) { asio::post(state_->context, std::move(task)); }

void EventLoop::run() {
  const auto work = asio::make_work_guard(state_->context);
  state_->context.run();
}

void EventLoop::stop() { state_->context.stop(); }

}  // namespace conclave::runtime
