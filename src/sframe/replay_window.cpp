#include "sframe/replay_window.h"

#include <algorithm>

namespace conclave::sframe {

ReplayWindow::Verdict ReplayWindow::look(std::uint64_t counter) const {
  if (counter > newest_) return Verdict::fresh;
  if (newest_ - counter >= size) return Verdict::too_old;
  const std::uint64_t seen = bitmap_[counter / block_bits % blocks] >> (counter % block_bits) & 1;
  return seen != 0 ? Verdict::replayed : Verdict::fresh;
}

ReplayWindow::Verdict ReplayWindow::take(std::uint64_t counter) {
  const Verdict verdict = look(counter);
  if (verdict != Verdict::fresh) return verdict;
  const std::uint64_t block = counter / block_bits;
  if (counter > newest_) {
    const std::uint64_t newest_block = newest_ / block_bits;
    const std::uint64_t steps = std::min(block - newest_block, blocks);
    for (std::uint64_t step = 1; step <= steps; ++step) bitmap_[(newest_block + step) % blocks] = 0;
    newest_ = counter;
  }
  bitmap_[block % blocks] |= std::uint64_t{1} << (counter % block_bits);
  return Verdict::fresh;
}

}  // namespace conclave::sframe
