#include "relay/waiting_room.h"

#include <algorithm>
#include <utility>

namespace conclave::relay {

const Knocker* WaitingRoom::add(Knocker knocker, Time now) {
  const auto waiting = std::ranges::count_if(knockers_, [&](const auto& each) { return each.second.in_lane == knocker.in_lane; });
  if (static_cast<std::size_t>(waiting) >= (knocker.in_lane ? limits_.lane_knocks : limits_.knocks)) return nullptr;
  knocker.knock_id = next_id_++;
  knocker.expires = now + limits_.knock_timeout;
  return &knockers_.emplace(knocker.knock_id, std::move(knocker)).first->second;
}

Knocker* WaitingRoom::find(std::uint64_t knock_id) {
  const auto found = knockers_.find(knock_id);
  return found == knockers_.end() ? nullptr : &found->second;
}

const Knocker* WaitingRoom::find_connection(transport::ConnectionId connection) const {
  for (const auto& [id, knocker] : knockers_) {
    if (knocker.connection == connection) return &knocker;
  }
  return nullptr;
}

std::optional<Knocker> WaitingRoom::take(std::uint64_t knock_id) {
  auto node = knockers_.extract(knock_id);
  if (node.empty()) return std::nullopt;
  return std::move(node.mapped());
}

std::vector<std::uint64_t> WaitingRoom::expired(Time now) const {
  std::vector<std::uint64_t> out;
  for (const auto& [id, knocker] : knockers_) {
    if (knocker.expires <= now) out.push_back(id);
  }
  return out;
}

std::vector<std::uint64_t> WaitingRoom::released(Time now) const {
  std::vector<std::uint64_t> out;
  for (const auto& [id, knocker] : knockers_) {
    if (knocker.held && knocker.held->release <= now) out.push_back(id);
  }
  return out;
}

Time WaitingRoom::next_deadline() const {
  Time next = never;
  for (const auto& [id, knocker] : knockers_) {
    next = std::min(next, knocker.expires);
    if (knocker.held) next = std::min(next, knocker.held->release);
  }
  return next;
}

}  // namespace conclave::relay
