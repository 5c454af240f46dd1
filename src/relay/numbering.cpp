#include "relay/numbering.h"

#include <algorithm>

namespace conclave::relay {

void Numbering::enter(LayerChoice lane, std::uint64_t next) {
  const std::uint64_t first = parts_.empty() ? next : resting_at_;
  parts_.push_back({lane, first, first - next});
  if (parts_.size() > remembered) parts_.pop_front();
  in_lane_ = true;
}

void Numbering::leave(std::uint64_t next) {
  if (!in_lane_) return;
  resting_at_ = next + offset();
  in_lane_ = false;
}

std::optional<std::uint64_t> Numbering::number_of(LayerChoice lane, std::uint64_t number) const {
  std::uint64_t end = UINT64_MAX;
  for (auto part = parts_.rbegin(); part != parts_.rend(); end = part->first, ++part) {
    const std::uint64_t own = number + part->offset;
    if (part->lane == lane && own >= part->first && own < end) return own;
  }
  return std::nullopt;
}

void Numbering::leave_out(std::uint64_t own) {
  auto part = parts_.begin();
  while (part != parts_.end() && part->first <= own) ++part;
  if (part == parts_.begin()) return;  // forgotten long ago
  for (auto later = part; later != parts_.end(); ++later) {
    --later->first;
    --later->offset;
  }
  Part& holder = *(part - 1);
  if (holder.first == own) --holder.offset;
  else parts_.insert(part, {holder.lane, own, holder.offset - 1});
  if (parts_.size() > remembered) parts_.pop_front();
}

void Numbering::stop_at(std::uint64_t own) {
  while (parts_.size() > 1 && parts_.back().first > own) parts_.pop_back();
  resting_at_ = own;
  in_lane_ = false;
}

std::optional<Numbering::Place> Numbering::find(std::uint32_t own_low, std::uint64_t next) const {
  constexpr std::uint64_t numbers = std::uint64_t{1} << 24;
  if (parts_.empty()) return std::nullopt;
  const std::uint64_t own_next = in_lane_ ? next + offset() : resting_at_;
  const std::uint64_t back = (own_next - own_low) % numbers;
  if (back == 0 || back > numbers / 2 || back > own_next) return std::nullopt;
  const std::uint64_t own = own_next - back;
  const auto part = std::find_if(parts_.rbegin(), parts_.rend(), [&](const Part& each) { return each.first <= own; });
  if (part == parts_.rend()) return std::nullopt;
  return Place{part->lane, own - part->offset};
}

}  // namespace conclave::relay
