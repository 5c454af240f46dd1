// Safety codes, computed beside the media.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "conclave/conference.h"
#include "runtime/waker.h"

namespace conclave::runtime {

/// One thread that computes safety codes, the newest that was asked for; it gives way to media, and rests between two: while a hall fills, each of those who come changes the
/// code, and a code costs 0.1 s of a processor and 64 MiB. `ask` and `take` are for another thread, which `waker` wakes.
class SafetyCoder {
 public:
  static constexpr Duration between_codes = std::chrono::seconds(1);  ///< from the end of one to the beginning of the next

  explicit SafetyCoder(std::shared_ptr<const Waker> waker);
  /// Waits for a computation that has begun: 0.1 s.
  ~SafetyCoder();
  SafetyCoder(const SafetyCoder&) = delete;
  SafetyCoder& operator=(const SafetyCoder&) = delete;

  void ask(ComputeSafetyCode job);
  /// What was computed since the last call.
  std::optional<SafetyCodeComputed> take();

 private:
  void run();

  std::shared_ptr<const Waker> waker_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<ComputeSafetyCode> job_;        ///< under `mutex_`, like all below
  std::optional<SafetyCodeComputed> computed_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace conclave::runtime
