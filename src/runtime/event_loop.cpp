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

  void wait_readable(Watched& one) {
    one.descriptor.async_wait(asio::posix::stream_descriptor::wait_read, [this, &one](const asio::error_code& error) {
      if (error) return;
      one.readable();
      wait_readable(one);
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
  std::map<int, Watched> watched;
  Task deadline;
  Time wanted = never;
  Time armed = never;
};

EventLoop::EventLoop() : state_(std::make_unique<State>()) {}
EventLoop::~EventLoop() = default;

void EventLoop::on_readable(int descriptor, Task task) {
  auto& watched = state_->watched.try_emplace(descriptor, state_->context, descriptor).first->second;
  watched.readable = std::move(task);
  state_->wait_readable(watched);
}

void EventLoop::when_writable(int descriptor, Task task) {
  const auto found = state_->watched.find(descriptor);
  if (found == state_->watched.end()) return;
  found->second.descriptor.async_wait(asio::posix::stream_descriptor::wait_write,
                                      [task = std::move(task)](const asio::error_code& error) {
                                        if (!error) task();
                                      });
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
