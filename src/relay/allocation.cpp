#include "relay/allocation.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace conclave::relay {
namespace {

constexpr double reserve = 1.125;
constexpr double dearer_to_begin = 1.25;  // a sound that is given stays unless another is a fifth cheaper
constexpr double usual_sound = 100'000;   // bit/s with all headers: more is not kept whatever it costs

class Division {
 public:
  Division(const std::vector<Demand>& demands, double budget, double beside, double tolerance)
      : demands_(demands), left_(budget), beside_(beside), tolerated_(tolerance * budget) {
    result_.steps.resize(demands.size());
    order_.resize(demands.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::ranges::stable_sort(order_, [&](std::size_t a, std::size_t b) { return comes_first(a, b); });
  }

  Allocation run() {
    for (const std::size_t demand : order_) {
      if (!demands_[demand].sound) left_ -= std::exchange(beside_, 0);
      begin(demand);
    }
    for (bool raised = true; raised;) {
      raised = false;
      for (const std::size_t demand : order_) raised |= result_.steps[demand] && raise(demand, *result_.steps[demand] + 1);
    }
    return std::move(result_);
  }

 private:
  [[nodiscard]] int kind(std::size_t demand) const { return demands_[demand].sound ? 8 : demands_[demand].priority; }

  /// Of sounds that the receiver ranks alike the cheapest: one that is dear, or says much without being anybody's, does not silence those who speak.
  [[nodiscard]] bool comes_first(std::size_t a, std::size_t b) const {
    if (kind(a) != kind(b)) return kind(a) > kind(b);
    if (demands_[a].rank != demands_[b].rank) return demands_[a].rank > demands_[b].rank;
    return demands_[a].sound && cost(demands_[a]) < cost(demands_[b]);
  }

  [[nodiscard]] static double cost(const Demand& sound) { return sound.ladder.front().rate * (sound.current ? 1 : dearer_to_begin); }

  void begin(std::size_t demand) {
    const double least = demands_[demand].ladder.front().rate;
    const bool first_sound = demands_[demand].sound && result_.rate == 0 && least <= usual_sound;
    const bool stays = demands_[demand].current && least <= left_ + tolerated_;
    if (first_sound || stays) take(demand, 0, least);
    else (void)raise(demand, 0);
  }

  bool raise(std::size_t demand, std::size_t step) {
    const Demand& wish = demands_[demand];
    if (step >= wish.ladder.size()) return false;
    const auto before = result_.steps[demand];
    const double extra = wish.ladder[step].rate - (before ? wish.ladder[*before].rate : 0);
    const bool better = !wish.current || step > *wish.current;
    if (extra * (better ? reserve : 1) > left_) return false;
    take(demand, step, extra);
    return true;
  }

  void take(std::size_t demand, std::size_t step, double extra) {
    result_.steps[demand] = step;
    result_.rate += extra;
    if (demands_[demand].sound) result_.sounds += extra;
    left_ -= extra;
  }

  const std::vector<Demand>& demands_;
  double left_;
  double beside_;
  double tolerated_;
  std::vector<std::size_t> order_;
  Allocation result_;
};

}  // namespace

Allocation allocate(const std::vector<Demand>& demands, double budget, double beside, double tolerance) {
  return Division(demands, budget, beside, tolerance).run();
}

std::optional<double> next_improvement(const std::vector<Demand>& demands, const Allocation& allocation) {
  std::optional<double> least;
  for (std::size_t i = 0; i < demands.size(); ++i) {
    const Ladder& ladder = demands[i].ladder;
    const std::size_t next = allocation.steps[i] ? *allocation.steps[i] + 1 : 0;
    if (next >= ladder.size()) continue;
    const double extra = ladder[next].rate - (next == 0 ? 0 : ladder[next - 1].rate);
    if (!least || allocation.rate + extra * reserve < *least) least = allocation.rate + extra * reserve;
  }
  return least;
}

}  // namespace conclave::relay
