#include "sframe/replay_window.h"

#include <algorithm>

namespace conclave::sframe {

ReplayWindow::Verdict ReplayWindow::look(std::uint64_t counter) const {
  if (counter > newest_) return Verdict::fresh;
  if (newest_ - counter >= size) return Verdict::too_old;
  const std::uint64_t block = in_newest_block(counter) ? newest_block_ : older_[counter / block_bits % older_blocks];
  const std::uint64_t seen = block >> (counter % block_bits) & 1;
  return seen != 0 ? Verdict::replayed : Verdict::fresh;
}

ReplayWindow::Verdict ReplayWindow::take(std::uint64_t counter) {
  const Verdict verdict = look(counter);
  if (verdict != Verdict::fresh) return verdict;
  if (counter > newest_) advance_to(counter);
  std::uint64_t& block = in_newest_block(counter) ? newest_block_ : older_[counter / block_bits % older_blocks];
  block |= std::uint64_t{1} << (counter % block_bits);
  return Verdict::fresh;
}

void ReplayWindow::advance_to(std::uint64_t counter) {
  const std::uint64_t from = newest_ / block_bits;
  const std::uint64_t to = counter / block_bits;
  newest_ = counter;
  if (to == from) return;
  older_[from % older_blocks] = newest_block_;
  const std::uint64_t skipped = std::min(to - from - 1, older_blocks);
  for (std::uint64_t step = 1; step <= skipped; ++step) older_[(from + step) % older_blocks] = 0;
  newest_block_ = 0;
}

}  // namespace conclave::sframe
