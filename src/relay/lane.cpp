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

std::uint64_t Lane::sequence(std::uint64_t number) const {
  std::uint64_t sequence = number + forgotten_;
  for (const std::uint64_t skipped : skipped_) {
    if (skipped > sequence) break;
    ++sequence;
  }
  return sequence;
}

}  // namespace conclave::relay
