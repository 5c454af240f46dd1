// Randomness, injected where a test or a simulation has to replay it.
#pragma once

#include <array>
#include <cstdint>

#include "conclave/bytes.h"

namespace conclave::crypto {

/// A source of random bytes. Not thread-safe unless the implementation says so.
class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;
  virtual void fill(ByteSpan out) = 0;
};

/// The operating system's generator, through libsodium. Thread-safe; lives for ever.
Random& system_random();

/// A ChaCha20 stream from a seed: the same seed gives the same bytes. For tests and simulations only.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed);
  void fill(ByteSpan out) override;

 private:
  std::array<std::uint8_t, 32> key_{};
  std::uint64_t block_ = 0;
};

}  // namespace conclave::crypto
