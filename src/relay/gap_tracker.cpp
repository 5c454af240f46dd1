#include "relay/gap_tracker.h"

#include <algorithm>

namespace conclave::relay {

void GapTracker::arrived(std::uint64_t sequence, Time now) {
  if (next_ == 0) next_ = sequence;
  if (sequence < next_) {
    std::erase_if(missing_, [&](const Missing& gap) { return gap.sequence == sequence; });
    return;
  }
  if (sequence - next_ > limits_.gaps) missing_.clear();
  else {
    for (std::uint64_t gap = next_; gap < sequence; ++gap) missing_.push_back({gap, now + limits_.reorder_delay, 0});
    if (missing_.size() > limits_.gaps) missing_.erase(missing_.begin(), missing_.end() - static_cast<std::ptrdiff_t>(limits_.gaps));
  }
  next_ = sequence + 1;
}

std::vector<std::uint64_t> GapTracker::due(Time now) {
  std::vector<std::uint64_t> out;
  for (Missing& gap : missing_) {
    if (gap.ask > now) continue;
    gap.ask = now + limits_.nack_interval;
    if (gap.tries++ < limits_.nack_tries) out.push_back(gap.sequence);
  }
  std::erase_if(missing_, [&](const Missing& gap) { return gap.tries > limits_.nack_tries; });
  return out;
}

Time GapTracker::next_deadline() const {
  Time next = never;
  for (const Missing& gap : missing_) next = std::min(next, gap.ask);
  return next;
}

}  // namespace conclave::relay
