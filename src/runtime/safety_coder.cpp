#include "runtime/safety_coder.h"

#include <utility>

namespace conclave::runtime {

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
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || job_; });
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
