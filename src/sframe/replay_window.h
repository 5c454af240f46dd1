// Which counters of one key were seen (RFC 6479).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace conclave::sframe {

/// A bitmap over the latest counters, in blocks that are reused as a ring. The zero value is ready to use.
class ReplayWindow {
 public:
  /// How far behind the newest counter one may come and still be told from a replay.
  static constexpr std::uint64_t size = 1024;

  enum class Verdict : std::uint8_t { fresh, replayed, too_old };

  /// What `take` would say of a counter, which stays to be taken.
  [[nodiscard]] Verdict look(std::uint64_t counter) const;
  /// Takes the counter of an authentic frame: `fresh` once, then `replayed`; `too_old` when `size` or more behind the newest.
  Verdict take(std::uint64_t counter);

 private:
  static constexpr std::uint64_t block_bits = 64;
  // One block more than the window, since the newest block is only partly used.
  static constexpr std::uint64_t blocks = size / block_bits + 1;

  std::array<std::uint64_t, blocks> bitmap_{};
  std::uint64_t newest_ = 0;
};

}  // namespace conclave::sframe
