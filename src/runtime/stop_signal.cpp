#include "runtime/stop_signal.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "runtime/steady_time.h"

namespace conclave::runtime {
namespace {

timespec until(Time deadline) {
  const auto left = std::max(deadline - steady_now(), Duration::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  return {seconds.count(), std::chrono::nanoseconds(left - seconds).count()};
}

}  // namespace

StopSignal::StopSignal() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (event_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

StopSignal::~StopSignal() { ::close(event_); }

void StopSignal::raise() {
  raised_.store(true);
  ::eventfd_write(event_, 1);
}

bool StopSignal::sleep_until(Time when) const { return wait_readable(-1, when) == Woken::stopped; }

StopSignal::Woken StopSignal::wait_readable(int descriptor, Time deadline) const {
  for (;;) {
    if (raised()) return Woken::stopped;
    pollfd watched[] = {{event_, POLLIN, 0}, {descriptor, POLLIN, 0}};  // a negative descriptor is ignored
    const timespec timeout = deadline == never ? timespec{} : until(deadline);
    const int ready = ::ppoll(watched, 2, deadline == never ? nullptr : &timeout, nullptr);
    if (watched[0].revents != 0 && ready > 0) return Woken::stopped;
    if (ready > 0) return Woken::readable;
    if (ready == 0 && (deadline != never && steady_now() >= deadline)) return Woken::timeout;
  }
}

}  // namespace conclave::runtime
