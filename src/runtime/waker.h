// Wakes the thread of an event loop from another one.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace conclave::runtime {

/// A descriptor that becomes readable with `wake` and stays so until `clear`.
class Waker {
 public:
  Waker() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (event_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  }
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;
  ~Waker() { ::close(event_); }

  void wake() const { ::eventfd_write(event_, 1); }
  void clear() const {
    eventfd_t count = 0;
    ::eventfd_read(event_, &count);
  }
  [[nodiscard]] int descriptor() const { return event_; }

 private:
  int event_;
};

}  // namespace conclave::runtime
