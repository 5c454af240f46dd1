// Who stands at the door, as who admits sees it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "conclave/bytes.h"

namespace conclave::conference {

/// A checked knock. What is admitted is this key package, whatever the relay says under the same id later.
struct WaitingKnock {
  std::uint64_t relay_id = 0;
  Bytes key_package;
  bool invited = false;  ///< by a personal invitation, or remembered by its key
};

/// Gives each knock an id of our own, never used again: a relay that swaps who stands behind its id swaps nothing here.
class WaitingKnocks {
 public:
  static constexpr std::size_t max_knocks = 256;

  /// Those who come by a personal invitation or are contacts of ours, and those who are neither, take no place from each other.
  [[nodiscard]] bool full(bool invited) const {
    return static_cast<std::size_t>(std::ranges::count_if(knocks_, [&](const auto& each) { return each.second.invited == invited; })) >= max_knocks;
  }
  [[nodiscard]] bool has_relay_id(std::uint64_t relay_id) const { return find_relay_id(relay_id).has_value(); }

  /// The id by which the application names it from now on.
  std::uint64_t add(WaitingKnock knock) {
    knocks_.emplace(next_id_, std::move(knock));
    return next_id_++;
  }

  /// Takes a knock out, to be answered.
  std::optional<WaitingKnock> take(std::uint64_t id) {
    auto node = knocks_.extract(id);
    return node.empty() ? std::nullopt : std::optional(std::move(node.mapped()));
  }

  /// Nobody waits any more; the ids of those who did.
  std::vector<std::uint64_t> clear() {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, knock] : knocks_) ids.push_back(id);
    knocks_.clear();
    return ids;
  }

  /// Who knocked has gone: our id for it, if it was waiting.
  std::optional<std::uint64_t> withdraw(std::uint64_t relay_id) {
    const auto id = find_relay_id(relay_id);
    if (id) knocks_.erase(*id);
    return id;
  }

 private:
  [[nodiscard]] std::optional<std::uint64_t> find_relay_id(std::uint64_t relay_id) const {
    for (const auto& [id, knock] : knocks_) {
      if (knock.relay_id == relay_id) return id;
    }
    return std::nullopt;
  }

  std::map<std::uint64_t, WaitingKnock> knocks_;
  std::uint64_t next_id_ = 1;
};

}  // namespace conclave::conference
