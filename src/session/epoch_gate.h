// Whether an epoch's keys may still be used: the only thing that sealers and openers on other threads share and that changes.
#pragma once

#include <atomic>
#include <cstdint>

namespace conclave::session {

/// Set by the session, looked at by every sealer and opener before each frame: one load, no lock.
class EpochGate {
 public:
  [[nodiscard]] bool may_seal() const { return (closed_.load(std::memory_order_relaxed) & (sealing | all)) == 0; }
  [[nodiscard]] bool may_open() const { return (closed_.load(std::memory_order_relaxed) & (opening | all)) == 0; }
  [[nodiscard]] bool suspended() const { return (closed_.load(std::memory_order_relaxed) & all) != 0; }

  void end_sealing() { closed_.fetch_or(sealing, std::memory_order_relaxed); }
  void end() { closed_.fetch_or(sealing | opening, std::memory_order_relaxed); }
  void suspend() { closed_.fetch_or(all, std::memory_order_relaxed); }
  void resume() { closed_.fetch_and(static_cast<std::uint8_t>(~all), std::memory_order_relaxed); }

 private:
  static constexpr std::uint8_t sealing = 1;
  static constexpr std::uint8_t opening = 2;
  static constexpr std::uint8_t all = 4;
  std::atomic<std::uint8_t> closed_{0};
};

}  // namespace conclave::session
