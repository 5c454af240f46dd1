#include "runtime/safety_coder.h"

#include <sys/resource.h>

#include <utility>

namespace conclave::runtime {
namespace {

/// For the calling thread, as Linux reads it: media go first, on machines that have nothing to spare too.
void give_way() {
  constexpr int niceness = 10;
  (void)::setpriority(PRIO_PROCESS, 0, niceness);
}

}  // namespace

SafetyCoder::SafetyCoder(std::shared_ptr<const Waker> waker)
    : waker_(std::move(waker)), thread_([this] { run(); }) {}

SafetyCoder::~SafetyCoder() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void SafetyCoder::ask(ComputeSafetyCode job) {
  {
    const std::lock_guard lock(mutex_);
    job_ = std::move(job);
  }
  changed_.notify_one();
}

std::optional<SafetyCodeComputed> SafetyCoder::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(computed_, std::nullopt);
}

void SafetyCoder::run() {
  give_way();
  std::unique_lock lock(mutex_);
  for (std::chrono::steady_clock::time_point next;; next = std::chrono::steady_clock::now() + between_codes) {
    changed_.wait(lock, [this] { return ending_ || job_; });
    changed_.wait_until(lock, next, [this] { return ending_; });
    if (ending_) return;
    const ComputeSafetyCode job = *std::exchange(job_, std::nullopt);
    lock.unlock();
    auto computed = compute_safety_code(job);
    lock.lock();
    // Without the memory for it there is none: said as well, or the old one would be taken for that of the present members.
    computed_ = computed.ok() ? std::move(*computed) : SafetyCodeComputed{job.identity_keys, {}};
    waker_->wake();
  }
}

}  // namespace conclave::runtime
