#include "sframe/replay_window.h"

#include <algorithm>

namespace conclave::sframe {

ReplayWindow::Verdict ReplayWindow::take(std::uint64_t counter) {
  const std::uint64_t block = counter / block_bits;
  if (counter > newest_) {
    const std::uint64_t newest_block = newest_ / block_bits;
    const std::uint64_t steps = std::min(block - newest_block, blocks);
    for (std::uint64_t step = 1; step <= steps; ++step) bitmap_[(newest_block + step) % blocks] = 0;
    newest_ = counter;
  } else if (newest_ - counter >= size) {
    return Verdict::too_old;
  }
  std::uint64_t& bits = bitmap_[block % blocks];
  const std::uint64_t bit = std::uint64_t{1} << (counter % block_bits);
  if ((bits & bit) != 0) return Verdict::replayed;
  bits |= bit;
  return Verdict::fresh;
}

}  // namespace conclave::sframe
