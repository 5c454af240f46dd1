// Interrupts a thread that sleeps or waits for a descriptor.
#pragma once

#include <atomic>

#include "conclave/time.h"

namespace conclave::runtime {

/// Raised once, from any thread; every wait then ends at once, and for good.
class StopSignal {
 public:
  enum class Woken { stopped, readable, timeout };

  StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  ~StopSignal();

  void raise();
  [[nodiscard]] bool raised() const { return raised_.load(); }

  /// Sleeps until `when`; true if the signal was raised before.
  [[nodiscard]] bool sleep_until(Time when) const;
  /// Waits until `descriptor` can be read (or has hung up), the signal is raised, or `deadline` passes.
  [[nodiscard]] Woken wait_readable(int descriptor, Time deadline = never) const;

 private:
  std::atomic<bool> raised_ = false;
  int event_;  ///< eventfd(2), readable once raised
};

}  // namespace conclave::runtime
