// The chances of a simulated network.
#pragma once

#include <cstdint>

namespace conclave::transport::memory {

/// SplitMix64: the same seed gives the same throws on every machine. Never for keys.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  /// Independent dice for one part of a simulation.
  [[nodiscard]] Dice fork(std::uint64_t label) const { return Dice(Dice(state_ ^ (label * 0x9e3779b97f4a7c15u)).next()); }

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  /// True with probability `chance`.
  bool hit(double chance) { return static_cast<double>(next() >> 11) * 0x1.0p-53 < chance; }

  /// 0 to `bound` - 1; 0 when there is no choice.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }

 private:
  std::uint64_t state_;
};

}  // namespace conclave::transport::memory
