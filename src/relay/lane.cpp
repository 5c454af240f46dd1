#include "relay/lane.h"

#include <algorithm>

namespace conclave::relay {

void Lane::skip(std::uint64_t sequence) {
  if (sequence < next_) return;  // later ones have gone with a number behind it
  skipped_.push_back(sequence);
  if (skipped_.size() <= remembered) return;
  skipped_.pop_front();
  ++forgotten_;
}

std::uint64_t Lane::number(std::uint64_t sequence) const {
  const auto before = std::lower_bound(skipped_.begin(), skipped_.end(), sequence) - skipped_.begin();
  return sequence - forgotten_ - static_cast<std::uint64_t>(before);
}

/// Before the k-th that was left out as many were carried as its sequence is beyond k: these counts ascend.
std::uint64_t Lane::sequence(std::uint64_t number) const {
  std::size_t before = 0;
  for (std::size_t end = skipped_.size(); before < end;) {
    const std::size_t middle = before + (end - before) / 2;
    if (skipped_[middle] - middle <= number + forgotten_) before = middle + 1;
    else end = middle;
  }
  return number + forgotten_ + before;
}

}  // namespace conclave::relay
