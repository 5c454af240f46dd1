// Who gets what of a narrow path: sound first, then a small picture of everybody, then better ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "relay/layer_rates.h"

namespace conclave::relay {

/// One stream that a receiver wants.
struct Demand {
  bool sound = false;
  std::uint8_t priority = 0;
  Ladder ladder;                       ///< not empty
  std::optional<std::size_t> current;  ///< the step that it gets now; nothing: none
  std::uint8_t rank = 0;               ///< among those of its kind, as its receiver wishes
};

/// The step of each demand, or nothing: paused.
struct Allocation {
  std::vector<std::optional<std::size_t>> steps;
  double rate = 0;    ///< of all of them
  double sounds = 0;  ///< of it
};

/// Fits `demands`, in order, into `budget` bits a second. What would be better than now has to leave an eighth of its cost free, so that a
/// rate that wavers changes nothing; and the least of what is given now is only taken away when it exceeds the budget by a seventh: a cut
/// goes that much below what the path carries. Of sounds, and of pictures of one priority, those that the receiver ranks higher come first; of sounds of one rank the cheapest; and those that do not fit are left out; the first is kept in any case, unless it is
/// dearer than any voice.
/// `beside` of the budget is spent otherwise, on what is worth more than pictures and less than sounds.
/// `tolerance` is by how much of the budget what is given now may exceed it.
Allocation allocate(const std::vector<Demand>& demands, double budget, double beside = 0, double tolerance = 0.15);

/// The cheapest improvement of `allocation` that there is: what it would cost in all. Nothing when everything is at its best.
std::optional<double> next_improvement(const std::vector<Demand>& demands, const Allocation& allocation);

}  // namespace conclave::relay
