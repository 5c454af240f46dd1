// Which counters of one key were seen (RFC 6479).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace conclave::sframe {

/// A bitmap over the latest counters, in blocks. The zero value is ready to use.
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
  // Beside the newest block, which is only partly used, as many as the window has.
  static constexpr std::uint64_t older_blocks = size / block_bits;

  [[nodiscard]] bool in_newest_block(std::uint64_t counter) const { return counter / block_bits == newest_ / block_bits; }
  /// Makes `counter` the newest; what fell out of the window is forgotten.
  void advance_to(std::uint64_t counter);

  // In front: what each frame in order touches is 16 bytes, and lies in a cache line with other things of its stream.
  std::uint64_t newest_ = 0;
  std::uint64_t newest_block_ = 0;                   ///< the bits of the block that `newest_` is in
  std::array<std::uint64_t, older_blocks> older_{};  ///< a ring
};

}  // namespace conclave::sframe
